/** The unmodified SDK, over the wire. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
  ResourceNotFoundException,
  ScanCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { createGateway, type Gateway } from '../../../../local/wire';
import { LOCKS, type World, worldWithTables } from './world';

let world: World;
let gateway: Gateway;
let client: DynamoDBClient;
let documents: DynamoDBDocument;

beforeAll(async () => {
  world = await worldWithTables();
  gateway = await createGateway(world);
  client = new DynamoDBClient({ region: world.region, endpoint: gateway.url, credentials: gateway.credentialsFor(), maxAttempts: 1 });
  documents = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
});

const TableName = 'Orders';

test('a table is made and waited for', async () => {
  await client.send(new CreateTableCommand({ ...LOCKS, TableName: 'Fresh' } as never));
  await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: 'Fresh' });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Fresh' }));
  expect(Table?.CreationDateTime).toEqual(new Date(world.time));
});

test('every type goes in and comes out', async () => {
  const Item = {
    pk: { S: 'types' },
    sk: { N: '1' },
    n: { N: '12345678901234567890.123456789' },
    b: { B: Uint8Array.from([0, 255, 7]) },
    yes: { BOOL: true },
    none: { NULL: true as const },
    ss: { SS: ['a', 'ü'] },
    ns: { NS: ['1', '2'] },
    bs: { BS: [Uint8Array.from([1])] },
    doc: { M: { rest: { L: [{ S: '' }] } } },
  };
  await client.send(new PutItemCommand({ TableName, Item }));
  const { Item: got } = await client.send(new GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk } }));
  expect(got).toEqual(Item);
});

test('the document client, too', async () => {
  await documents.put({ TableName, Item: { pk: 'doc', sk: 1, tags: new Set(['b', 'a']), nested: { list: [1, 2.5, null, true] } } });
  const { Attributes } = await documents.update({
    TableName,
    Key: { pk: 'doc', sk: 1 },
    UpdateExpression: 'SET nested.#list[1] = :x ADD hits :one',
    ExpressionAttributeNames: { '#list': 'list' },
    ExpressionAttributeValues: { ':x': 'y', ':one': 1 },
    ReturnValues: 'ALL_NEW',
  });
  expect(Attributes).toEqual({ pk: 'doc', sk: 1, hits: 1, tags: new Set(['a', 'b']), nested: { list: [1, 'y', null, true] } });
});

test('of twenty that put at once under a condition, one wins', async () => {
  const put = (owner: number) =>
    client.send(
      new PutItemCommand({
        TableName: 'Locks',
        Item: { id: { S: 'lock' }, owner: { N: String(owner) } },
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => put(i)));
  const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(lost).toHaveLength(19);
  const [{ owner }] = world.dynamoDb.items('Locks').filter(({ id }) => id === 'lock');
  for (const error of lost) {
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error.Item).toEqual({ id: { S: 'lock' }, owner: { N: String(owner) } });
  }
});

test('twenty counters at once lose no count', async () => {
  const add = () =>
    client.send(
      new UpdateItemCommand({
        TableName: 'Locks',
        Key: { id: { S: 'counter' } },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
  await Promise.all(Array.from({ length: 20 }, add));
  expect(world.dynamoDb.items('Locks').find(({ id }) => id === 'counter')).toEqual({ id: 'counter', n: 20 });
});

test('paginators find everything', async () => {
  const PutRequests = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: { pk: { S: 'pages' }, sk: { N: String(i) } } } }));
  const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: PutRequests } }));
  expect(UnprocessedItems).toEqual({});
  const found: string[] = [];
  const query = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'pages' } } };
  for await (const { Items } of paginateQuery({ client, pageSize: 7 }, { ...query }))
    found.push(...(Items ?? []).map(({ sk }) => String(sk.N)));
  expect(found).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
  let scanned = 0;
  for await (const { Count } of paginateScan({ client, pageSize: 4 }, { TableName })) scanned += Count ?? 0;
  expect(scanned).toBe(world.dynamoDb.items(TableName).length);
  const { Items } = await client.send(new QueryCommand({ ...query, ScanIndexForward: false, Limit: 1, ProjectionExpression: 'sk' }));
  expect(Items).toEqual([{ sk: { N: '24' } }]);
  const { Responses } = await client.send(
    new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [{ pk: { S: 'pages' }, sk: { N: '3.0' } }] } } }),
  );
  expect(Responses?.[TableName]).toEqual([{ pk: { S: 'pages' }, sk: { N: '3' } }]);
});

test('transactions, with their reasons', async () => {
  const Item = { id: { S: 'transacted' }, v: { S: 'first' } };
  const put = { TransactItems: [{ Put: { TableName: 'Locks', Item, ConditionExpression: 'attribute_not_exists(id)' } }] };
  await client.send(new TransactWriteItemsCommand({ ...put, ClientRequestToken: 'once' }));
  await client.send(new TransactWriteItemsCommand({ ...put, ClientRequestToken: 'once' }));
  const other = { TransactItems: [{ Delete: { TableName: 'Locks', Key: { id: Item.id } } }] };
  await expect(client.send(new TransactWriteItemsCommand({ ...other, ClientRequestToken: 'once' }))).rejects.toBeInstanceOf(
    IdempotentParameterMismatchException,
  );
  const [{ Put }] = put.TransactItems;
  const again = { TransactItems: [{ Put: { ...Put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const } }] };
  const error = await client.send(new TransactWriteItemsCommand(again)).catch((caught) => caught);
  expect(error).toBeInstanceOf(TransactionCanceledException);
  expect(error.CancellationReasons).toEqual([{ Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item }]);
  const { Responses } = await client.send(
    new TransactGetItemsCommand({
      TransactItems: [{ Get: { TableName: 'Locks', Key: { id: Item.id } } }, { Get: { TableName: 'Locks', Key: { id: { S: 'none' } } } }],
    }),
  );
  expect(Responses?.map((response) => response.Item)).toEqual([Item, undefined]);
});

test('errors have their names', async () => {
  await expect(client.send(new ScanCommand({ TableName: 'Nowhere' }))).rejects.toBeInstanceOf(ResourceNotFoundException);
  await expect(client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }))).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'The provided key element does not match the schema',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(client.send(new ScanCommand({ TableName, AttributesToGet: ['pk'] }))).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('AttributesToGet'),
    $metadata: { httpStatusCode: 501, attempts: 1 },
  });
});
