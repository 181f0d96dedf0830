import type { JsonObject } from '../json';
import { isObject } from '../json';
import { Quota } from '../quotas';
import { type Findings, TRANSITION } from './diagnostic';
import { checkFields, EMPTY, type Fields, integer, LANGUAGE, NESTED_WORKFLOW, oneOf, requireFields, tooLong } from './fields';
import { languageOf, validateState } from './state';
import type { Surrounding } from './surrounding';
import { isTerminal, validateTransitions } from './transitions';
import { refuseReusedVariables, warnOfUnknownVariables } from './variables';

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
