import type { QueryLanguage } from '../definition';
import type { Json, JsonObject } from '../json';
import { isObject, member } from '../json';
import { Quota } from '../quotas';
import { type Findings, TRANSITION } from './diagnostic';
import { checkFields, EMPTY, type Fields, integer, LANGUAGE, NESTED_WORKFLOW, oneOf, requireFields, tooLong } from './fields';
import { languageOf, validateState } from './state';
import { refuseReusedVariables, warnOfUnknownVariables } from './variables';

/** Where a workflow stands, and what holds for the states in it. */
export interface Surrounding {
  readonly at: string;
  readonly language: QueryLanguage;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly findings: Findings;
  /** All state names of the machine: they must differ, across nested workflows too. */
  readonly names: Set<string>;
  /** All labels of its Maps. */
  readonly labels: Set<string>;
}

const MACHINE: Fields = { ...NESTED_WORKFLOW, QueryLanguage: LANGUAGE, Version: oneOf('1.0'), TimeoutSeconds: integer(0) };

export function validateMachine(definition: JsonObject, type: 'STANDARD' | 'EXPRESS', findings: Findings): void {
  const language = languageOf(definition.QueryLanguage);
  checkFields(definition, MACHINE, language, '', findings);
  validateWorkflow(definition, { at: '', language, type, findings, names: new Set(), labels: new Set() });
  if (isObject(definition.States) && !Object.values(definition.States).some(isTerminal)) findings.noEnd();
  // What a broken definition says of its variables would only confuse.
  if (findings.diagnostics.some((d) => d.severity === 'ERROR')) return;
  refuseReusedVariables(definition, findings);
  warnOfUnknownVariables(definition, language, new Set(), '', findings);
}

function isTerminal(state: Json): boolean {
  return isObject(state) && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail');
}

/** StartAt and States, each state, and whether each can be reached and the workflow can end. */
export function validateWorkflow(workflow: JsonObject, surrounding: Surrounding): void {
  const { at, findings } = surrounding;
  if (!requireFields(workflow, ['States', 'StartAt'], at, findings)) return;
  const { StartAt, States } = workflow;
  if (!isObject(States) || typeof StartAt !== 'string') return;
  if (Object.keys(States).length === 0) {
    findings.error(`${at}/States`, EMPTY);
  }
  if (!Object.hasOwn(States, StartAt)) findings.error(`${at}/StartAt`, `Missing 'Next' target: ${StartAt}`, TRANSITION);
  for (const [name, state] of Object.entries(States)) {
    const where = `${at}/States/${name}`;
    if (name.length > Quota.STATE_NAME_CHARACTERS) {
      findings.error(where, tooLong('State name', name, Quota.STATE_NAME_CHARACTERS), 'INVALID_STATE_NAME');
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
