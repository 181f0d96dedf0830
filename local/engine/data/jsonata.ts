/** JSONata as Step Functions evaluates it: `$states`, variables, its own functions, its rules for undefined and for types. */

import { isObject, type Json, type JsonObject, member } from '../../../lib/asl/json';
import { expressionText, isJsonata, type JsonataExpression, type JsonataFrame, parseJsonata } from '../../../lib/asl/jsonata';
import { Quota } from '../../../lib/asl/quotas';
import { QueryFault } from '../errors';
import { uuid } from '../random';
import { InexactNumberError } from './exact-json';
import { digest, hashName, range, rangeLength } from './intrinsics';
import { JavaRandom } from './java';
import { parseLenientJson } from './lenient-json';
import { BacktrackingError, BoundedRegExp } from './regex';

/** What an expression sees. */
export interface QueryScope {
  /** `$states`. */
  readonly states: { readonly input: Json; readonly context: JsonObject; readonly result?: Json; readonly errorOutput?: Json };
  readonly variables: JsonObject;
  readonly now: number;
  readonly random: () => number;
}

/**
 * AWS ends an expression that nests too deeply, holds too much or takes longer than a second. The depth and the lengths are AWS's, as
 * measured by others: https://github.com/floci-io/floci/issues/2737. Its second is counted in calls of functions, since runs must not
 * depend on the machine; real time is looked at only where an expression loops without any.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#transforming-jsonata-errors
 */
const DEPTH = 100;
const SEQUENCE = 873_782;
const CHARACTERS = SEQUENCE * 8;
const RANGE = 360_145;
const FRAMES = 100_000;
const REAL_MILLISECONDS = 10_000;

/** AWS's sentences for JSONata's own codes. */
const LIMITS: Readonly<Record<string, string>> = {
  D1011: 'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive',
  D1012: 'Expression evaluation timeout: Check for infinite loop',
  D2014: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
  D2015: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
};

/** What can make a long text of short ones. */
const MAKES_TEXTS = /&|\$(?:join|pad|replace|string|base64encode|encodeUrl)/;

const ON_FRAME = Symbol.for('jsonata.__createFrame_push');
const ON_RESULT = Symbol.for('jsonata.__evaluate_exit');

interface CountedFrame extends JsonataFrame {
  frames?: number;
}

const compiled = new Map<string, JsonataExpression>();

function compile(text: string): JsonataExpression {
  let expression = compiled.get(text);
  if (!expression) {
    expression = parseJsonata(text, { stack: DEPTH, sequence: SEQUENCE, timeout: REAL_MILLISECONDS, RegexEngine: BoundedRegExp });
    expression.assign(ON_FRAME, countFrame);
    if (MAKES_TEXTS.test(text)) expression.assign(ON_RESULT, checkLength);
    registerStepFunctions(expression);
    if (compiled.size > 10_000) compiled.clear();
    compiled.set(text, expression);
  }
  return expression;
}

function countFrame(enclosing: CountedFrame): void {
  const base: CountedFrame | undefined = enclosing.base;
  if (!base) return;
  base.frames = (base.frames ?? 0) + 1;
  if (base.frames > FRAMES) throw limitExceeded('D1012');
}

function checkLength(_expression: unknown, _input: unknown, _frame: unknown, result: unknown): void {
  if (typeof result === 'string' && result.length > CHARACTERS) throw limitExceeded('D2015');
}

function limitExceeded(code: 'D1012' | 'D2015'): Error {
  return coded(code, LIMITS[code]);
}

