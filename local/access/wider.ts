/**
 * Wildcards that allow more than calls used. What is told and what isn't, so that what is told is worth reading:
 * - An action with a wildcard is wide, unless it is an action that was used with the variants of its name: `s3:GetObject*` for
 *   `s3:GetObject`, as the CDK's own grants have it.
 * - A resource is wide where it takes in every resource (`*`), every one of a type (`…:table/*`) or every key of a bucket, and calls used a
 *   few of them only: at most five resources; or keys, more than one, that lie in at most five folders. A wildcard for a part of something
 *   that is named (`…:function:Check:*`, `bucket/reports/*`) isn't, nor one for a region or an account, of which the runner has one.
 * - A folder whose name has a digit in it is a date, a number or an id: data, and no prefix to grant.
 */
import type { WidePermission, WildcardUse } from './types';

const MOST = 5;

/** @param uses of one run or of several on the same stacks: a wildcard is judged by all of its uses together */
export function widerThanUsed(uses: readonly WildcardUse[]): WidePermission[] {
  return together(uses).flatMap(({ used, ...wildcard }) => {
    const enough = wildcard.element === 'Action' ? enoughActions(wildcard.pattern, used) : enoughResources(wildcard.pattern, used);
    return enough ? [{ ...wildcard, enough }] : [];
  });
}

function together(uses: readonly WildcardUse[]): WildcardUse[] {
  const found = new Map<string, WildcardUse>();
  for (const use of uses) {
    const key = JSON.stringify([use.role, use.statement, use.element, use.pattern]);
    found.set(key, { ...use, used: [...new Set([...(found.get(key)?.used ?? []), ...use.used])] });
  }
  return [...found.values()];
}

function enoughActions(pattern: string, used: readonly string[]): readonly string[] | undefined {
  const variants = used.some((action) => `${action}*`.toLowerCase() === pattern.toLowerCase());
  return variants ? undefined : used;
}

function enoughResources(pattern: string, used: readonly string[]): readonly string[] | undefined {
  const partOf = narrowing(pattern);
  // One key says nothing of the others.
  if (partOf === undefined || (partOf === folderOf && used.length < 2)) return undefined;
  const parts = [...new Set(used.map(partOf))];
  const enough = parts.filter((part) => part !== undefined);
  return enough.length < parts.length || parts.length > MOST ? undefined : enough;
}

type PartOf = (resource: string) => string | undefined;

/** How what was used of a wildcard is narrowed down; nothing for a wildcard that is narrow itself. */
function narrowing(pattern: string): PartOf | undefined {
  if (/^arn:[^:]+:s3:::[^/*?]+\/\*$/.test(pattern)) return folderOf;
  return /^(\*|arn:[^:*?]+:[^:*?]+:(\*|[^:]*:[^:]*:([^:/*?]+[:/])?\*))$/.test(pattern) ? namedPart : undefined;
}

/**
 * What was used of one wildcard, as much of it as `widerThanUsed` needs: two resources, and one for each further part; when it has more parts
 * than it would tell, no more. There may be a million objects.
 */
export class Evidence {
  readonly used: string[] = [];
  readonly #parts = new Set<string | undefined>();
  readonly #partOf: PartOf;
  readonly #isResource: boolean;

  constructor(element: WildcardUse['element'], pattern: string) {
    this.#isResource = element === 'Resource';
    this.#partOf = this.#isResource ? (narrowing(pattern) ?? (() => undefined)) : (action) => action;
  }

  add(value: string): void {
    if (this.#isResource && this.#parts.size > MOST) return;
    const part = this.#partOf(value);
    if (this.#parts.has(part) && (this.used.length > 1 || this.used.includes(value))) return;
    this.#parts.add(part);
    this.used.push(value);
  }
}

/** `bucket/reports/a.json`: `bucket/reports/*`. */
function folderOf(object: string): string | undefined {
  const [bucket = '', folder = '', ...rest] = object.split('/', 3);
  return rest.length === 0 || folder === '' || /\d/.test(folder) ? undefined : `${bucket}/${folder}/*`;
}

/** The resource as the template names it, without what calls add: `…:execution:Machine:id` is one of `…:execution:Machine:*`. */
function namedPart(arn: string): string | undefined {
  // An action that takes no resource needs `*`.
  if (arn.includes('*')) return undefined;
  const [prefix = '', rest = ''] = split(arn);
  // A job of AWS Batch has no name but its id.
  if (/^arn:[^:]+:batch:/.test(prefix) && rest.startsWith('job/')) return undefined;
  const [first = '', delimiter = '', name = '', next] = rest.split(/([:/])/);
  if (/^arn:[^:]+:s3:/.test(prefix)) return delimiter === '' ? arn : `${prefix}${first}/*`;
  return next === undefined ? arn : `${prefix}${first}${delimiter}${name}${next}*`;
}

function split(arn: string): readonly string[] {
  return /^((?:[^:]*:){5})(.*)$/s.exec(arn)?.slice(1) ?? [];
}
