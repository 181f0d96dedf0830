/**
 * What EventBridge refuses of an event pattern, before any event is there to be matched:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and, for the reasons in words, the matcher that
 * AWS published, https://github.com/aws/event-ruler
 */
import { isIP } from 'node:net';
import type { Json } from '../cloud-types';
import type { Pattern } from './event-pattern';

/** Beyond it numbers aren't compared exactly. */
const MAX_NUMBER = 5e9;

export class InvalidPattern extends Error {
  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
  }
}

/** @throws InvalidPattern */
export function checkPattern(pattern: Json | undefined): asserts pattern is Pattern {
  if (!isObject(pattern)) throw new InvalidPattern('Filter is not an object');
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new InvalidPattern('Empty objects are not allowed');
  for (const [key, value] of entries) {
    if (key === '$or' && Array.isArray(value) && value.length > 0 && value.every(isObject)) {
      if (value.length < 2) throw new InvalidPattern('There must have at least 2 Objects in $or relationship.');
      for (const choice of value) checkPattern(choice);
    } else if (Array.isArray(value)) {
      if (value.length === 0) throw new InvalidPattern('Empty arrays are not allowed');
      for (const matcher of value) checkMatcher(matcher);
    } else if (isObject(value)) {
      checkPattern(value);
    } else {
      throw new InvalidPattern(`"${key}" must be an object or an array`);
    }
  }
}

function checkMatcher(matcher: Json): void {
  if (Array.isArray(matcher)) throw new InvalidPattern('Match value must be String, number, true, false, or null');
  if (!isObject(matcher)) return;
  const [[operator, operand] = [], ...others] = Object.entries(matcher);
  if (operator === undefined || others.length > 0) throw new InvalidPattern('Only one key allowed in match expression');
  const check = CHECKS[operator];
  if (!check) throw new InvalidPattern(`Unrecognized match type ${operator}`);
  check(operand as Json, operator);
}

type Check = (operand: Json, operator: string) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  prefix: checkAffix,
  suffix: checkAffix,
  'equals-ignore-case': checkText,
  wildcard: checkWildcard,
  numeric: checkNumeric,
  cidr: checkNetwork,
  exists(operand) {
    if (typeof operand !== 'boolean') throw new InvalidPattern('exists match pattern must be either true or false.');
  },
  'anything-but': checkAnythingBut,
};

function checkText(operand: Json, operator: string): void {
  if (typeof operand !== 'string') throw new InvalidPattern(`${operator} match pattern must be a string`);
}

function checkAffix(operand: Json, operator: string): void {
  checkText(isObject(operand) ? onlyOperand(operand, ['equals-ignore-case'], operator) : operand, operator);
}

/** @throws InvalidPattern unless it is one operator of these; gives what it has */
function onlyOperand(matcher: { [key: string]: Json }, operators: readonly string[], of: string): Json {
  const [[operator, operand] = [], ...others] = Object.entries(matcher);
  if (operator === undefined || others.length > 0 || !operators.includes(operator)) {
    throw new InvalidPattern(`Unsupported ${of} pattern: ${operator}`);
  }
  return operand as Json;
}

function checkWildcard(operand: Json, operator: string): void {
  checkText(operand, operator);
  const text = operand as string;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') {
      at += 1;
      if (text[at] !== '*' && text[at] !== '\\') throw new InvalidPattern(`Invalid escape character at pos ${at - 1}`);
    } else if (text.startsWith('**', at)) {
      throw new InvalidPattern(`Consecutive wildcard characters at pos ${at}`);
    }
  }
}

/** `["=", n]`, or one bound, or a lower bound and an upper one. */
function checkNumeric(operand: Json): void {
  if (!Array.isArray(operand)) throw new InvalidPattern('Value of numeric must be an array.');
  const pairs = Array.from({ length: Math.ceil(operand.length / 2) }, (_, i) => operand.slice(2 * i, 2 * i + 2));
  const operators = pairs.map(([operator]) => String(operator));
  for (const [operator, bound] of pairs) {
    if (!['=', '<', '<=', '>', '>='].includes(String(operator))) {
      throw new InvalidPattern(`Unrecognized numeric range operator: ${operator}`);
    }
    if (typeof bound !== 'number') throw new InvalidPattern('Bad numeric range operator: value must be numeric');
    if (Math.abs(bound) > MAX_NUMBER) throw new InvalidPattern(`Value must be between -${MAX_NUMBER} and ${MAX_NUMBER}, inclusive`);
  }
  const isRange = operators.length === 2 && operators[0].startsWith('>') && operators[1].startsWith('<');
  if (operators.length !== 1 && !isRange) throw new InvalidPattern('Too many elements in numeric expression');
  if (isRange && Number(operand[1]) >= Number(operand[3])) throw new InvalidPattern('Bottom must be less than top');
}

function checkNetwork(operand: Json): void {
  const [base, length, ...more] = String(operand).split('/');
  const version = isIP(base);
  const bits = version === 4 ? 32 : 128;
  const wellFormed = version !== 0 && more.length === 0 && (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits));
  if (typeof operand !== 'string' || !wellFormed) throw new InvalidPattern(`Malformed CIDR: ${operand}`);
}

function checkAnythingBut(operand: Json): void {
  if (isObject(operand)) {
    const operators = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'];
    const inner = onlyOperand(operand, operators, 'anything-but');
    const [operator] = Object.keys(operand);
    const values = Array.isArray(inner) ? inner : [inner];
    if (values.length === 0) throw new InvalidPattern('Empty arrays are not allowed');
    for (const value of values) (operator === 'wildcard' ? checkWildcard : checkAffix)(value, operator);
    return;
  }
  const values = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw new InvalidPattern('Empty arrays are not allowed');
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.size > 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw new InvalidPattern('Inside anything but list, either all values are number or string, mixed type is not supported');
  }
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
