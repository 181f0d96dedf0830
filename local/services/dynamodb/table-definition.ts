import { isTrue } from '../identifiers';
import type { DocumentPath } from './document-path';
import { invalidParameterValues, validationError } from './errors';
import { type KeyAttribute, type KeySchema, keyAttributes } from './key-schema';

export interface IndexDefinition {
  readonly name: string;
  readonly kind: 'global' | 'local';
  readonly schema: KeySchema;
  readonly projection: { readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; readonly attributes: readonly string[] };
}

export interface TableDefinition {
  readonly name: string;
  readonly schema: KeySchema;
  readonly indexes: readonly IndexDefinition[];
  readonly timeToLive?: string;
  readonly billingMode: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly deletionProtection: boolean;
  readonly streamViewType?: string;
  /** As given, for DescribeTable. */
  readonly input: TableInput;
}

/** CreateTable's input, and nearly word for word the properties of AWS::DynamoDB::Table. */
export interface TableInput {
  readonly TableName?: string;
  readonly KeySchema?: readonly KeySchemaElement[];
  readonly AttributeDefinitions?: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexInput[];
  readonly LocalSecondaryIndexes?: readonly IndexInput[];
  readonly BillingMode?: string;
  readonly ProvisionedThroughput?: unknown;
  readonly DeletionProtectionEnabled?: boolean | string;
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean; readonly StreamViewType?: string };
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled?: boolean | string };
}

interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

interface IndexInput {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
}

const MAX_LOCAL_INDEXES = 5;
const MAX_GLOBAL_INDEXES = 20;
const MAX_INDEX_KEY_ATTRIBUTES = 4;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
export function defineTable(name: string, input: TableInput): TableDefinition {
  const types = new Map((input.AttributeDefinitions ?? []).map((definition) => [definition.AttributeName, definition.AttributeType]));
  const schema = readKeySchema(input.KeySchema ?? [], types, 1);
  const locals = (input.LocalSecondaryIndexes ?? []).map((index) => readIndex('local', index, types));
  const globals = (input.GlobalSecondaryIndexes ?? []).map((index) => readIndex('global', index, types));
  for (const index of locals) checkLocalIndex(index, schema);
  if (locals.length > MAX_LOCAL_INDEXES) {
    throw invalidParameterValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${MAX_LOCAL_INDEXES}`);
  }
  if (globals.length > MAX_GLOBAL_INDEXES) {
    throw invalidParameterValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${MAX_GLOBAL_INDEXES}`);
  }
  const indexes = [...globals, ...locals];
  checkNames(indexes);
  checkAllUsed(types, [schema, ...indexes.map((index) => index.schema)]);
  const ttl = input.TimeToLiveSpecification;
  return {
    name,
    schema,
    indexes,
    timeToLive: ttl && isTrue(ttl.Enabled) ? ttl.AttributeName : undefined,
    billingMode: input.BillingMode === 'PAY_PER_REQUEST' ? 'PAY_PER_REQUEST' : 'PROVISIONED',
    deletionProtection: isTrue(input.DeletionProtectionEnabled),
    streamViewType: input.StreamSpecification?.StreamEnabled === false ? undefined : input.StreamSpecification?.StreamViewType,
    input,
  };
}

/** A key attribute is a string, a number or binary, so nothing can be inside of it. */
export function checkScalarKeys({ schema, indexes }: TableDefinition, paths: readonly DocumentPath[]): void {
  const nested = new Set(paths.filter((path) => path.length > 1).map(([head]) => head));
  const check = (kind: string, attributes: readonly KeyAttribute[]) => {
    const found = attributes.find(({ name }) => nested.has(name));
    if (found) {
      throw validationError(
        `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${kind}: ${found.name}`,
      );
    }
  };
  check('Key', keyAttributes(schema));
  for (const index of indexes) check('IndexKey', keyAttributes(index.schema));
}

function readKeySchema(elements: readonly KeySchemaElement[], types: ReadonlyMap<string, string>, limit: number): KeySchema {
  const missing = elements.filter(({ AttributeName }) => !types.has(AttributeName));
  if (missing.length > 0) {
    throw invalidParameterValues(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${elements.map(({ AttributeName }) => AttributeName).join(', ')}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
    );
  }
  const hash = elements.filter(({ KeyType }) => KeyType === 'HASH');
  const range = elements.filter(({ KeyType }) => KeyType === 'RANGE');
  if (elements[0]?.KeyType !== 'HASH') throw validationError('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (hash.length > limit || range.length > limit) {
    throw validationError('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
  if (new Set(elements.map(({ AttributeName }) => AttributeName)).size < elements.length) {
    throw validationError('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  const read = ({ AttributeName }: KeySchemaElement): KeyAttribute => ({
    name: AttributeName,
    type: readType(types.get(AttributeName)),
  });
  return { hash: hash.map(read), range: range.map(read) };
}

function readType(type: string | undefined): KeyAttribute['type'] {
  if (type === 'S' || type === 'N' || type === 'B') return type;
  throw validationError(
    `1 validation error detected: Value '${type}' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]`,
  );
}

function readIndex(kind: IndexDefinition['kind'], input: IndexInput, types: ReadonlyMap<string, string>): IndexDefinition {
  const type = input.Projection?.ProjectionType;
  const attributes = input.Projection?.NonKeyAttributes;
  if (type !== 'ALL' && type !== 'KEYS_ONLY' && type !== 'INCLUDE') {
    throw invalidParameterValues(`Unknown ProjectionType: ${type ?? null}`);
  }
  if (type !== 'INCLUDE' && attributes?.length) {
    throw invalidParameterValues(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (type === 'INCLUDE' && !attributes?.length) {
    throw invalidParameterValues('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  const schema = readKeySchema(input.KeySchema, types, kind === 'global' ? MAX_INDEX_KEY_ATTRIBUTES : 1);
  return { name: input.IndexName, kind, schema, projection: { type, attributes: attributes ?? [] } };
}

function checkLocalIndex({ name, schema }: IndexDefinition, table: KeySchema): void {
  if (table.range.length === 0) {
    throw invalidParameterValues('Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex');
  }
  if (schema.range.length === 0) throw invalidParameterValues(`Index KeySchema does not have a range key for index: ${name}`);
  if (schema.hash[0].name !== table.hash[0].name) {
    throw invalidParameterValues(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${schema.hash[0].name}, table hash key: ${table.hash[0].name}`,
    );
  }
}

function checkNames(indexes: readonly IndexDefinition[]): void {
  const names = indexes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidParameterValues(`Duplicate index name: ${twice}`);
}

function checkAllUsed(types: ReadonlyMap<string, string>, schemas: readonly KeySchema[]): void {
  const used = new Set(schemas.flatMap(({ hash, range }) => [...hash, ...range].map(({ name }) => name)));
  if (used.size !== types.size) {
    throw invalidParameterValues(
      schemas.length === 1
        ? 'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions'
        : `Some AttributeDefinitions are not used. AttributeDefinitions: [${[...types.keys()].join(', ')}], keys used: [${[...used].join(', ')}]`,
    );
  }
}
