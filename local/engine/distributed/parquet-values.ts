import type { FileMetaData, ParquetParsers, SchemaElement, SchemaTree, TimeUnit } from 'hyparquet';
import type { Json } from '../../../lib/asl/json';
import { InexactNumberError } from '../data/exact-json';

/**
 * Parquet's values as JSON. AWS does not document which JSON it makes of them, so it is what a reader of JSON would expect: numbers, ISO 8601
 * texts for dates and times, base64 for bytes, arrays for lists, objects for maps and groups.
 * Types: https://parquet.apache.org/docs/file-format/types/logicaltypes/
 */
type Reader = (value: unknown) => Json;

/** Seconds have this many digits behind the point. */
const DIGITS: Readonly<Record<TimeUnit, number>> = { MILLIS: 3, MICROS: 6, NANOS: 9 };

/** The older and the newer way to say what a column's values mean, as one. */
type Meaning =
  | { readonly type: 'DECIMAL'; readonly scale: number }
  | { readonly type: 'DATE' }
  | { readonly type: 'TIME' | 'TIMESTAMP'; readonly unit: TimeUnit; readonly utc: boolean };

function meaning({ converted_type: converted, logical_type: logical, scale = 0 }: SchemaElement): Meaning | undefined {
  if (logical?.type === 'DECIMAL') return { type: 'DECIMAL', scale: logical.scale };
  if (logical?.type === 'TIME' || logical?.type === 'TIMESTAMP') {
    return { type: logical.type, unit: logical.unit, utc: logical.isAdjustedToUTC };
  }
  if (logical?.type === 'DATE') return { type: 'DATE' };
  switch (converted) {
    case 'DECIMAL':
      return { type: 'DECIMAL', scale };
    case 'DATE':
      return { type: 'DATE' };
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
      return { type: 'TIME', unit: converted === 'TIME_MILLIS' ? 'MILLIS' : 'MICROS', utc: true };
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
      return { type: 'TIMESTAMP', unit: converted === 'TIMESTAMP_MILLIS' ? 'MILLIS' : 'MICROS', utc: true };
    default:
      return undefined;
  }
}

/**
 * The same file with the schema that hyparquet shall see: it gives decimals as inexact products and drops microseconds, so it gets the bare
 * numbers to read, and it doesn't know the newer way of some annotations.
 */
export function plainSchema(metadata: FileMetaData): FileMetaData {
  return { ...metadata, schema: metadata.schema.map(plainElement) };
}

function plainElement(element: SchemaElement): SchemaElement {
  const { converted_type, logical_type, ...plain } = element;
  if (meaning(element)) return plain;
  if (converted_type === 'ENUM' || logical_type?.type === 'ENUM') return { ...plain, converted_type: 'UTF8' };
  switch (logical_type?.type) {
    case 'LIST':
    case 'MAP':
    case 'JSON':
    case 'BSON':
      return { ...element, converted_type: logical_type.type };
    default:
      return element;
  }
}

/** For the columns that are timestamps by their physical type, INT96: hyparquet makes nanoseconds of it. */
export const PARSERS: Partial<ParquetParsers> = { timestampFromNanoseconds: (nanos) => timestamp(nanos, 'NANOS', true) };

/** @param tree of the file's own schema, not of the plain one */
export function jsonReader(tree: SchemaTree): Reader {
  const one = single(tree);
  return tree.element.repetition_type === 'REPEATED' ? array(one) : one;
}

/** A value, or one of those of a repeated field. */
function single(tree: SchemaTree): Reader {
  const [child] = tree.children;
  if (!child) return leaf(tree.element);
  const { isListLike, isMapLike } = structure();
  const seen = { ...tree, element: plainElement(tree.element) };
  if (isListLike(seen)) return array(child.children.length === 1 ? jsonReader(child.children[0]) : single(child));
  if (isMapLike(seen)) return map(jsonReader(child.children[0]), jsonReader(child.children[1]));
  return tree.element.logical_type?.type === 'VARIANT' ? variant : group(tree.children);
}

function array(item: Reader): Reader {
  return (value) => (Array.isArray(value) ? value.map(item) : null);
}

function map(key: Reader, item: Reader): Reader {
  return (value) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, held]) => [String(key(name)), item(held)])) : null;
}

function group(children: readonly SchemaTree[]): Reader {
  const fields = children.map((child) => [child.element.name, jsonReader(child)] as const);
  return (value) => (isRecord(value) ? Object.fromEntries(fields.map(([name, field]) => [name, field(value[name])])) : null);
}

/** Its values say themselves what they are. */
function variant(value: unknown): Json {
  return (require('hyparquet') as typeof import('hyparquet')).toJson(value) as Json;
}

function leaf(element: SchemaElement): Reader {
  const means = meaning(element);
  return (value) => {
    if (value === null || value === undefined) return null;
    if (!means) return plainValue(value);
    if (means.type === 'DECIMAL') return Number(`${unscaled(value)}e${-means.scale}`);
    const count = BigInt(value as number | bigint);
    if (means.type === 'DATE') return iso(count * 86_400n).split('T')[0];
    return means.type === 'TIME'
      ? timestamp(count, means.unit, false).slice('1970-01-01T'.length)
      : timestamp(count, means.unit, means.utc);
  };
}

function plainValue(value: unknown): Json {
  if (typeof value === 'bigint') return exactly(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : (value as Json);
}

function exactly(value: bigint): number {
  if (BigInt.asIntN(54, value) !== value) throw new InexactNumberError(String(value));
  return Number(value);
}

/** A decimal's digits: a number of some bytes, the highest first. */
function unscaled(value: unknown): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value as number | bigint);
  return value.length === 0 ? 0n : BigInt.asIntN(value.length * 8, BigInt(`0x${Buffer.from(value).toString('hex')}`));
}

function timestamp(count: bigint, unit: TimeUnit, utc: boolean): string {
  const digits = DIGITS[unit];
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  return `${iso((count - fraction) / perSecond)}.${String(fraction).padStart(digits, '0')}${utc ? 'Z' : ''}`;
}

/** Without the fraction of the second and the zone. */
function iso(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, '');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** hyparquet's own sense of what is a list: the values came out by it. */
function structure(): typeof import('hyparquet/src/schema.js') {
  return require('hyparquet/src/schema.js');
}
