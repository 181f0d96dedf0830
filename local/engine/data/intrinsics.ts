import { createHash } from 'node:crypto';
import { ErrorName } from '../../../lib/asl/error-names';
import {
  INTRINSICS,
  type IntrinsicArgument,
  type IntrinsicCall,
  IntrinsicSyntaxError,
  parseIntrinsic,
  unescapeText,
} from '../../../lib/asl/intrinsics';
import type { Json } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { jsonFault, lineAndColumn } from '../../../lib/asl/json-fault';
import { equal } from '../../../lib/asl/jsonpath';
import { StateFault } from '../errors';
import { uuid } from '../random';
import { InexactNumberError, parseJson } from './exact-json';
import { inHashSetOrder, JavaRandom } from './java';
import { innerPath, isPathError, type PathScope, resolvePath } from './paths';

export interface TemplateScope extends PathScope {
  readonly random: () => number;
}

/** The most that a function such as ArrayRange may give. */
const MAXIMUM_RANGE = 1000;
const MAXIMUM_CHARACTERS = 10_000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** A function's refusal of its arguments; without a message, AWS's sentence for all of them. */
class ArgumentError extends Error {}

/** The path of an argument that leads nowhere. */
class ArgumentPathError extends Error {}

/**
 * AWS's documentation has the error States.IntrinsicFailure; what it answers is States.Runtime, in these words, as recorded by others:
 * https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases/.snapshots/aws
 */
export function evaluateIntrinsic(text: string, data: Json, scope: TemplateScope): Json {
  try {
    return call(parseIntrinsic(text), data, scope);
  } catch (error) {
    throw failureOf(error, text, data);
  }
}

function failureOf(error: unknown, text: string, data: Json): unknown {
  if (error instanceof ArgumentPathError) {
    const what = `The JsonPath argument for the field '${error.message}' could not be found in the input '${JSON.stringify(data)}'`;
    return new StateFault(ErrorName.RUNTIME, `The function '${text}' had the following error: ${what}`);
  }
  if (!(error instanceof ArgumentError || error instanceof IntrinsicSyntaxError)) return error;
  return new StateFault(ErrorName.RUNTIME, `There was an error while evaluating the intrinsic function: ${text}. ${error.message}`);
}

function call({ name, arguments: given }: IntrinsicCall, data: Json, scope: TemplateScope): Json {
  const values = given.map((a) => argument(a, name, data, scope));
  const [least, most] = INTRINSICS[name];
  if (values.length < least || values.length > most) throw new ArgumentError(`Invalid arguments in ${name}`);
  try {
    return FUNCTIONS[name](values, scope);
  } catch (error) {
    throw error instanceof ArgumentError && !error.message ? new ArgumentError(`Invalid arguments in ${name}`) : error;
  }
}

function argument(given: IntrinsicArgument, of: string, data: Json, scope: TemplateScope): Json {
  if ('name' in given) return call(given, data, scope);
  if (!('path' in given)) return typeof given.value === 'string' && of !== 'States.Format' ? unescapeText(given.value) : given.value;
  try {
    return resolvePath(given.path, data, scope);
  } catch (error) {
    if (!isPathError(error)) throw error;
    throw new ArgumentPathError(given.path.startsWith('$$') ? innerPath(given.path) : given.path);
  }
}

type Intrinsic = (values: readonly Json[], scope: TemplateScope) => Json;

/** Source of each rule: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': (values) => [...values],
  'States.ArrayContains': ([list, item]) => array(list).some((entry) => equal(entry, item)),
  'States.ArrayGetItem': ([list, index]) => itemAt(array(list), truncated(index)),
  'States.ArrayLength': ([list]) => array(list).length,
  'States.ArrayPartition': ([list, size]) => partition(array(list), truncated(size)),
  'States.ArrayRange': ([first, last, step]) => arrayRange(truncated(first), truncated(last), truncated(step)),
  'States.ArrayUnique': ([list]) =>
    inHashSetOrder(array(list).filter((item, i, all) => all.findIndex((other) => equal(other, item)) === i)),
  'States.Base64Decode': ([value]) => Buffer.from(text(value, MAXIMUM_CHARACTERS), 'base64').toString('utf8'),
  'States.Base64Encode': ([value]) => Buffer.from(text(value, MAXIMUM_CHARACTERS), 'utf8').toString('base64'),
  'States.Format': ([template, ...values]) => format(text(template), values),
  'States.Hash': ([value, algorithm]) => {
    const name = typeof algorithm === 'string' ? hashName(algorithm) : undefined;
    if (name === undefined) throw new ArgumentError();
    return digest(name, text(typeof value === 'string' ? value : JSON.stringify(value), MAXIMUM_CHARACTERS));
  },
  'States.JsonMerge': ([first, second, deep]) => merge(first, second, deep),
  'States.JsonToString': ([value]) => JSON.stringify(value),
  'States.MathAdd': ([a, b]) => integer(rounded(a) + rounded(b)),
  'States.MathRandom': ([from, to, seed], scope) =>
    random(truncated(from), truncated(to), seed === undefined ? undefined : truncated(seed), scope),
  'States.StringSplit': ([value, delimiters]) => split(text(value), text(delimiters)),
  'States.StringToJson': ([value]) => parse(text(value)),
  'States.UUID': (_, scope) => uuid(scope.random),
};

function array(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw new ArgumentError();
}

function text(value: Json, maximum = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string' || value.length > maximum) throw new ArgumentError();
  return value;
}

/** Half up: MathAdd alone rounds its arguments, the others cut them. */
function rounded(value: Json): number {
  if (typeof value !== 'number') throw new ArgumentError();
  return integer(Math.round(value));
}

