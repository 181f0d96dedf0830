/** What was used, what was refused, and what nobody used. */
import type { Call, PatternList, Statement } from './policy-document';
import type { DeniedCall, UnusedPermission, UsedPermission } from './types';

/** Says whether an unused action on a resource is one that AWS itself uses, which no call shows. */
export type Excuse = (action: string, resource: string) => boolean;

export class Ledger {
  readonly denied: DeniedCall[] = [];
  readonly #used = new Map<string, { readonly permission: UsedPermission; readonly by: Set<Statement> }>();
  /** For each statement, which action pattern was used on which resource pattern: `action * resources + resource`. */
  readonly #cells = new Map<Statement, Uint8Array>();

  get used(): readonly UsedPermission[] {
    return [...this.#used.values()].map(({ permission }) => permission);
  }

  use(role: string, call: Call, identity: readonly Statement[], resource: readonly Statement[]): void {
    const key = keyOf(role, call.action, call.resource);
    let entry = this.#used.get(key);
    if (entry === undefined) {
      const allowedBy = (identity[0] ?? resource[0])?.label ?? '';
      entry = { permission: { role, action: call.action, resource: call.resource, allowedBy }, by: new Set() };
      this.#used.set(key, entry);
    }
    for (const statement of identity) {
      if (entry.by.has(statement)) continue;
      entry.by.add(statement);
      this.#mark(statement, call);
    }
  }

  /** The parts of one Allow statement that no call used. */
  unused(role: string, statement: Statement, excused: Excuse): readonly UnusedPermission[] {
    const actions = partsOf(statement.actions);
    const resources = partsOf(statement.resources);
    const cells = this.#cells.get(statement);
    const isUsed = (action: number, resource: number) => cells?.[action * resources.length + resource] === 1;
    const found = new Groups();
    actions.forEach((action, a) => {
      const left = resources.filter((resource, r) => !isUsed(a, r) && !excused(action, resource));
      if (left.length > 0) found.add(action, left);
    });
    return found.entries.map((entry) => ({ role, ...entry }));
  }

  #mark(statement: Statement, call: Call): void {
    const columns = partsOf(statement.resources).length;
    let cells = this.#cells.get(statement);
    if (cells === undefined) {
      cells = new Uint8Array(partsOf(statement.actions).length * columns);
      this.#cells.set(statement, cells);
    }
    const actions = matching(statement.actions, (pattern) => pattern.matches(call.actionKey, call.lookup));
    const resources = matching(statement.resources, (pattern) => pattern.matches(call.resource, call.lookup));
    for (const a of actions) for (const r of resources) cells[a * columns + r] = 1;
  }
}

/** One key for a permission; actions are case-insensitive. */
export function keyOf(role: string, action: string, resource: string): string {
  return `${role}\n${action.toLowerCase()}\n${resource}`;
}

/** What a list grants, part by part. What `NotAction` or `NotResource` grants has one part only: the rest. */
function partsOf({ patterns, negated }: PatternList): readonly string[] {
  const texts = patterns.map((pattern) => pattern.text);
  return negated ? [`all but ${texts.join(', ')}`] : texts;
}

function matching({ patterns, negated }: PatternList, test: (pattern: PatternList['patterns'][number]) => boolean): readonly number[] {
  return negated ? [0] : patterns.flatMap((pattern, index) => (test(pattern) ? [index] : []));
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
