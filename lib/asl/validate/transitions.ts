import type { Json, JsonObject } from '../json';
import { isObject, member } from '../json';
import { type Findings, TRANSITION } from './diagnostic';

/** Whether a workflow can end there. */
export function isTerminal(state: Json): boolean {
  return isObject(state) && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail');
}

/** Whether every target is there, and every state can be reached. */
export function validateTransitions(start: string, states: JsonObject, at: string, findings: Findings): void {
  const reached = new Set<string>();
  const queue = [start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const state = member(states, name);
    if (reached.has(name) || !isObject(state)) continue;
    reached.add(name);
    queue.push(...targets(state).map((t) => t.name));
  }
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) continue;
    for (const target of targets(state)) {
      if (!Object.hasOwn(states, target.name)) {
        findings.error(`${at}/States/${name}/${target.field}`, `Missing 'Next' target: ${target.name}`, TRANSITION);
      }
    }
  }
  // Where nothing ends the workflow, AWS says no more than that.
  if (at === '' && !Object.values(states).some(isTerminal)) return;
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) findings.error(`${at}/States/${name}`, `State "${name}" is not reachable.`, TRANSITION);
  }
}

/** The states that a state can lead to, and the fields that say so. */
export function targets(state: JsonObject): { readonly name: string; readonly field: string }[] {
  const found: { name: string; field: string }[] = [];
  const add = (value: unknown, field: string) => {
    if (typeof value === 'string') found.push({ name: value, field });
  };
  add(state.Next, 'Next');
  if (state.Type === 'Choice') add(state.Default, 'Default');
  for (const field of ['Catch', 'Choices']) {
    const list = state[field];
    if (Array.isArray(list)) for (const [i, entry] of list.entries()) if (isObject(entry)) add(entry.Next, `${field}[${i}]/Next`);
  }
  return found;
}
