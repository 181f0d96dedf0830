import type { QueryLanguage } from '../definition';
import type { JsonObject } from '../json';
import { isObject } from '../json';
import { validateChoices } from './choice';
import { validateExpressions } from './expressions';
import { atMostOne, checkFields, isOtherLanguage, NESTED_WORKFLOW, requireFields, STATE_TYPES, stateFields } from './fields';
import { validateCatch, validateRetry } from './handlers';
import { validateMap } from './map';
import { validateResource } from './resource';
import { type Surrounding, validateWorkflow } from './workflow';

const REQUIRED: Readonly<Record<string, readonly string[]>> = { Task: ['Resource'], Choice: ['Choices'], Parallel: ['Branches'] };

const EXCLUSIVE: readonly (readonly string[])[] = [
  ['TimeoutSeconds', 'TimeoutSecondsPath'],
  ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
  ['Error', 'ErrorPath'],
  ['Cause', 'CausePath'],
  ['MaxConcurrency', 'MaxConcurrencyPath'],
  ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
  ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
  ['Next', 'End'],
];

export function validateState(state: JsonObject, surrounding: Surrounding): void {
  const { at, findings } = surrounding;
  const { Type } = state;
  if (Type === undefined) {
    findings.error(at, 'These fields are required: [Type]');
    return;
  }
  if (typeof Type !== 'string' || !STATE_TYPES.includes(Type)) {
    findings.error(`${at}/Type`, `The field 'Type' should have one of these values: [${STATE_TYPES.join(', ')}]`);
    return;
  }
  if (surrounding.language === 'JSONata' && state.QueryLanguage === 'JSONPath') {
    findings.error(at, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
    return;
  }
  const language: QueryLanguage =
    state.QueryLanguage === 'JSONata' || state.QueryLanguage === 'JSONPath' ? state.QueryLanguage : surrounding.language;
  const here = { ...surrounding, language };
  checkStateFields(state, Type, here);
  requireFields(state, REQUIRED[Type] ?? [], at, findings);
  for (const fields of EXCLUSIVE) atMostOne(state, fields, at, findings);
  checkTransition(state, Type, surrounding);
  validateRetry(state.Retry, at, findings);
  validateCatch(state.Catch, here);
  validateExpressions(state, here);
  // States inside take the machine's language where they name none, not this state's.
  switch (Type) {
    case 'Task':
      validateTask(state, here);
      break;
    case 'Choice':
      validateChoices(state, here);
      break;
    case 'Wait':
      requireOneOf(
        state,
        language === 'JSONata' ? ['Seconds', 'Timestamp'] : ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
        here,
      );
      break;
    case 'Parallel':
      validateBranches(state, surrounding);
      break;
    case 'Map':
      validateMap(state, here, surrounding);
      break;
  }
}

function checkStateFields(state: JsonObject, type: string, { at, findings, language }: Surrounding): void {
  const known: JsonObject = {};
  for (const [field, value] of Object.entries(state)) {
    if (!Object.hasOwn(stateFields(type, language), field) && isOtherLanguage(type, field, language)) {
      findings.error(`${at}/${field}`, `Field '${field}' is not supported when 'QueryLanguage' is '${language}'`);
    } else known[field] = value;
  }
  checkFields(known, stateFields(type, language), language, at, findings);
}

function checkTransition(state: JsonObject, type: string, { at, findings }: Surrounding): void {
  if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return;
  if (state.Next === undefined && state.End !== true) findings.error(at, 'These fields are required: [Next or End]');
}

function requireOneOf(state: JsonObject, fields: readonly string[], { at, findings }: Surrounding): void {
  const present = fields.filter((field) => Object.hasOwn(state, field));
  if (present.length !== 1) findings.error(at, `Exactly one of the following fields is required: [${fields.join(', ')}]`);
}

function validateTask(state: JsonObject, surrounding: Surrounding): void {
  if (typeof state.Resource === 'string') validateResource(state.Resource, surrounding);
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
  if (Branches.length === 0) surrounding.findings.error(`${surrounding.at}/Branches`, 'At least one branch is required');
  for (const [i, branch] of Branches.entries()) {
    const at = `${surrounding.at}/Branches[${i}]`;
    if (isObject(branch)) {
      checkFields(branch, NESTED_WORKFLOW, surrounding.language, at, surrounding.findings);
      validateWorkflow(branch, { ...surrounding, at });
    } else surrounding.findings.error(at, 'Expected value of type Object');
  }
}
