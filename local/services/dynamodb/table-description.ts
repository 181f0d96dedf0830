import { itemSize } from './size';
import type { Index, Table } from './table';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html. Counts are exact, where AWS's are hours old. */
export function describeTable(table: Table) {
  const { definition, identity, items, indexes, stream } = table;
  const { input } = definition;
  const all = [...items.scan()].map(({ item }) => item);
  const created = new Date(identity.createdAt);
  const throughput = input.ProvisionedThroughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };
  const locals = indexes.filter((index) => index.definition.kind === 'local').map((index) => describeIndex(table, index));
  const globals = indexes
    .filter((index) => index.definition.kind === 'global')
    .map((index) => ({ ...describeIndex(table, index), IndexStatus: 'ACTIVE' }));
  return {
    TableName: definition.name,
    TableArn: identity.arn,
    TableId: identity.id,
    TableStatus: 'ACTIVE',
    CreationDateTime: created,
    AttributeDefinitions: input.AttributeDefinitions,
    KeySchema: input.KeySchema,
    ItemCount: all.length,
    TableSizeBytes: all.reduce((sum, item) => sum + itemSize(item), 0),
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...throughput },
    ...(definition.billingMode === 'PAY_PER_REQUEST' && {
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: created },
    }),
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals }),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals }),
    ...(stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.identity.viewType },
      LatestStreamLabel: stream.identity.label,
      LatestStreamArn: stream.identity.arn,
    }),
    DeletionProtectionEnabled: definition.deletionProtection,
  };
}

function describeIndex(table: Table, { definition, collection }: Index) {
  const { hash, range } = definition.schema;
  return {
    IndexName: definition.name,
    IndexArn: `${table.identity.arn}/index/${definition.name}`,
    KeySchema: [
      ...hash.map(({ name }) => ({ AttributeName: name, KeyType: 'HASH' })),
      ...range.map(({ name }) => ({ AttributeName: name, KeyType: 'RANGE' })),
    ],
    Projection: {
      ProjectionType: definition.projection.type,
      ...(definition.projection.type === 'INCLUDE' && { NonKeyAttributes: definition.projection.attributes }),
    },
    ItemCount: collection.size,
  };
}
