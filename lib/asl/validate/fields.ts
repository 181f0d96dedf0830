/**
 * Which fields each kind of state has, in each query language, and of which type their values are.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html and the pages of the states. The words are those
 * of ValidateStateMachineDefinition, as measured by others: https://github.com/badmintoncryer/cdk-preflight and
 * https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases/.snapshots/aws
 */
import type { QueryLanguage } from '../definition';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { isJsonata } from '../jsonata';
import { isReferencePath, parseJsonPath } from '../jsonpath';
import { Quota } from '../quotas';
import { parseTimestamp } from '../timestamp';
import type { Findings } from './diagnostic';

/** Says what is wrong with a value; undefined if nothing is. */
export type Check = (value: Json, language: QueryLanguage, field: string) => string | undefined;

export const text: Check = (value) => (typeof value === 'string' ? undefined : 'Expected value of type String');
export const bool: Check = (value) => (typeof value === 'boolean' ? undefined : 'Expected value of type Boolean');
export const anything: Check = () => undefined;
export const object: Check = (value) => (isObject(value) ? undefined : 'Expected value of type Object');
export const list: Check = (value) => (Array.isArray(value) ? undefined : 'Expected value of type Array');

export function integer(least: number, most: number = Quota.MAXIMUM_SECONDS): Check {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return 'Expected value of type Integer';
    return outOfRange(value, least, most);
  };
}

export function number(least: number, most: number): Check {
  return (value) => {
    if (typeof value !== 'number') return 'Expected value of type Number';
    return outOfRange(value, least, most);
  };
}

function outOfRange(value: number, least: number, most: number): string | undefined {
  if (value < least) return `Minimum value is ${least}`;
  return value > most ? `Maximum value is ${most}` : undefined;
}

export function oneOf(...values: readonly string[]): Check {
  return (value) => {
    if (typeof value !== 'string') return 'Expected value of type [STRING]';
    return values.includes(value) ? undefined : `Value should be one of the following: [${values.join(', ')}]`;
  };
}

/** Of a field that decides which others there are. */
export function kind(...values: readonly string[]): Check {
  return (value, _language, field) =>
    values.includes(value as string) ? undefined : `The field '${field}' should have one of these values: [${values.join(', ')}]`;
}

/** A literal that passes `check`, or in a JSONata state an expression. */
export function orExpression(check: Check): Check {
  return (value, language, field) => (language === 'JSONata' && isJsonata(value) ? undefined : check(value, language, field));
}

/** A path into the data, the context object or a variable. */
export const path: Check = (value) => {
  if (typeof value !== 'string') return 'Expected value of type String';
  return value.startsWith('$') ? pathFault(value) : "Value is not a Reference Path: Reference path didn't start with '$'";
};

export function pathFault(value: string): string | undefined {
  const inner = value.startsWith('$$') ? value.slice(1) : value.replace(/^\$[A-Za-z_]\w*/, '$');
  try {
    parseJsonPath(inner);
    return undefined;
  } catch {
    return `Value is not a valid JSONPath: ${value}`;
  }
}

/** Of InputPath and OutputPath. */
export const pathOrNull: Check = (value) => {
  if (value === null) return undefined;
  if (typeof value !== 'string') return 'Expected value of type String';
  return value.startsWith('$') && pathFault(value) === undefined ? undefined : 'Value must be a valid JSONPath.';
};

/** A path or an intrinsic function that gives a text. */
export const textExpression: Check = (value) => (typeof value === 'string' ? undefined : 'Expected value of type String');

export const referencePathOrNull: Check = (value) => {
  if (value === null) return undefined;
  if (typeof value !== 'string') return 'Expected value of type String';
  if (!value.startsWith('$')) return "Value is not a Reference Path: Reference path didn't start with '$'";
  try {
    if (!value.startsWith('$$') && isReferencePath(parseJsonPath(value))) return undefined;
  } catch {
    // Told below.
  }
  return `Value is not a Reference Path: ${value}`;
};

export const timestamp: Check = (value) => {
  if (typeof value !== 'string') return 'Expected value of type String';
  return parseTimestamp(value) === undefined ? 'String does not match RFC3339 timestamp' : undefined;
};

/** Characters that names of state machines, executions and Distributed Maps' labels don't have. */
const NOT_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

export function labelFault(label: string): string | undefined {
  if (label === '') return 'Label cannot be empty';
  if (label.length > Quota.LABEL_CHARACTERS) return tooLong('Label', label, Quota.LABEL_CHARACTERS);
  const bad = NOT_IN_NAMES.exec(label)?.[0];
  return bad === undefined ? undefined : `Label cannot contain the character ${JSON.stringify(bad)}`;
}

export function tooLong(what: string, name: string, limit: number): string {
  return `${what} '${name}' exceeds the ${limit}-character limit allowed by the service`;
}

export type Fields = Readonly<Record<string, Check>>;

/** Fields of a Parallel's branch and of a Map's processor: the language of the states in it is the machine's, or their own. */
export const NESTED_WORKFLOW: Fields = { Comment: text, StartAt: text, States: object };

export const LANGUAGE = oneOf('JSONPath', 'JSONata');

const anyLanguage: Fields = { Type: text, Comment: text, QueryLanguage: LANGUAGE };
const transition: Fields = { Next: text, End: bool };
const handlers: Fields = { Retry: list, Catch: list };
const paths: Fields = { InputPath: pathOrNull, OutputPath: pathOrNull };
const jsonataOutput: Fields = { Output: anything, Assign: object };
const seconds = integer(1);

