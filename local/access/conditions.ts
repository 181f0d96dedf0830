/**
 * The `Condition` element. A missing key makes a condition false, or true for a negated operator; `…IfExists` makes it true.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import { BlockList, isIP } from 'node:net';
import type { PolicyStatement } from '../cloud-types';
import { compilePattern, type Lookup, type Test, type Wildcards } from './pattern';

export interface Context {
  /** The values of a condition key (lower-case), undefined where the request doesn't have it. */
  values(key: string): readonly string[] | undefined;
}

/** One key of one operator. */
export interface Condition {
  /** As the policy writes it: `ForAnyValue:StringLike`. */
  readonly operator: string;
  readonly key: string;
  readonly expected: readonly string[];
  holds(context: Context): boolean;
}

interface Operator {
  readonly negated: boolean;
  /** Policy variables exist for strings, ARNs and Bool only. */
  compile(value: string, variables: boolean): Test;
}

const text = (wildcards: Wildcards, ignoreCase = false): Operator['compile'] => {
  return (value, variables) => compilePattern(value, { wildcards, variables, ignoreCase }).matches;
};

type Compare = (actual: number, expected: number) => boolean;
const number = (compare: Compare) => (value: string) => (actual: string) => compare(toNumber(actual), toNumber(value));
const date = (compare: Compare) => (value: string) => (actual: string) => compare(toTime(actual), toTime(value));

const toNumber = (value: string) => (value.trim() === '' ? Number.NaN : Number(value));
/** ISO 8601, or seconds since 1970. */
const toTime = (value: string) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value));

const binary = (value: string) => {
  const expected = Buffer.from(value, 'base64');
  return (actual: string) => Buffer.from(actual, 'base64').equals(expected);
};

const ip = (value: string) => {
  const [address = '', prefix] = value.split('/');
  const family = isIP(address);
  if (family === 0) throw new Error(`MalformedPolicyDocument: "${value}" is no IP address or CIDR range.`);
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(address, prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix), type);
  return (actual: string) => isIP(actual) === family && range.check(actual, type);
};

const arn: Operator['compile'] = (value, variables) => {
  if (value.split(':').length < 6) {
    throw new Error(`MalformedPolicyDocument: "${value}" is no ARN of six parts, and AWS doesn't say what an ARN operator makes of it.`);
  }
  return compilePattern(value, { wildcards: 'arn', variables }).matches;
};

const is = (compile: Operator['compile']): Operator => ({ negated: false, compile });
const not = (compile: Operator['compile']): Operator => ({ negated: true, compile });

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: is(text('exact')),
  StringNotEquals: not(text('exact')),
  StringEqualsIgnoreCase: is(text('exact', true)),
  StringNotEqualsIgnoreCase: not(text('exact', true)),
  StringLike: is(text('text')),
  StringNotLike: not(text('text')),
  NumericEquals: is(number((a, b) => a === b)),
  NumericNotEquals: not(number((a, b) => a === b)),
  NumericLessThan: is(number((a, b) => a < b)),
  NumericLessThanEquals: is(number((a, b) => a <= b)),
  NumericGreaterThan: is(number((a, b) => a > b)),
  NumericGreaterThanEquals: is(number((a, b) => a >= b)),
  DateEquals: is(date((a, b) => a === b)),
  DateNotEquals: not(date((a, b) => a === b)),
  DateLessThan: is(date((a, b) => a < b)),
  DateLessThanEquals: is(date((a, b) => a <= b)),
  DateGreaterThan: is(date((a, b) => a > b)),
  DateGreaterThanEquals: is(date((a, b) => a >= b)),
  Bool: is(text('exact', true)),
  BinaryEquals: is(binary),
  IpAddress: is(ip),
  NotIpAddress: not(ip),
  ArnEquals: is(arn),
  ArnLike: is(arn),
  ArnNotEquals: not(arn),
  ArnNotLike: not(arn),
};

export function compileConditions(element: PolicyStatement['Condition'], variables: boolean): readonly Condition[] {
  return Object.entries(element ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]): Condition => {
      // Booleans and numbers may stand without quotes. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
      const expected = listOf(values).map(String);
      return { operator, key, expected, holds: compileCondition(operator, key.toLowerCase(), expected, variables) };
    }),
  );
}

function compileCondition(name: string, key: string, values: readonly string[], variables: boolean): Condition['holds'] {
  if (name === 'Null') {
    // Several values are alternatives, as everywhere.
    return (context) => values.some((value) => (value.toLowerCase() === 'true') === isAbsent(context.values(key)));
  }
  const [, set, base, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const operator = OPERATORS[base ?? ''];
  if (operator === undefined || !Object.hasOwn(OPERATORS, base as string)) {
    throw new Error(`MalformedPolicyDocument: there is no condition operator "${name}".`);
  }
  const tests = values.map((value) => operator.compile(value, variables));
  const { negated } = operator;

  return (context) => {
    const actual = context.values(key);
    if (isAbsent(actual)) return ifExists !== undefined || set === 'ForAllValues' || (negated && set === undefined);
    const lookup = lookupIn(context);
    // A value whose variable has none equals nothing, so a negated operator holds.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    const matches = (value: string) => tests.some((test) => test(value, lookup)) !== negated;
    if (set === 'ForAllValues') return actual.every(matches);
    if (set === 'ForAnyValue') return actual.some(matches);
    if (actual.length > 1) {
      throw new Error(`The condition key ${key} has ${actual.length} values: "${name}" needs ForAllValues: or ForAnyValue: before it.`);
    }
    return matches(actual[0] as string);
  };
}

function isAbsent(values: readonly string[] | undefined): values is undefined {
  return values === undefined || values.length === 0;
}

export function lookupIn(context: Context): Lookup {
  return (key) => {
    const values = context.values(key);
    return values?.length === 1 ? values[0] : undefined;
  };
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T];
}
