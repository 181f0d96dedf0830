/**
 * The intrinsic functions of CloudFormation.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { cidrBlocks } from './cidr';
import { ValueError } from './errors';

/** What a template's values can refer to. Each throws an `Error` for a name that isn't there. */
export interface Scope {
  readonly region: string;
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(name: string): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  importValue(name: string): unknown;
  stackOutput(stackName: string, output: string): unknown;
  /** True for the text that stands for an attribute of a resource that nothing makes: it may be used as a list too. */
  isPlaceholder(value: unknown): boolean;
}

/** `AWS::NoValue`: the property, or the list's element, isn't there. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope, where: string) => unknown;

/** Resolves every intrinsic in a value. `where` is the value's place in the template, for messages. */
export function evaluate(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((element, index) => evaluate(element, scope, `${where}[${index}]`)).filter((element) => element !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const call = intrinsicOf(value);
  if (call) {
    const intrinsic = INTRINSICS[call.name];
    if (!intrinsic) throw new ValueError(`the local runner doesn't know ${call.name}`, where);
    try {
      return intrinsic(call.argument, scope, where);
    } catch (error) {
      throw error instanceof ValueError ? error : new ValueError(`${call.name}: ${(error as Error).message}`, where);
    }
  }
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const resolved = evaluate(member, scope, where ? `${where}.${key}` : key);
    if (resolved !== NO_VALUE) result[key] = resolved;
  }
  return result;
}

/** The intrinsic that an object is a call of. */
export function intrinsicOf(value: object): { name: string; argument: unknown } | undefined {
  const keys = Object.keys(value);
  if (keys.length !== 1) return undefined;
  const [name] = keys;
  if (name !== 'Ref' && !name.startsWith('Fn::')) return undefined;
  return { name, argument: (value as Record<string, unknown>)[name] };
}

/** The names in the text of an `Fn::Sub`, such as `Table`, `Table.Arn` and `AWS::Region`. */
export function substitutions(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name]) => name).filter((name) => !name.startsWith('!'));
}

const PLACEHOLDER = /\$\{([^}]+)\}/g;

/** `Fn::GetAtt` takes `["Id", "Attribute"]` and "Id.Attribute"; the attribute may hold dots itself. */
export function attributeReference(argument: unknown): [logicalId: string, attribute: unknown] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  if (Array.isArray(argument) && argument.length === 2 && typeof argument[0] === 'string') return [argument[0], argument[1]];
  throw new Error('takes a logical id and an attribute name');
}

/** A condition of the Conditions section, or one in a rule. */
export function evaluateCondition(value: unknown, scope: Scope, where: string): boolean {
  if (typeof value === 'object' && value !== null) {
    const name = (value as { Condition?: unknown }).Condition;
    if (typeof name === 'string') return scope.condition(name);
    const call = intrinsicOf(value);
    const test = call && CONDITIONS[call.name];
    if (!test) throw new ValueError(`${call?.name ?? 'this'} is no condition`, where);
    return test(list(call.argument, 'its arguments'), scope, `${where}.${call.name}`);
  }
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new ValueError(`${JSON.stringify(value)} is no condition`, where);
}

type ConditionFunction = (argument: unknown[], scope: Scope, where: string) => boolean;

