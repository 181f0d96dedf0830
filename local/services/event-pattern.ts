/**
 * Event patterns of EventBridge and filter policies of SNS: one matcher. Sources:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Json } from '../cloud-types';

export type Pattern = { readonly [key: string]: Json };
type Leaf = Exclude<Json, Json[] | { [key: string]: Json }>;

export function matchesPattern(pattern: Pattern, event: Json): boolean {
  return matchesObject(pattern, event);
}

/** Every field must match; of an array of objects, one object must match them all. */
function matchesObject(pattern: Pattern, value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some((element) => matchesObject(pattern, element));
  const object = typeof value === 'object' && value !== null ? value : {};
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or' && Array.isArray(expected)) return expected.some((choice) => matchesObject(choice as Pattern, object));
    if (Array.isArray(expected)) return matchesLeaf(expected, object[key]);
    if (typeof expected !== 'object' || expected === null)
      throw new Error(`Event pattern is not valid: "${key}" must be an object or an array.`);
    return matchesObject(expected, object[key]);
  });
}

/** Any of the array's matchers; of a list of values, any value. */
function matchesLeaf(matchers: readonly Json[], value: Json | undefined): boolean {
  const values = (Array.isArray(value) ? value : [value]).filter((item): item is Leaf => item === null || typeof item !== 'object');
  const present = values.filter((item) => item !== undefined);
  return matchers.some((matcher) => {
    const exists = typeof matcher === 'object' && matcher !== null && !Array.isArray(matcher) ? matcher.exists : undefined;
    // "Exists matching only works on leaf nodes."
    if (exists !== undefined) return exists === present.length > 0;
    return present.some((item) => matchesValue(matcher, item));
  });
}

function matchesValue(matcher: Json, value: Leaf): boolean {
  if (typeof matcher !== 'object' || matcher === null) return matcher === value;
  const [[operator, operand], ...others] = Object.entries(matcher);
  if (Array.isArray(matcher) || others.length > 0) throw new Error(`Event pattern is not valid: ${JSON.stringify(matcher)}`);
  switch (operator) {
    case 'prefix':
      return affix(operand, value, (text, part) => text.startsWith(part));
    case 'suffix':
      return affix(operand, value, (text, part) => text.endsWith(part));
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase();
    case 'wildcard':
      return typeof value === 'string' && wildcard(String(operand)).test(value);
    case 'numeric':
      return typeof value === 'number' && numeric(operand as Json[], value);
    case 'cidr':
      return typeof value === 'string' && inNetwork(String(operand), value);
    case 'anything-but':
      return !anyOf(operand, value);
    default:
      throw new Error(`Event pattern is not valid: unrecognized match type ${operator}`);
  }
}

/** What anything-but excludes: a value, a list of values, or a matcher with one operand or a list of them. */
function anyOf(excluded: Json, value: Leaf): boolean {
  if (Array.isArray(excluded)) return excluded.some((item) => anyOf(item, value));
  if (typeof excluded !== 'object' || excluded === null) return excluded === value;
  return Object.entries(excluded).some(([operator, operand]) =>
    (Array.isArray(operand) ? operand : [operand]).some((item) => matchesValue({ [operator]: item }, value)),
  );
}

function affix(operand: Json, value: Leaf, test: (text: string, part: string) => boolean): boolean {
  if (typeof value !== 'string') return false;
  if (typeof operand === 'string') return test(value, operand);
  const part = (operand as { [key: string]: Json })['equals-ignore-case'];
  if (typeof part !== 'string') throw new Error(`Event pattern is not valid: ${JSON.stringify(operand)}`);
  return test(value.toLowerCase(), part.toLowerCase());
}

/** "*" stands for any characters; "\*" and "\\" for themselves. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([\\*])|(\*)|[.+?^${}()|[\]\\]/g, (found, escaped: string | undefined, star: string | undefined) => {
    if (star) return '.*';
    return `\\${escaped ?? found}`;
  });
  return new RegExp(`^${source}$`, 's');
}

/** `[">", 0, "<=", 5]` */
function numeric(conditions: readonly Json[], value: number): boolean {
  for (let i = 0; i < conditions.length; i += 2) {
    const bound = Number(conditions[i + 1]);
    const holds = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    }[String(conditions[i])];
    if (holds === undefined) throw new Error(`Event pattern is not valid: unrecognized numeric range operator ${conditions[i]}`);
    if (!holds) return false;
  }
  return true;
}

function inNetwork(network: string, address: string): boolean {
  const [base, length] = network.split('/');
  const [wanted, given] = [addressBits(base), addressBits(address)];
  if (wanted === undefined) throw new Error(`Event pattern is not valid: ${network} is no CIDR block`);
  if (given === undefined || given.length !== wanted.length) return false;
  const prefix = length === undefined ? wanted.length : Number(length);
  return given.slice(0, prefix) === wanted.slice(0, prefix);
}

function addressBits(address: string): string | undefined {
  if (isIPv4(address))
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  if (!isIPv6(address)) return undefined;
  const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