function truncated(value: Json): number {
  if (typeof value !== 'number') throw new ArgumentError();
  return integer(Math.trunc(value));
}

/** Of 32 bits. */
function integer(value: number): number {
  if (value !== (value | 0)) throw new ArgumentError();
  return value === 0 ? 0 : value;
}

/** Of an empty list AWS gives null. */
function itemAt(list: readonly Json[], index: number): Json {
  if (index < 0 || (list.length > 0 && index >= list.length)) throw new ArgumentError();
  return list[index] ?? null;
}

function partition(list: readonly Json[], size: number): Json[] {
  if (size < 1) throw new ArgumentError();
  const chunks: Json[] = [];
  for (let i = 0; i < list.length; i += size) chunks.push(list.slice(i, i + size));
  return chunks;
}

function arrayRange(first: number, last: number, step: number): number[] {
  if (step === 0 || rangeLength(first, last, step) > MAXIMUM_RANGE) throw new ArgumentError();
  return range(first, last, step);
}

/** @param step not 0 */
export function rangeLength(first: number, last: number, step: number): number {
  return Math.max(0, Math.floor((last - first) / step) + 1);
}

export function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: rangeLength(first, last, step) }, (_, i) => first + i * step);
}

/** What Node calls an algorithm; undefined for one that AWS doesn't have. */
export function hashName(algorithm: string): string | undefined {
  return Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
}

export function digest(name: string, data: string): string {
  return createHash(name).update(data, 'utf8').digest('hex');
}

/** Shallow, whatever the third argument is but true. */
function merge(first: Json, second: Json, deep: Json): Json {
  if (!isObject(first) || !isObject(second) || deep === true) throw new ArgumentError();
  return { ...first, ...second };
}

/** From `from` to `to`, `to` excluded. */
function random(from: number, to: number, seed: number | undefined, scope: TemplateScope): number {
  if (from >= to) throw new ArgumentError();
  const bound = to - from;
  return from + (seed === undefined ? Math.floor(scope.random() * bound) : new JavaRandom(seed).integer(bound));
}

/** Each character of the delimiter separates; empty parts are dropped. */
function split(value: string, delimiters: string): string[] {
  if (delimiters === '') return [value];
  const parts: string[] = [];
  let part = '';
  for (const char of value) {
    if (delimiters.includes(char)) {
      if (part) parts.push(part);
      part = '';
    } else part += char;
  }
  if (part) parts.push(part);
  return parts;
}

function parse(value: string): Json {
  if (value.trim() === '') return null;
  try {
    const parsed = parseJson(value);
    return Object.is(parsed, -0) ? 0 : parsed;
  } catch (error) {
    throw new ArgumentError(`Cannot convert String to Json in States.StringToJson, caused by: ${reasonOf(error, value)}`);
  }
}

function reasonOf(error: unknown, text: string): string {
  if (error instanceof InexactNumberError) return error.message;
  const fault = jsonFault(text);
  const place = (offset: number) =>
    `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); ${lineAndColumn(text, offset)}]`;
  return `${fault.message(place)}\n at ${place(fault.offset)}`;
}

function format(template: string, values: readonly Json[]): string {
  let used = 0;
  let result = '';
  for (let i = 0; i < template.length; i++) {
    if (template[i] === '\\') result += template[++i] ?? '';
    else if (template.startsWith('{}', i)) {
      if (used >= values.length) throw new ArgumentError();
      result += javaText(values[used++]);
      i++;
    } else if (template[i] === '{') throw new ArgumentError(unmatched('}', '{'));
    else if (template[i] === '}') throw new ArgumentError(unmatched('{', '}'));
    else result += template[i];
  }
  if (used < values.length) throw new ArgumentError();
  return result;
}

function unmatched(missing: string, found: string): string {
  return `Invalid template in States.Format: matching '${missing}' not found for '${found}'.`;
}

/** AWS prints objects as Java does a map: `{Id=1, List=[]}`. */
function javaText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${javaText(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}
