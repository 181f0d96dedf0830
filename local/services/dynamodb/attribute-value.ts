import { invalidParameterValues, serializationError, validationError } from './errors';
import { normalizeNumber, numberOrder } from './number';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: Uint8Array }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly Uint8Array[] }
  | { readonly M: Item }
  | { readonly L: readonly AttributeValue[] }
  | { readonly NULL: true }
  | { readonly BOOL: boolean };

export type AttributeType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';
export type Item = Readonly<Record<string, AttributeValue>>;

const TYPES: readonly AttributeType[] = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'];

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes-nested-depth */
const MAX_DEPTH = 32;

export const typeOf = (value: AttributeValue): AttributeType => Object.keys(value)[0] as AttributeType;

/** An item may have an attribute called "constructor", so nothing is read through the prototype. */
export const attribute = (item: Item, name: string): AttributeValue | undefined => (Object.hasOwn(item, name) ? item[name] : undefined);

export function parseItem(input: unknown, depth = 1): Item {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw serializationError('Unexpected field type');
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, parseValue(value, depth)]));
}

/** Checks a value and brings it into DynamoDB's own form: numbers normalised, sets in order, binary as bytes. */
export function parseValue(input: unknown, depth = 1): AttributeValue {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw serializationError('Unexpected value type in payload');
  const members = input as Record<string, unknown>;
  const types = TYPES.filter((type) => members[type] !== undefined && members[type] !== null);
  if (types.length === 0) throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  const value = parseMember(types[0], members[types[0]], depth);
  if (types.length > 1) {
    throw validationError('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
  }
  if (depth > MAX_DEPTH) {
    throw validationError(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  }
  return value;
}

function parseMember(type: AttributeType, input: unknown, depth: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: parseString(input) };
    case 'N':
      return { N: normalizeNumber(parseString(input)) };
    case 'B':
      return { B: parseBinary(input) };
    case 'BOOL':
      return { BOOL: parseBoolean(input) };
    case 'NULL':
      if (!parseBoolean(input)) throw invalidParameterValues('Null attribute value types must have the value of true');
      return { NULL: true };
    case 'SS':
      return { SS: parseStringSet(parseList(input)) };
    case 'NS':
      return { NS: parseNumberSet(parseList(input)) };
    case 'BS':
      return { BS: parseBinarySet(parseList(input)) };
    case 'L':
      return { L: parseList(input).map((element) => parseValue(element, depth + 1)) };
    case 'M':
      return { M: parseItem(input, depth + 1) };
  }
}

function parseString(input: unknown): string {
  if (typeof input !== 'string') throw serializationError(`${jsonType(input)} cannot be converted to String`);
  return input;
}

function parseBoolean(input: unknown): boolean {
  if (typeof input === 'boolean') return input;
  if (typeof input === 'string' && /^(true|false)$/i.test(input)) return input.toLowerCase() === 'true';
  throw serializationError(`${jsonType(input)} cannot be converted to Boolean`);
}

/** Bytes from the wire; base64 from a state machine, whose JSON has no bytes. */
function parseBinary(input: unknown): Uint8Array {
  if (input instanceof Uint8Array) return new Uint8Array(input);
  if (typeof input !== 'string') throw serializationError('only base-64-encoded strings are convertible to bytes');
  const bytes = Buffer.from(input, 'base64');
  if (bytes.toString('base64') !== input) throw serializationError('Invalid last non-pad Base64 character dectected');
  return new Uint8Array(bytes);
}

function parseList(input: unknown): readonly unknown[] {
  if (!Array.isArray(input)) throw serializationError('Unexpected field type');
  return input;
}

// DynamoDB gives a set back in its own order: strings and binary by bytes, numbers by value.

function parseStringSet(input: readonly unknown[]): readonly string[] {
  const members = input.map(parseString);
  if (members.length === 0) throw invalidParameterValues('An string set  may not be empty');
  checkDistinct(
    members,
    stringOrder,
    (listed) => `Input collection [${listed.map((m) => JSON.stringify(m)).join(', ')}] contains duplicates.`,
  );
  return sortBy(members, stringOrder);
}