/** Evaluates every expression in a value; other values stand for themselves. `location` is the field's name, as AWS quotes it. */
export async function evaluateTemplate(template: Json, location: string, scope: QueryScope): Promise<Json> {
  if (typeof template === 'string') return isJsonata(template) ? evaluateJsonata(expressionText(template), location, scope) : template;
  if (template === null || typeof template !== 'object') return template;
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [i, item] of template.entries()) items.push(await evaluateTemplate(item, `${location}[${i}]`, scope));
    return items;
  }
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(template)) {
    const evaluated = await evaluateTemplate(value, `${location}/${key}`, scope);
    Object.defineProperty(result, key, { value: evaluated, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

export async function evaluateJsonata(text: string, location: string, scope: QueryScope): Promise<Json> {
  const direct = memberPath(text, scope);
  if (direct !== undefined) return direct;
  const subject = `The JSONata expression '${text}' specified for the field '${location}'`;
  let value: unknown;
  try {
    value = await compile(text).evaluate(undefined, { ...scope.variables, states: scope.states, __now: scope.now, __random: scope.random });
  } catch (error) {
    throw new QueryFault(location, `${subject} threw an error during evaluation${reasonOf(error)}`);
  }
  if (value === undefined) throw new QueryFault(location, `${subject} returned nothing (undefined).`);
  const plain = plainJson(value);
  if (plain === undefined) throw new QueryFault(location, `${subject} returned an unsupported result type.`);
  return plain;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined && Object.hasOwn(LIMITS, code)) return `: ${LIMITS[code]}`;
  // JavaScript's own limit of texts is far beyond AWS's.
  if (error instanceof RangeError && message === 'Invalid string length') return `: ${LIMITS.D2015}`;
  if (error instanceof BacktrackingError) return `: ${LIMITS.D1012}. ${message}`;
  return `. ${code ? `${code}: ` : ''}${message}`;
}

const MEMBER_PATH = /^\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)$/;
/** Names that are operators elsewhere. */
const OPERATORS = /\.(?:and|or|in)\b/;

/**
 * `$states.input.order.id` and the like, most expressions that people write, without the interpreter: as long as all on the way are
 * objects, JSONata does nothing else than to go there. Undefined where it might.
 */
function memberPath(text: string, scope: QueryScope): Json | undefined {
  const [, root, rest] = MEMBER_PATH.exec(text) ?? [];
  if (root === undefined || OPERATORS.test(rest)) return undefined;
  let value: unknown = root === 'states' ? scope.states : member(scope.variables, root);
  for (const name of rest.split('.').slice(1)) {
    if (!isObject(value)) return undefined;
    value = member(value, name);
  }
  return value as Json | undefined;
}

/**
 * A copy without the marks that the parser leaves on arrays; undefined where something is no JSON. Numbers that JSON doesn't have become
 * the texts "Infinity", "-Infinity" and "NaN", as measured by others: https://github.com/floci-io/floci/issues/2737
 */
function plainJson(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) {
    const items = Array.from(value, plainJson);
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  if (typeof value !== 'object' || isFunction(value)) return undefined;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const plain = plainJson(item);
    if (plain === undefined) return undefined;
    Object.defineProperty(copy, key, { value: plain, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

function isFunction(value: object): boolean {
  return '_jsonata_function' in value || '_jsonata_lambda' in value || value instanceof RegExp;
}

/** Throws if an expression's result is of another type than its field takes. */
export function expectType(type: 'array' | 'boolean' | 'number' | 'object' | 'string', value: Json, text: string, location: string): void {
  const actual = typeOf(value);
  if (actual === type) return;
  throw new QueryFault(
    location,
    `The JSONata expression '${text}' specified for the field '${location}' returned an unexpected result type. Expected '${type}', but was '${actual}' for value: ${JSON.stringify(value)}`,
  );
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** An expression's result where AWS takes an integer. */
export function integerResult(value: Json, text: string, location: string): number {
  expectType('number', value, text, location);
  if (Number.isInteger(value)) return value as number;
  throw new QueryFault(location, `The ${location} field cannot be parsed as an integer: ${value}`);
}

/** Words as recorded in https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases (Feature.JSONataValidation). */
export function secondsResult(value: Json, text: string, location: string): number {
  const seconds = integerResult(value, text, location);
  if (seconds >= 0 && seconds <= Quota.MAXIMUM_SECONDS) return seconds;
  throw new QueryFault(location, `${location} must be between 0 and ${Quota.MAXIMUM_SECONDS} but was: ${seconds}`);
}

interface StepFocus {
  readonly environment: JsonataFrame;
}

/**
 * What Step Functions adds to JSONata and takes away, and the time functions, which follow the runner's clock. What the new ones make of
 * arguments that are missing or wrong is as measured by others: https://github.com/floci-io/floci/pull/2676 and
 * https://github.com/iwamot/sfnx/blob/main/docs/design.md#jsonata-in-step-functions
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#intrinsics-jsonata
 */
function registerStepFunctions(expression: JsonataExpression): void {
  expression.registerFunction('partition', partition, '<x?n?:a>');
  expression.registerFunction('range', sequenceOfNumbers, '<nnn?:a>');
  expression.registerFunction('hash', hash, '<ss?:s>');
  expression.registerFunction(
    'random',
    function (this: StepFocus, seed?: number) {
      return seed === undefined ? randomOf(this)() : new JavaRandom(Math.trunc(seed)).double();
    },
    '<n?:n>',
  );
  expression.registerFunction(
    'uuid',
    function (this: StepFocus) {
      return uuid(randomOf(this));
    },
    '<:s>',
  );
  expression.registerFunction('parse', parse, '<s?:x>');
  expression.registerFunction('pad', pad, '<s-ns?:s>');
  expression.registerFunction('base64decode', base64decode, '<s-:s>');
  expression.registerFunction('decodeUrlComponent', decodeUrlComponent, '<s-:s>');
  expression.registerFunction(
    'millis',
    function (this: StepFocus) {
      return this.environment.lookup('__now');
    },
    '<:n>',
  );
  expression.registerFunction(
    'now',
    function (this: StepFocus, picture?: string, timezone?: string) {
      const fromMillis = this.environment.lookup('fromMillis') as { implementation: (...args: unknown[]) => unknown };
      return fromMillis.implementation.call(this, this.environment.lookup('__now'), picture, timezone);
    },
    '<s?s?:s>',
  );
  expression.assign('eval', undefined);
}

const randomOf = (focus: StepFocus) => focus.environment.lookup('__random') as () => number;

/** Without a size, all in one; nothing of an empty list, or by a size of 0. */
function partition(list: unknown, size?: number): unknown[] | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw Object.assign(new Error(), { code: 'T0412', index: 1, token: 'partition' });
  if (size === undefined) return [list];
  const step = Math.trunc(size);
  if (step < 0) throw coded('D3137', 'Second argument must be zero or greater');
  if (step === 0 || list.length === 0) return undefined;
  return Array.from({ length: Math.ceil(list.length / step) }, (_, i) => list.slice(i * step, (i + 1) * step));
}

/** `$range`. As JSONata's sequences do, one of a single number is that number, an empty one is nothing. */
function sequenceOfNumbers(...bounds: (number | undefined)[]): number[] | undefined {
  const [first, last, step] = bounds.map((bound) => (bound === undefined ? undefined : Math.trunc(bound)));
  if (first === undefined || last === undefined || !step) return undefined;
  if (rangeLength(first, last, step) > RANGE) throw limitExceeded('D2015');
  return Object.assign(range(first, last, step), { sequence: true });
}

function hash(...given: (string | undefined)[]): string | undefined {
  const [value, algorithm] = given;
  if (value === undefined || given.length < 2) return undefined;
  const name = algorithm === undefined ? undefined : hashName(algorithm);
  if (name !== undefined) return digest(name, value);
  throw coded('D3137', `Hash algorithm '${algorithm ?? null}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5`);
}

function parse(text?: string): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return parseLenientJson(text);
  } catch (error) {
    throw coded('D3137', error instanceof InexactNumberError ? error.message : 'Invalid JSON');
  }
}

/** Padding may be missing; nothing else than the alphabet stands in the text. Source: the pages above. The words are ours. */
function base64decode(text?: string): string | undefined {
  if (text === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw coded('D3137', 'The text to decode is not base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

/** As Java reads it: a plus is a space, bytes that are no UTF-8 become U+FFFD. Source: the pages above. */
function decodeUrlComponent(text?: string): string | undefined {
  if (text === undefined) return undefined;
  if (/%(?![\da-f]{2})/i.test(text)) throw Object.assign(coded('D3140', ''), { functionName: 'decodeUrlComponent', value: text });
  return text.replaceAll('+', ' ').replace(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** JSONata's own makes texts of any length. */
function pad(text: string | undefined, width: number, char = ' '): string | undefined {
  if (text === undefined) return undefined;
  const missing = Math.trunc(Math.abs(width)) - Array.from(text).length;
  if (missing <= 0) return text;
  if (missing > CHARACTERS) throw limitExceeded('D2015');
  const fill = Array.from(char || ' ');
  const padding = Array.from({ length: missing }, (_, i) => fill[i % fill.length]).join('');
  return width > 0 ? text + padding : padding + text;
}

/** An error as JSONata has them. */
function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
