import type { QueryLanguage } from '../definition';
import type { JsonObject } from '../json';
import { isObject, member } from '../json';
import { Quota } from '../quotas';
import { type Findings, TRANSITION } from './diagnostic';
import { checkFields, type Fields, integer, NESTED_WORKFLOW, oneOf, requireFields } from './fields';
import { validateState } from './state';
import { warnOfUnknownVariables } from './variables';

/** Where a workflow stands, and what holds for the states in it. */
export interface Surrounding {
  readonly at: string;
  readonly language: QueryLanguage;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly findings: Findings;
  /** All state names of the machine: they must differ, across nested workflows too. */
  readonly names: Set<string>;
}

const MACHINE: Fields = { ...NESTED_WORKFLOW, Version: oneOf('1.0'), TimeoutSeconds: integer(1) };

export function validateMachine(definition: JsonObject, type: 'STANDARD' | 'EXPRESS', findings: Findings): void {
  const language = definition.QueryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath';
  checkFields(definition, MACHINE, language, '', findings);
  validateWorkflow(definition, { at: '', language, type, findings, names: new Set() });
  // What a broken definition says of its variables would only confuse.
  if (findings.diagnostics.every((d) => d.severity !== 'ERROR')) warnOfUnknownVariables(definition, language, new Set(), '', findings);
}

/** StartAt and States, each state, and whether each can be reached and the workflow can end. */
export function validateWorkflow(workflow: JsonObject, surrounding: Surrounding): void {
  const { at, findings } = surrounding;
  if (!requireFields(workflow, ['States', 'StartAt'], at, findings)) return;
  const { StartAt, States } = workflow;
  if (!isObject(States) || typeof StartAt !== 'string') return;
  if (Object.keys(States).length === 0) {
    findings.error(`${at}/States`, 'At least one state is required');
    return;
  }
  if (!Object.hasOwn(States, StartAt)) findings.error(`${at}/StartAt`, `Missing 'Next' target: ${StartAt}`, TRANSITION);
  for (const [name, state] of Object.entries(States)) {
    const where = `${at}/States/${name}`;
    if (name.length > Quota.STATE_NAME_CHARACTERS) {
      findings.error(where, `State name cannot exceed ${Quota.STATE_NAME_CHARACTERS} characters, got ${name.length}`);
    }
    if (surrounding.names.has(name)) findings.error(where, `Duplicate State name: ${name}`, 'DUPLICATE_STATE_NAME');
    surrounding.names.add(name);
    if (isObject(state)) validateState(state, { ...surrounding, at: where });
    else findings.error(where, 'Expected value of type Object');
  }
  validateTransitions(StartAt, States, at, findings);
}

function validateTransitions(start: string, states: JsonObject, at: string, findings: Findings): void {
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
    if (!reached.has(name) && Object.hasOwn(states, start))
      findings.error(`${at}/States/${name}`, `State "${name}" is not reachable.`, TRANSITION);
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