function parseNumberSet(input: readonly unknown[]): readonly string[] {
  const members = input.map((member) => normalizeNumber(parseString(member)));
  if (members.length === 0) throw invalidParameterValues('An number set  may not be empty');
  checkDistinct(members, numberOrder, () => 'Input collection contains duplicates.');
  return sortBy(members, numberOrder);
}

function parseBinarySet(input: readonly unknown[]): readonly Uint8Array[] {
  const members = input.map(parseBinary);
  if (members.length === 0) throw invalidParameterValues('Binary sets should not be empty');
  checkDistinct(
    members,
    binaryOrder,
    (listed) => `Input collection [${listed.map((m) => JSON.stringify(base64(m))).join(',')}]of type BS contains duplicates.`,
  );
  return sortBy(members, binaryOrder);
}

/** The message lists the members in order up to the first repeat, then the repeat, then the rest as sent. */
function checkDistinct<T>(members: readonly T[], order: (member: T) => string, message: (listed: readonly T[]) => string): void {
  const seen = new Set<string>();
  for (const [index, member] of members.entries()) {
    if (seen.has(order(member))) {
      throw invalidParameterValues(message([...sortBy(members.slice(0, index), order), ...members.slice(index)]));
    }
    seen.add(order(member));
  }
}

export function sortBy<T>(members: readonly T[], order: (member: T) => string): readonly T[] {
  return [...members].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
}

/** UTF-8 bytes as characters, because JavaScript would compare UTF-16 code units. */
export const stringOrder = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

export const binaryOrder = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A string that sorts, by code unit, as DynamoDB orders the values of one scalar type. */
export function orderOf(value: AttributeValue): string {
  if ('S' in value) return stringOrder(value.S);
  if ('N' in value) return numberOrder(value.N);
  if ('B' in value) return binaryOrder(value.B);
  throw new Error(`${typeOf(value)} has no order`);
}

export const isOrdered = (type: AttributeType): boolean => type === 'S' || type === 'N' || type === 'B';

export function equal(a: AttributeValue, b: AttributeValue): boolean {
  if (typeOf(a) !== typeOf(b)) return false;
  if ('B' in a && 'B' in b) return Buffer.compare(a.B, b.B) === 0;
  if ('BS' in a && 'BS' in b) return a.BS.length === b.BS.length && a.BS.every((member, i) => Buffer.compare(member, b.BS[i]) === 0);
  if ('L' in a && 'L' in b) return a.L.length === b.L.length && a.L.every((element, i) => equal(element, b.L[i]));
  if ('M' in a && 'M' in b) {
    const other = b.M;
    const names = Object.keys(a.M);
    return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && equal(a.M[name], other[name]));
  }
  // What is left is a scalar, or a set of strings or numbers in its canonical order.
  return JSON.stringify(a) === JSON.stringify(b);
}

/** For the caller, who may change it. */
export const cloneItem = (item: Item): Item => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, clone(value)]));

function clone(value: AttributeValue): AttributeValue {
  if ('M' in value) return { M: cloneItem(value.M) };
  if ('L' in value) return { L: value.L.map(clone) };
  if ('B' in value) return { B: value.B.slice() };
  if ('BS' in value) return { BS: value.BS.map((member) => member.slice()) };
  if ('SS' in value) return { SS: [...value.SS] };
  return 'NS' in value ? { NS: [...value.NS] } : { ...value };
}

/** As plain JavaScript: sets as arrays, numbers as numbers where nothing is lost, otherwise as their digits. */
export function unmarshall(value: AttributeValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return plainNumber(value.N);
  if ('B' in value) return value.B;
  if ('BOOL' in value) return value.BOOL;
  if ('SS' in value) return [...value.SS];
  if ('NS' in value) return value.NS.map(plainNumber);
  if ('BS' in value) return [...value.BS];
  if ('L' in value) return value.L.map(unmarshall);
  if ('M' in value) return unmarshallItem(value.M);
  return null;
}

export const unmarshallItem = (item: Item): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, unmarshall(value)]));

function plainNumber(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) && normalizeNumber(String(number)) === text ? number : text;
}

function jsonType(input: unknown): string {
  if (typeof input === 'number') return Number.isInteger(input) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  if (typeof input === 'boolean') return input ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return typeof input === 'string' ? 'STRING_VALUE' : 'OBJECT_VALUE';
}
