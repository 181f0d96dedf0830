/** JSONata as Step Functions evaluates it: `$states`, variables, its own functions, its rules for undefined and for types. */

import { isObject, type Json, type JsonObject, member } from '../../../lib/asl/json';
import { expressionText, isJsonata, type JsonataExpression, type JsonataFrame, parseJsonata } from '../../../lib/asl/jsonata';
import { QueryFault } from '../errors';
import { seededRandom, uuid } from '../random';
import { parseJson } from './exact-json';
import { hash, range } from './intrinsics';
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
const RANGE = 360_145;
const FRAMES = 100_000;
const REAL_MILLISECONDS = 10_000;

/** AWS's sentences for JSONata's own codes. */
const LIMITS: Readonly<Record<string, string>> = {
  D1011: `Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive. Depth=${DEPTH + 1} max=${DEPTH}`,
  D1012: 'Expression evaluation timeout: Check for infinite loop',
  D2014: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
  D2015: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
};

const ON_FRAME = Symbol.for('jsonata.__createFrame_push');

interface CountedFrame extends JsonataFrame {
  frames?: number;
}

const compiled = new Map<string, JsonataExpression>();

function compile(text: string): JsonataExpression {
  let expression = compiled.get(text);
  if (!expression) {
    expression = parseJsonata(text, { stack: DEPTH, sequence: SEQUENCE, timeout: REAL_MILLISECONDS, RegexEngine: BoundedRegExp });
    expression.assign(ON_FRAME, countFrame);
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

function limitExceeded(code: 'D1012' | 'D2015'): Error {
  return Object.assign(new Error(LIMITS[code]), { code });
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

/** A copy without the marks that the parser leaves on arrays; undefined where something is no JSON. */
function plainJson(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
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
export function expectType(
  type: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string',
  value: Json,
  text: string,
  location: string,
): void {
  const actual = typeOf(value);
  if (actual === type || (type === 'number' && actual === 'integer')) return;
  throw new QueryFault(
    location,
    `The JSONata expression '${text}' specified for the field '${location}' returned an unexpected result type. Expected '${type}', but was '${actual === 'integer' ? 'number' : actual}' for value: ${JSON.stringify(value)}`,
  );
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

interface StepFocus {
  readonly environment: JsonataFrame;
}

/**
 * What Step Functions adds to JSONata and takes away, and the time functions, which follow the runner's clock.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#intrinsics-jsonata
 */
function registerStepFunctions(expression: JsonataExpression): void {
  const randomOf = (focus: StepFocus) => focus.environment.lookup('__random') as () => number;
  expression.registerFunction(
    'partition',
    (list: unknown[], size: number) => {
      const step = Math.floor(size);
      if (step < 1) throw argument('partition', `the size must be positive, got ${size}`);
      return sequence(Array.from({ length: Math.ceil(list.length / step) }, (_, i) => list.slice(i * step, (i + 1) * step)));
    },
    '<an:a>',
  );
  expression.registerFunction(
    'range',
    (first: number, last: number, step: number) => {
      if ((Math.trunc(last) - Math.trunc(first)) / Math.trunc(step) >= RANGE) throw limitExceeded('D2015');
      return sequence(range(Math.trunc(first), Math.trunc(last), Math.trunc(step), RANGE));
    },
    '<nnn:a>',
  );
  expression.registerFunction('hash', (value: Json, algorithm: string) => hash(value, algorithm), '<xs:s>');
  expression.registerFunction(
    'random',
    function (this: StepFocus, seed?: number) {
      return seed === undefined ? randomOf(this)() : seededRandom(seed)();
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
  expression.registerFunction('parse', (text: string) => parseJson(text), '<s-:x>');
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

/** AWS's own functions give sequences, as JSONata's do: one of a single value is that value, an empty one is nothing. */
function sequence<T>(items: T[]): T[] {
  return Object.assign(items, { sequence: true });
}

function argument(name: string, message: string): Error {
  return Object.assign(new Error(`$${name}: ${message}`), { code: 'T0410' });
}
