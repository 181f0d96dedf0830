import type { QueryLanguage } from '../definition';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { validateChoices } from './choice';
import type { Findings } from './diagnostic';
import { validateExpressions } from './expressions';
import {
  atMostOne,
  checkFields,
  EMPTY,
  exactlyOne,
  isOtherLanguage,
  NESTED_WORKFLOW,
  otherLanguage,
  requireFields,
  STATE_TYPES,
  stateFields,
} from './fields';
import { validateCatch, validateRetry } from './handlers';
import { validateMap } from './map';
import { validateResource } from './resource';
import type { Surrounding } from './surrounding';
import { warnOfUnevaluated } from './unevaluated';
import { assignments } from './variables';
import { validateWorkflow } from './workflow';

const REQUIRED: Readonly<Record<string, readonly string[]>> = { Task: ['Resource'], Choice: ['Choices'], Parallel: ['Branches'] };

const EXCLUSIVE: readonly (readonly string[])[] = [
  ['TimeoutSeconds', 'TimeoutSecondsPath'],
  ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
  ['Error', 'ErrorPath'],
  ['Cause', 'CausePath'],
  ['MaxConcurrency', 'MaxConcurrencyPath'],
  ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
  ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
];

const TRANSITION_FIELDS = ['Next', 'End'];
const TIMES = ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'];

export function validateState(state: JsonObject, surrounding: Surrounding): void {
  const { at, findings } = surrounding;
  const { Type } = state;
  if (Type === undefined) {
    findings.error(at, "The field 'Type' is required");
    return;
  }
  if (typeof Type !== 'string' || !STATE_TYPES.includes(Type)) {
    findings.error(`${at}/Type`, `The field 'Type' should have one of these values: [${STATE_TYPES.join(', ')}]`);
    return;
  }
  const language = state.QueryLanguage === undefined ? surrounding.language : languageOf(state.QueryLanguage);
  const here = { ...surrounding, language };
  if (surrounding.language === 'JSONata' && state.QueryLanguage === 'JSONPath') {
    findings.error(at, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
    checkOwnFields(state, Type, here);
  } else checkStateFields(state, Type, here);
  requireFields(state, REQUIRED[Type] ?? [], at, findings);
  for (const fields of EXCLUSIVE) atMostOne(state, fields, at, findings);
  checkTransition(state, Type, surrounding);
  checkVariableNames(state, at, findings);
  validateRetry(state.Retry, at, findings);
  validateCatch(state.Catch, here);
  validateExpressions(state, here);
  if (language === 'JSONPath') warnOfUnevaluated(state, at, findings);
  // States inside take the machine's language where they name none, not this state's.
  switch (Type) {
    case 'Task':
      validateTask(state, here);
      break;
    case 'Choice':
      validateChoices(state, here);
      break;
    case 'Wait':
      exactlyOne(state, TIMES, at, findings);
      break;
    case 'Parallel':
      validateBranches(state, surrounding);
      break;
    case 'Map':
      validateMap(state, here, surrounding);
      break;
  }
}

/** Any value but JSONPath counts as JSONata, as measured by others: https://github.com/floci-io/floci/pull/2786 */
export function languageOf(value: Json | undefined): QueryLanguage {
  return value === undefined || value === 'JSONPath' ? 'JSONPath' : 'JSONata';
}

function checkStateFields(state: JsonObject, type: string, here: Surrounding): void {
  const { at, findings, language } = here;
  for (const field of Object.keys(state)) {
    if (isOtherLanguage(type, field, language)) findings.error(at, otherLanguage(field, language));
  }
  checkOwnFields(state, type, here);
}

function checkOwnFields(state: JsonObject, type: string, { at, findings, language }: Surrounding): void {
  const own = Object.entries(state).filter(([field]) => !isOtherLanguage(type, field, language));
  checkFields(Object.fromEntries(own), stateFields(type, language), language, at, findings);
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-name-syntax */
function checkVariableNames(state: JsonObject, at: string, findings: Findings): void {
  for (const { variable, place } of assignments(state, at)) {
    if (variable === 'states') findings.error(place, "Cannot assign to reserved variable '$states'.", 'RESERVED_VARIABLE_NAME');
    else if (!/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(variable)) {
      findings.error(place, `Invalid variable name '${variable}': the variable name contains invalid characters.`, 'INVALID_VARIABLE_NAME');
    }
  }
}

function checkTransition(state: JsonObject, type: string, { at, findings }: Surrounding): void {
  if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return;
  const { End, ...rest } = state;
  exactlyOne(End === true ? state : rest, TRANSITION_FIELDS, at, findings);
}

function validateTask(state: JsonObject, surrounding: Surrounding): void {
  if (typeof state.Resource === 'string') validateResource(state, state.Resource, surrounding);
  const { HeartbeatSeconds, TimeoutSeconds } = state;
  if (typeof HeartbeatSeconds === 'number' && typeof TimeoutSeconds === 'number' && HeartbeatSeconds >= TimeoutSeconds) {
    surrounding.findings.error(
      surrounding.at,
      `HeartbeatSeconds (${HeartbeatSeconds}) must be smaller than TimeoutSeconds (${TimeoutSeconds})`,
    );
  }
}

function validateBranches(state: JsonObject, surrounding: Surrounding): void {
  const { Branches } = state;
  if (!Array.isArray(Branches)) return;
  if (Branches.length === 0) surrounding.findings.error(`${surrounding.at}/Branches`, EMPTY);
  for (const [i, branch] of Branches.entries()) {
    const at = `${surrounding.at}/Branches[${i}]`;
    if (isObject(branch)) {
      checkFields(branch, NESTED_WORKFLOW, surrounding.language, at, surrounding.findings);
      validateWorkflow(branch, { ...surrounding, at });
    } else surrounding.findings.error(at, 'Expected value of type Object');
  }
}
