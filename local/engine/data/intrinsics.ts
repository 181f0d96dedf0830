import { createHash } from 'node:crypto';
import { ErrorName } from '../../../lib/asl/error-names';
import {
  type IntrinsicArgument,
  type IntrinsicCall,
  IntrinsicSyntaxError,
  parseIntrinsic,
  unescapeText,
} from '../../../lib/asl/intrinsics';
import type { Json } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { equal } from '../../../lib/asl/jsonpath';
import { StateFault } from '../errors';
import { seededRandom, uuid } from '../random';
import { InexactNumberError, parseJson } from './exact-json';
import { isPathError, resolvePath } from './paths';
import type { TemplateScope } from './payload-template';

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

/** A function's refusal of its arguments. */
class ArgumentError extends Error {}

export function evaluateIntrinsic(text: string, data: Json, scope: TemplateScope): Json {
  try {
    return call(parseIntrinsic(text), data, scope);
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof IntrinsicSyntaxError) && !isPathError(error)) throw error;
    throw new StateFault(ErrorName.INTRINSIC_FAILURE, `The function '${text}' had the following error: ${error.message}`);
  }
}

function call(intrinsic: IntrinsicCall, data: Json, scope: TemplateScope): Json {
  const values = intrinsic.arguments.map((a) => argument(a, intrinsic.name, data, scope));
  return FUNCTIONS[intrinsic.name](values, scope);
}

function argument(given: IntrinsicArgument, of: string, data: Json, scope: TemplateScope): Json {
  if ('name' in given) return call(given, data, scope);
  if ('path' in given) return resolvePath(given.path, data, scope);
  return typeof given.value === 'string' && of !== 'States.Format' ? unescapeText(given.value) : given.value;
}

type Intrinsic = (values: readonly Json[], scope: TemplateScope) => Json;

/** Source of each rule: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': (values) => [...values],
  'States.ArrayContains': ([list, item]) => array(list).some((entry) => equal(entry, item)),
  'States.ArrayGetItem': ([list, index]) => {
    const item = array(list)[integer(index)];
    if (item === undefined) throw new ArgumentError(`index ${index} is outside of the array of ${array(list).length} items`);
    return item;
  },
  'States.ArrayLength': ([list]) => array(list).length,
  'States.ArrayPartition': ([list, size]) => partition(array(list), chunkSize(size)),
  'States.ArrayRange': ([first, last, step]) => range(integer(first), integer(last), integer(step)),
  'States.ArrayUnique': ([list]) => array(list).filter((item, i, all) => all.findIndex((other) => equal(other, item)) === i),
  'States.Base64Decode': ([value]) => Buffer.from(text(value, MAXIMUM_CHARACTERS), 'base64').toString('utf8'),
  'States.Base64Encode': ([value]) => Buffer.from(text(value, MAXIMUM_CHARACTERS), 'utf8').toString('base64'),
  'States.Format': ([template, ...values]) => format(text(template), values),
  'States.Hash': ([value, algorithm]) => hash(value, algorithm),
  'States.JsonMerge': ([first, second, deep]) => merge(first, second, deep),
  'States.JsonToString': ([value]) => JSON.stringify(value),
  'States.MathAdd': ([a, b]) => safeInteger(integer(a) + integer(b)),
  'States.MathRandom': ([from, to, seed], scope) =>
    random(integer(from), integer(to), seed === undefined ? scope.random : seededRandom(integer(seed))),
  'States.StringSplit': ([value, delimiters]) => split(text(value), text(delimiters)),
  'States.StringToJson': ([value]) => parse(text(value)),
  'States.UUID': (_, scope) => uuid(scope.random),
};

function array(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw new ArgumentError(`expected an array, got ${JSON.stringify(value)}`);
}

function text(value: Json, maximum = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string') throw new ArgumentError(`expected a string, got ${JSON.stringify(value)}`);
  if (value.length > maximum) throw new ArgumentError(`expected at most ${maximum} characters, got ${value.length}`);
  return value;
}

/** Fractions are rounded half up. */
function integer(value: Json): number {
  if (typeof value !== 'number') throw new ArgumentError(`expected a number, got ${JSON.stringify(value)}`);
  return safeInteger(Math.round(value));
}

function safeInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw new ArgumentError(`${value} is outside of the range of integers`);
  return value === 0 ? 0 : value;
}

function chunkSize(value: Json): number {
  const size = integer(value);
  if (size < 1) throw new ArgumentError(`the chunk size must be positive, got ${size}`);
  return size;
}

function partition(list: readonly Json[], size: number): Json[] {
  const chunks: Json[] = [];
  for (let i = 0; i < list.length; i += size) chunks.push(list.slice(i, i + size));
  return chunks;
}

export function range(first: number, last: number, step: number, most = MAXIMUM_RANGE): number[] {
  if (step === 0) throw new ArgumentError('the step must not be 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > most) throw new ArgumentError(`the range has ${length} elements, the most is ${most}`);
  return Array.from({ length }, (_, i) => first + i * step);
}

export function hash(value: Json, algorithm: Json): string {
  const name = Object.hasOwn(HASHES, String(algorithm)) ? HASHES[String(algorithm)] : undefined;
  if (!name) throw new ArgumentError(`unknown algorithm ${JSON.stringify(algorithm)}, known are ${Object.keys(HASHES).join(', ')}`);
  const data = typeof value === 'string' ? value : JSON.stringify(value);
  return createHash(name).update(text(data, MAXIMUM_CHARACTERS), 'utf8').digest('hex');
}

function merge(first: Json, second: Json, deep: Json): Json {
  if (!isObject(first) || !isObject(second)) throw new ArgumentError('expected two objects to merge');
  if (deep !== false)
    throw new ArgumentError(`only shallow merging is supported: the third argument must be false, got ${JSON.stringify(deep)}`);
  return { ...first, ...second };
}

/** From `from` to `to`, `to` excluded. */
function random(from: number, to: number, source: () => number): number {
  if (from >= to) throw new ArgumentError(`the end number ${to} must be greater than the start number ${from}`);
  return from + Math.floor(source() * (to - from));
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
    throw new ArgumentError(error instanceof InexactNumberError ? error.message : `'${value}' is not JSON`);
  }
}

function format(template: string, values: readonly Json[]): string {
  let used = 0;
  let result = '';
  for (let i = 0; i < template.length; i++) {
    if (template[i] === '\\') result += template[++i] ?? '';
    else if (template.startsWith('{}', i)) {
      if (used >= values.length) throw new ArgumentError(`the template has more than ${values.length} places, the number of the arguments`);
      result += javaText(values[used++]);
      i++;
    } else result += template[i];
  }
  if (used < values.length) throw new ArgumentError(`the template has ${used} places for ${values.length} arguments`);
  return result;
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
