import { type AttributeValue, attribute, type Item, orderOf, typeOf } from './attribute-value';
import { invalidParameterValues, validationError } from './errors';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** A table has one partition key attribute and at most one sort key attribute, an index up to four of each. */
export interface KeySchema {
  readonly hash: readonly KeyAttribute[];
  readonly range: readonly KeyAttribute[];
}

export const keyAttributes = ({ hash, range }: KeySchema): readonly KeyAttribute[] => [...hash, ...range];

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys */
const MAX_HASH_SIZE = 2048;
const MAX_RANGE_SIZE = 1024;

const SCHEMA_MISMATCH = 'The provided key element does not match the schema';

export const keyOf = (schema: KeySchema, item: Item): Item =>
  Object.fromEntries(keyAttributes(schema).map(({ name }) => [name, item[name]]));

/** A `Key` parameter: exactly the key attributes, of their types. */
export function checkKey(schema: KeySchema, key: Item): void {
  const attributes = keyAttributes(schema);
  if (Object.keys(key).length !== attributes.length) throw validationError(SCHEMA_MISMATCH);
  for (const { name, type } of attributes) {
    const value = attribute(key, name);
    if (!value || typeOf(value) !== type) throw validationError(SCHEMA_MISMATCH);
  }
  checkSizes(schema, key);
}

/** An `Item` to put. */
export function checkItemKey(schema: KeySchema, item: Item): void {
  for (const { name, type } of keyAttributes(schema)) {
    const value = attribute(item, name);
    if (!value) throw invalidParameterValues(`Missing the key ${name} in the item`);
    if (typeOf(value) !== type) throw invalidParameterValues(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
  }
  checkSizes(schema, item);
}

/** An empty string is a value like another, but no key. */
export function checkNotEmpty(schema: KeySchema, item: Item): void {
  for (const { name } of keyAttributes(schema)) {
    const kind = emptyKind(attribute(item, name));
    if (kind) {
      throw validationError(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
      );
    }
  }
}

/** An item without an index's key attributes is simply not in that index; one with a wrong type there can't be stored. */
export function checkIndexKey(schema: KeySchema, indexName: string, item: Item): void {
  for (const { name, type } of keyAttributes(schema)) {
    const value = attribute(item, name);
    if (!value) continue;
    if (typeOf(value) !== type) throw indexTypeMismatch(name, type, typeOf(value), indexName);
    const kind = emptyKind(value);
    if (kind) {
      throw validationError(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value. IndexName: ${indexName}, IndexKey: ${name}`,
      );
    }
  }
  checkSizes(schema, item);
}

/** The same after an update, whose value may only be known then. */
export function checkUpdatedIndexKey(schema: KeySchema, item: Item): void {
  for (const { name, type } of keyAttributes(schema)) {
    const value = attribute(item, name);
    if (!value) continue;
    if (typeOf(value) !== type) {
      throw validationError('The update expression attempted to update the secondary index key to unsupported type');
    }
    const kind = emptyKind(value);
    if (kind) {
      throw validationError(
        `One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value.`,
      );
    }
  }
  checkSizes(schema, item);
}

export const indexTypeMismatch = (name: string, expected: string, actual: string, indexName: string) =>
  invalidParameterValues(`Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${actual} IndexName: ${indexName}`);

function checkSizes({ hash, range }: KeySchema, item: Item): void {
  if (keySize(hash, item) > MAX_HASH_SIZE) {
    throw invalidParameterValues(`Size of hashkey has exceeded the maximum size limit of${MAX_HASH_SIZE} bytes`);
  }
  if (keySize(range, item) > MAX_RANGE_SIZE) {
    throw invalidParameterValues(`Aggregated size of all range keys has exceeded the size limit of ${MAX_RANGE_SIZE} bytes`);
  }
}

function keySize(attributes: readonly KeyAttribute[], item: Item): number {
  return attributes.reduce((sum, { name }) => {
    const value = attribute(item, name);
    return sum + (value && ('S' in value || 'B' in value) ? orderOf(value).length : 0);
  }, 0);
}

function emptyKind(value: AttributeValue | undefined): string | undefined {
  if (!value) return undefined;
  if ('S' in value && value.S === '') return 'string';
  return 'B' in value && value.B.byteLength === 0 ? 'binary' : undefined;
}