const taskCommon: Fields = { ...anyLanguage, ...transition, ...handlers, Resource: text, Assign: object };
const mapCommon: Fields = {
  ...anyLanguage,
  ...transition,
  ...handlers,
  ItemProcessor: object,
  Iterator: object,
  ItemReader: object,
  ItemBatcher: object,
  ResultWriter: object,
  Label: text,
  Assign: object,
};
const percentage = number(0, 100);
const whole = integer(0, Number.MAX_SAFE_INTEGER);

const JSONPATH: Readonly<Record<string, Fields>> = {
  Pass: {
    ...anyLanguage,
    ...transition,
    ...paths,
    ResultPath: referencePathOrNull,
    Parameters: anything,
    Result: anything,
    Assign: object,
  },
  Task: {
    ...taskCommon,
    ...paths,
    ResultPath: referencePathOrNull,
    ResultSelector: object,
    Parameters: anything,
    TimeoutSeconds: seconds,
    TimeoutSecondsPath: path,
    HeartbeatSeconds: seconds,
    HeartbeatSecondsPath: path,
    Credentials: object,
  },
  Choice: { ...anyLanguage, ...paths, Choices: list, Default: text, Assign: object },
  Wait: {
    ...anyLanguage,
    ...transition,
    ...paths,
    Seconds: integer(0),
    SecondsPath: path,
    Timestamp: timestamp,
    TimestampPath: path,
    Assign: object,
  },
  Succeed: { ...anyLanguage, ...paths },
  Fail: { ...anyLanguage, Error: text, ErrorPath: textExpression, Cause: text, CausePath: textExpression },
  Parallel: {
    ...anyLanguage,
    ...transition,
    ...handlers,
    ...paths,
    Branches: list,
    ResultPath: referencePathOrNull,
    ResultSelector: object,
    Parameters: anything,
    Assign: object,
  },
  Map: {
    ...mapCommon,
    ...paths,
    ItemsPath: path,
    ItemSelector: object,
    Parameters: anything,
    ResultPath: referencePathOrNull,
    ResultSelector: object,
    MaxConcurrency: whole,
    MaxConcurrencyPath: path,
    ToleratedFailureCount: whole,
    ToleratedFailureCountPath: path,
    ToleratedFailurePercentage: percentage,
    ToleratedFailurePercentagePath: path,
  },
};

const JSONATA: Readonly<Record<string, Fields>> = {
  Pass: { ...anyLanguage, ...transition, ...jsonataOutput },
  Task: {
    ...taskCommon,
    Output: anything,
    Arguments: anything,
    TimeoutSeconds: orExpression(seconds),
    HeartbeatSeconds: orExpression(seconds),
    Credentials: orExpression(object),
  },
  Choice: { ...anyLanguage, ...jsonataOutput, Choices: list, Default: text },
  Wait: { ...anyLanguage, ...transition, ...jsonataOutput, Seconds: orExpression(integer(0)), Timestamp: orExpression(timestamp) },
  Succeed: { ...anyLanguage, Output: anything },
  Fail: { ...anyLanguage, Error: text, Cause: text },
  Parallel: { ...anyLanguage, ...transition, ...handlers, ...jsonataOutput, Branches: list, Arguments: anything },
  Map: {
    ...mapCommon,
    Output: anything,
    Items: orExpression((value) =>
      Array.isArray(value) || isObject(value) ? undefined : 'Expected a JSONata expression, an Array or an Object',
    ),
    ItemSelector: orExpression(object),
    MaxConcurrency: orExpression(whole),
    ToleratedFailureCount: orExpression(whole),
    ToleratedFailurePercentage: orExpression(percentage),
  },
};

/** In AWS's order, which its messages show. */
export const STATE_TYPES: readonly string[] = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'];

export function stateFields(type: string, language: QueryLanguage): Fields {
  return (language === 'JSONata' ? JSONATA : JSONPATH)[type];
}

/** Whether a field belongs to the other query language alone. */
export function isOtherLanguage(type: string, field: string, language: QueryLanguage): boolean {
  const other = language === 'JSONata' ? JSONPATH : JSONATA;
  return Object.hasOwn(other[type], field) && !Object.hasOwn(stateFields(type, language), field);
}

export function otherLanguage(field: string, language: QueryLanguage): string {
  const other = language === 'JSONata' ? 'JSONPath' : 'JSONata';
  return `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${other}' QueryLanguage`;
}

/** Reports unknown fields, at what has them, and values of a wrong type. */
export function checkFields(value: JsonObject, fields: Fields, language: QueryLanguage, at: string, findings: Findings): void {
  for (const [field, given] of Object.entries(value)) {
    const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!check) {
      findings.error(at || '/', `Field '${field}' is not supported`);
      continue;
    }
    const fault = check(given, language, field);
    if (fault !== undefined) findings.error(`${at}/${field}`, fault);
  }
}

export function requireFields(value: JsonObject, fields: readonly string[], at: string, findings: Findings): boolean {
  const missing = fields.filter((field) => !Object.hasOwn(value, field));
  if (missing.length > 0) findings.error(at || '/', `These fields are required: [${missing.join(', ')}]`);
  return missing.length === 0;
}

export function atMostOne(value: JsonObject, fields: readonly string[], at: string, findings: Findings): void {
  if (count(value, fields) > 1) findings.error(at, `There should only be one of the following fields: [${fields.join(', ')}]`);
}

export function exactlyOne(value: JsonObject, fields: readonly string[], at: string, findings: Findings): void {
  if (count(value, fields) === 0) findings.error(at, `This object should have only one of the following fields: [${fields.join(', ')}]`);
  atMostOne(value, fields, at, findings);
}

function count(value: JsonObject, fields: readonly string[]): number {
  return fields.filter((field) => Object.hasOwn(value, field)).length;
}

/** Told of an empty list or object. */
export const EMPTY = 'Value cannot be empty';