const CONDITIONS: Readonly<Record<string, ConditionFunction>> = {
  'Fn::And': (conditions, scope, where) => conditions.every((condition, i) => evaluateCondition(condition, scope, `${where}[${i}]`)),
  'Fn::Or': (conditions, scope, where) => conditions.some((condition, i) => evaluateCondition(condition, scope, `${where}[${i}]`)),
  'Fn::Not': ([condition], scope, where) => !evaluateCondition(condition, scope, `${where}[0]`),
  'Fn::Equals': (values, scope, where) => {
    const [left, right] = values.map((value, i) => evaluate(value, scope, `${where}[${i}]`));
    return same(left, right);
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
  'Fn::Contains': (values, scope, where) => {
    const [strings, value] = values.map((each, i) => evaluate(each, scope, `${where}[${i}]`));
    return list(strings, 'the first argument').some((candidate) => same(candidate, value));
  },
  'Fn::EachMemberEquals': (values, scope, where) => {
    const [strings, value] = values.map((each, i) => evaluate(each, scope, `${where}[${i}]`));
    return list(strings, 'the first argument').every((member) => same(member, value));
  },
  'Fn::EachMemberIn': (values, scope, where) => {
    const [strings, allowed] = values.map((each, i) => list(evaluate(each, scope, `${where}[${i}]`), 'each argument'));
    return strings.every((member) => allowed.some((candidate) => same(candidate, member)));
  },
};

/** CloudFormation compares text: a Number parameter equals "5". */
function same(left: unknown, right: unknown): boolean {
  const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  return text(left) === text(right);
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => scope.ref(text(name, 'its argument')),

  'Fn::GetAtt': (argument, scope, where) => {
    const [logicalId, attribute] = attributeReference(argument);
    return scope.attribute(logicalId, text(evaluate(attribute, scope, where), 'the attribute'));
  },

  'Fn::Join': (argument, scope, where) => {
    const [delimiter, values] = pair(argument);
    return elements(evaluate(values, scope, where), scope)
      .map((value) => text(value, 'each value'))
      .join(text(delimiter, 'the delimiter'));
  },

  'Fn::Sub': (argument, scope, where) => {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return text(template, 'the text').replace(PLACEHOLDER, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      const key = name.trim();
      if (Object.hasOwn(variables ?? {}, key)) return text(evaluate(variables[key], scope, `${where}.${key}`), `\${${key}}`);
      return text(key.includes('.') ? scope.attribute(...(attributeReference(key) as [string, string])) : scope.ref(key), `\${${key}}`);
    });
  },

  'Fn::Select': (argument, scope, where) => {
    const [index, values] = pair(argument);
    const resolved = evaluate(values, scope, where);
    if (scope.isPlaceholder(resolved)) return resolved;
    const position = Number(evaluate(index, scope, where));
    const from = list(resolved, 'the second argument');
    if (!Number.isInteger(position) || position < 0 || position >= from.length) {
      throw new Error(`there is no element ${position} in a list of ${from.length}`);
    }
    return from[position];
  },

  'Fn::Split': (argument, scope, where) => {
    const [delimiter, source] = pair(argument);
    return text(evaluate(source, scope, where), 'the text').split(text(delimiter, 'the delimiter'));
  },

  'Fn::If': (argument, scope, where) => {
    const [name, yes, no] = list(argument, 'its arguments');
    return evaluate(scope.condition(text(name, 'the condition')) ? yes : no, scope, where);
  },

  'Fn::FindInMap': (argument, scope, where) => {
    const [name, top, second, fallback] = list(argument, 'its arguments');
    const [map, key, subkey] = [name, top, second].map((part) => text(evaluate(part, scope, where), 'each key'));
    const keys = fallback === undefined ? scope.mapping(map)[key] : tryMapping(scope, map)?.[key];
    if (keys && Object.hasOwn(keys, subkey)) return evaluate(keys[subkey], scope, where);
    const substitute = fallback as { DefaultValue?: unknown } | undefined;
    if (substitute?.DefaultValue !== undefined) return evaluate(substitute.DefaultValue, scope, where);
    throw new Error(`mapping "${map}" has no "${key}" → "${subkey}"`);
  },

  'Fn::Base64': (argument, scope, where) => Buffer.from(text(evaluate(argument, scope, where), 'its argument')).toString('base64'),

  'Fn::Cidr': (argument, scope, where) => {
    const [block, count, bits] = list(argument, 'its arguments').map((each) => evaluate(each, scope, where));
    if (scope.isPlaceholder(block)) return Array(Number(count)).fill(block);
    return cidrBlocks(text(block, 'the block'), Number(count), bits === undefined ? undefined : Number(bits));
  },

  // A region's real zones are the account's own matter; every region has at least three.
  'Fn::GetAZs': (argument, scope, where) => {
    const region = text(evaluate(argument, scope, where), 'the region') || scope.region;
    return ['a', 'b', 'c'].map((zone) => region + zone);
  },

  'Fn::ImportValue': (argument, scope, where) => scope.importValue(text(evaluate(argument, scope, where), 'the name')),

  'Fn::GetStackOutput': (argument, scope, where) => {
    const { StackName, OutputName } = evaluate(argument, scope, where) as { StackName: unknown; OutputName: unknown };
    return scope.stackOutput(text(StackName, 'StackName'), text(OutputName, 'OutputName'));
  },

  'Fn::Length': (argument, scope, where) => elements(evaluate(argument, scope, where), scope).length,

  'Fn::ToJsonString': (argument, scope, where) => JSON.stringify(evaluate(argument, scope, where)),

  ...Object.fromEntries(
    ['Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Equals'].map((name): [string, Intrinsic] => [
      name,
      (argument, scope, where) => evaluateCondition({ [name]: argument }, scope, where),
    ]),
  ),
};

function tryMapping(scope: Scope, name: string) {
  try {
    return scope.mapping(name);
  } catch {
    return undefined;
  }
}

function pair(argument: unknown): [unknown, unknown] {
  const values = list(argument, 'its arguments');
  if (values.length !== 2) throw new Error('takes two arguments');
  return values as [unknown, unknown];
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} must be a list, and is ${JSON.stringify(value)}`);
  return value;
}

function elements(value: unknown, scope: Scope): unknown[] {
  return scope.isPlaceholder(value) ? [value] : list(value, 'its argument');
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${what} must be text, and is ${value === NO_VALUE ? 'AWS::NoValue' : JSON.stringify(value)}`);
}
