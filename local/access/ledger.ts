/** What was used, what was refused, and what nobody used. */
import type { Allowed } from './evaluate';
import type { Lookup } from './pattern';
import { type Call, type PatternList, partsOf, type Statement } from './policy-document';
import type { DeniedCall, UnusedPermission, UsedPermission, WildcardUse } from './types';
import { Evidence } from './wider';

/** Says whether an unused action on a resource is one that AWS itself uses, which no call shows. */
export type Excuse = (action: string, resource: string) => boolean;

/** What calls used of one statement of a role. */
interface Use {
  /** Which action pattern was used on which resource pattern: `action * resources + resource`. */
  readonly cells: Uint8Array;
  /** For each pattern with a wildcard, what calls used of it. */
  readonly actions: readonly (Evidence | undefined)[];
  readonly resources: readonly (Evidence | undefined)[];
}

interface Entry {
  readonly permission: UsedPermission;
  /** The keys of the statements that allowed it. */
  readonly by: string[];
  /** Since when it is settled. */
  settled?: number;
}

export class Ledger {
  readonly denied: DeniedCall[] = [];
  readonly #used = new Map<string, Entry>();
  #changes = 0;
  /** By role and statement. A policy that is put again as it was keeps its marks. */
  readonly #uses = new Map<string, Use>();

  get used(): readonly UsedPermission[] {
    return [...this.#used.values()].map(({ permission }) => permission);
  }

  /** Whether such a call was allowed, and counted, and will be allowed again until a policy changes. */
  isSettled(key: string): boolean {
    return this.#used.get(key)?.settled === this.#changes;
  }

  unsettle(): void {
    this.#changes++;
  }

  use(key: string, role: string, call: Call, allowed: Allowed, isSettled: boolean): void {
    let entry = this.#used.get(key);
    if (entry === undefined) {
      const allowedBy = (allowed.identity[0] ?? allowed.resource[0])?.label ?? '';
      entry = { permission: { role, action: call.action, resource: call.resource, allowedBy }, by: [] };
      this.#used.set(key, entry);
    }
    if (isSettled) entry.settled = this.#changes;
    for (const statement of allowed.identity) {
      if (entry.by.includes(statement.key)) continue;
      entry.by.push(statement.key);
      this.#mark(role, statement, call);
    }
  }

  /** The parts of one Allow statement that no call used. */
  unused(role: string, statement: Statement, excused: Excuse): readonly UnusedPermission[] {
    const actions = partsOf(statement.actions);
    const resources = partsOf(statement.resources);
    const use = this.#uses.get(useKey(role, statement));
    const isUsed = (action: number, resource: number) => use?.cells[action * resources.length + resource] === 1;
    const found = new Groups();
    actions.forEach((action, a) => {
      const left = resources.filter((resource, r) => !isUsed(a, r) && !excused(action, resource));
      if (left.length > 0) found.add(action, left);
    });
    return found.entries.map((entry) => ({ role, ...entry }));
  }

  /** What calls used of the wildcards of one Allow statement. */
  wildcards(role: string, statement: Statement): readonly WildcardUse[] {
    const use = this.#uses.get(useKey(role, statement));
    const of = (element: WildcardUse['element'], { patterns }: PatternList, evidence: readonly (Evidence | undefined)[] = []) =>
      patterns.flatMap(({ text }, i): WildcardUse[] => {
        const used = evidence[i]?.used ?? [];
        return used.length > 0 ? [{ role, statement: statement.label, element, pattern: text, used }] : [];
      });
    return [...of('Action', statement.actions, use?.actions), ...of('Resource', statement.resources, use?.resources)];
  }

  #mark(role: string, statement: Statement, call: Call): void {
    const key = useKey(role, statement);
    let use = this.#uses.get(key);
    if (use === undefined) {
      const cells = new Uint8Array(partCount(statement.actions) * partCount(statement.resources));
      use = { cells, actions: evidenceOf('Action', statement.actions), resources: evidenceOf('Resource', statement.resources) };
      this.#uses.set(key, use);
    }
    const columns = partCount(statement.resources);
    const resources = matching(statement.resources, call.resource, call.lookup);
    for (const a of matching(statement.actions, call.actionKey, call.lookup)) {
      for (const r of resources) use.cells[a * columns + r] = 1;
      use.actions[a]?.add(call.action);
    }
    for (const r of resources) use.resources[r]?.add(call.resource);
  }
}

/** One key for a permission; actions are case-insensitive. */
export function keyOf(role: string, action: string, resource: string): string {
  return `${role}\n${action.toLowerCase()}\n${resource}`;
}

function useKey(role: string, statement: Statement): string {
  return `${role}\n${statement.key}`;
}

function partCount({ patterns, negated }: PatternList): number {
  return negated ? 1 : patterns.length;
}

/** A policy variable is no wildcard: what it stands for is known to nobody before the call. */
function evidenceOf(element: WildcardUse['element'], { patterns, negated }: PatternList): readonly (Evidence | undefined)[] {
  if (negated) return [];
  return patterns.map(({ text }) => (/[*?]/.test(text) && !text.includes('${') ? new Evidence(element, text) : undefined));
}

function matching({ patterns, negated }: PatternList, value: string, lookup: Lookup): readonly number[] {
  if (negated) return [0];
  const found: number[] = [];
  for (let i = 0; i < patterns.length; i++) if (patterns[i]?.matches(value, lookup)) found.push(i);
  return found;
}

/** Actions with the same resources are told together. */
class Groups {
  readonly #groups = new Map<string, { actions: string[]; resources: readonly string[] }>();

  add(action: string, resources: readonly string[]): void {
    const key = JSON.stringify(resources);
    const group = this.#groups.get(key);
    if (group) group.actions.push(action);
    else this.#groups.set(key, { actions: [action], resources });
  }

  get entries(): readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[] {
    return [...this.#groups.values()];
  }
}
