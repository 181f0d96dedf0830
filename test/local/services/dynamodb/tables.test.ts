import { LOCKS, ORDERS, World, worldWithTables } from './world';

const HOUR = 3600 * 1000;

describe('resources', () => {
  test('AWS::DynamoDB::Table', async () => {
    const world = new World();
    const made = await world.create('AWS::DynamoDB::Table', {
      ...ORDERS,
      TableName: undefined,
      StreamSpecification: { StreamViewType: 'NEW_IMAGE', ResourcePolicy: { PolicyDocument: { Statement: [] } } },
      ResourcePolicy: { PolicyDocument: { Version: '2012-10-17', Statement: [] } },
    });
    const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Stack-Ledger-1A2B3C';
    expect(made).toEqual({
      ref: 'Stack-Ledger-1A2B3C',
      attributes: {
        Arn: arn,
        TableId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        StreamArn: `${arn}/stream/2026-01-05T09:00:00.000`,
      },
    });
    expect([...world.policies.keys()]).toEqual([arn, `${arn}/stream/2026-01-05T09:00:00.000`]);
    await world.run('PutItem', { TableName: arn, Item: { pk: { S: 'a' }, sk: { N: '1' } } });
    expect(world.dynamoDb.items(made.ref)).toEqual([{ pk: 'a', sk: 1 }]);
    expect((await world.refusal('GetItem', { TableName: arn.replace('eu-west-1', 'eu-west-2'), Key: {} })).code).toBe(
      'ResourceNotFoundException',
    );
  });

  test('AWS::DynamoDB::GlobalTable, as TableV2 makes it', async () => {
    const world = new World();
    const { ref, attributes } = await world.create('AWS::DynamoDB::GlobalTable', {
      ...LOCKS,
      TableName: 'Locks',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      Replicas: [
        { Region: 'us-east-1', DeletionProtectionEnabled: false },
        { Region: 'eu-west-1', DeletionProtectionEnabled: true, ResourcePolicy: { PolicyDocument: { Statement: [] } } },
      ],
    });
    expect(ref).toBe('Locks');
    expect(attributes).toEqual({ Arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Locks', TableId: expect.any(String) });
    expect([...world.policies.keys()]).toEqual([attributes?.Arn]);
    expect((await world.run('DescribeTimeToLive', { TableName: 'Locks' })).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: 'ENABLED',
      AttributeName: 'expires',
    });
    expect((await world.refusal('DeleteTable', { TableName: 'Locks' })).message).toContain('protected against deletion');
  });

  test('a global index of several key attributes', async () => {
    const world = new World();
    await world.create('AWS::DynamoDB::Table', {
      ...LOCKS,
      AttributeDefinitions: ['id', 'a', 'b', 'c', 'd'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'many',
          KeySchema: [
            { AttributeName: 'a', KeyType: 'HASH' },
            { AttributeName: 'b', KeyType: 'HASH' },
            { AttributeName: 'c', KeyType: 'RANGE' },
            { AttributeName: 'd', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
    for (const [id, c, d] of [
      ['1', 'x', '1'],
      ['2', 'x', '2'],
      ['3', 'y', '1'],
    ]) {
      await world.run('PutItem', { TableName: 'Locks', Item: { id: { S: id }, a: { S: 'A' }, b: { S: 'B' }, c: { S: c }, d: { S: d } } });
    }
    const ids = async (condition: string, values: Record<string, string>) => {
      const ExpressionAttributeValues = Object.fromEntries(Object.entries({ a: 'A', b: 'B', ...values }).map(([k, S]) => [`:${k}`, { S }]));
      const input = {
        TableName: 'Locks',
        IndexName: 'many',
        KeyConditionExpression: `a = :a AND b = :b${condition}`,
        ExpressionAttributeValues,
      };
      return (await world.run('Query', input)).Items.map(({ id }: { id: { S: string } }) => id.S);
    };
    expect(await ids('', {})).toEqual(['1', '2', '3']);
    expect(await ids(' AND c = :c AND d > :d', { c: 'x', d: '1' })).toEqual(['2']);
    // Observed, not documented: paritysuite/dynamodb-conformance, tests/tier1/query/multiAttributeGsiKey.test.ts
    const equality = (lacking: string, named: string) =>
      `RANGE key attributes ${lacking} must have equality conditions specified in the query because a condition is present on key attribute ${named}`;
    await expect(ids(' AND c > :c AND d = :d', { c: 'x', d: '1' })).rejects.toThrow(equality('c', 'd'));
    await expect(ids(' AND d = :d', { d: '1' })).rejects.toThrow(equality('c', 'd'));
  });

  test('a property that nothing carries out is refused by name', async () => {
    const world = new World();
    await expect(world.create('AWS::DynamoDB::Table', { ...LOCKS, KinesisStreamSpecification: { StreamArn: 'arn' } })).rejects.toThrow(
      'KinesisStreamSpecification of AWS::DynamoDB::Table (Ledger)',
    );
  });

  test.each<[string, object, string]>([
    [
      'an undefined key attribute',
      { AttributeDefinitions: [] },
      'Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: []',
    ],
    [
      'a definition too many',
      { AttributeDefinitions: [...LOCKS.AttributeDefinitions, { AttributeName: 'x', AttributeType: 'S' }] },
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    ],
    [
      'no partition key',
      { KeySchema: [{ AttributeName: 'id', KeyType: 'RANGE' }] },
      'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
    ],
    [
      'a local index without a sort key in the table',
      { LocalSecondaryIndexes: [{ IndexName: 'local', KeySchema: LOCKS.KeySchema, Projection: { ProjectionType: 'ALL' } }] },
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    ],
    [
      'attributes beside ALL',
      {
        GlobalSecondaryIndexes: [
          { IndexName: 'global', KeySchema: LOCKS.KeySchema, Projection: { ProjectionType: 'ALL', NonKeyAttributes: ['a'] } },
        ],
      },
      'ProjectionType is ALL, but NonKeyAttributes is specified',
    ],
  ])('%s', async (_, change, message) => {
    await expect(new World().create('AWS::DynamoDB::Table', { ...LOCKS, ...change })).rejects.toThrow(message);
  });
});

describe('time to live', () => {
  const TableName = 'Locks';
  const seconds = (time: number) => String(Math.floor(time / 1000));

  async function withTimeToLive() {
    const world = await worldWithTables();
    await world.run('UpdateTimeToLive', { TableName, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    return world;
  }

  test('an expired item is read as before, until 48 hours have passed', async () => {
    const world = await withTimeToLive();
    const start = world.time;
    await world.run('PutItem', { TableName, Item: { id: { S: 'a' }, expires: { N: seconds(start + HOUR) } } });
    await world.run('PutItem', { TableName, Item: { id: { S: 'b' }, expires: { N: seconds(start + 9 * HOUR) } } });
    for (const [id, expires] of [
      ['text', { S: seconds(start) }],
      ['milliseconds', { N: String(start + HOUR) }],
      ['long ago', { N: '0' }],
    ] as const) {
      await world.run('PutItem', { TableName, Item: { id: { S: id }, expires } });
    }
    const ids = async () => (await world.run('Scan', { TableName })).Items.map(({ id }: { id: { S: string } }) => id.S).sort();
    const others = ['long ago', 'milliseconds', 'text'];
    world.time = start + HOUR + 48 * HOUR - 1;
    expect(await ids()).toEqual(['a', 'b', ...others]);
    world.time += 1;
    expect(await ids()).toEqual(['b', ...others]);
    expect((await world.run('GetItem', { TableName, Key: { id: { S: 'a' } } })).Item).toBeUndefined();
    world.time += 1000 * HOUR;
    expect(await ids()).toEqual(others);
    // Text is no time, milliseconds are the year 57 000, and what expired over five years before is left alone.
    expect(world.dynamoDb.items(TableName)).toHaveLength(3);
  });

  test('an item that is written again lives on', async () => {
    const world = await withTimeToLive();
    const put = (expires: number) => world.run('PutItem', { TableName, Item: { id: { S: 'a' }, expires: { N: seconds(expires) } } });
    await put(world.time);
    world.time += 47 * HOUR;
    await put(world.time + 100 * HOUR);
    world.time += 100 * HOUR;
    expect(world.dynamoDb.items(TableName)).toHaveLength(1);
    world.time += 48 * HOUR;
    expect(world.dynamoDb.items(TableName)).toHaveLength(0);
  });

  test('is switched on and off', async () => {
    const world = await withTimeToLive();
    const set = (AttributeName: string, Enabled: boolean) => ({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } });
    expect(await world.message('UpdateTimeToLive', set('expires', true))).toBe('TimeToLive is already enabled');
    expect(await world.message('UpdateTimeToLive', set('other', false))).toBe(
      'TimeToLive is active on a different AttributeName: current AttributeName is expires',
    );
    await world.run('PutItem', { TableName, Item: { id: { S: 'a' }, expires: { N: seconds(world.time) } } });
    await world.run('UpdateTimeToLive', set('expires', false));
    world.time += 500 * HOUR;
    expect(world.dynamoDb.items(TableName)).toHaveLength(1);
    expect((await world.run('DescribeTimeToLive', { TableName })).TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });
});

test('tables are described, listed, made and deleted', async () => {
  const world = await worldWithTables();
  await world.run('PutItem', { TableName: 'Orders', Item: { pk: { S: 'a' }, sk: { N: '1' }, g: { S: 'g' } } });
  const { Table } = await world.run('DescribeTable', { TableName: 'Orders' });
  expect(Table).toMatchObject({
    TableName: 'Orders',
    TableArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders',
    TableStatus: 'ACTIVE',
    CreationDateTime: new Date('2026-01-05T09:00:00Z'),
    KeySchema: ORDERS.KeySchema,
    ItemCount: 1,
    TableSizeBytes: 9,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-g',
        IndexArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/index/by-g',
        ItemCount: 1,
        IndexStatus: 'ACTIVE',
      },
      { IndexName: 'by-g-h', ItemCount: 0 },
    ],
    LocalSecondaryIndexes: [{ IndexName: 'by-l', Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] } }],
  });
  expect(await world.refusal('DescribeTable', { TableName: 'Nowhere' })).toMatchObject({
    code: 'ResourceNotFoundException',
    message: 'Requested resource not found: Table: Nowhere not found',
  });

  expect((await world.run('CreateTable', { ...LOCKS, TableName: 'Another' })).TableDescription).toMatchObject({ TableStatus: 'CREATING' });
  expect((await world.refusal('CreateTable', { ...LOCKS, TableName: 'Another' })).code).toBe('ResourceInUseException');
  expect(await world.message('CreateTable', { ...LOCKS, BillingMode: 'PROVISIONED', TableName: 'More' })).toContain(
    'must both be specified',
  );
  expect(await world.run('ListTables', {})).toEqual({ TableNames: ['Another', 'Locks', 'Orders'], LastEvaluatedTableName: undefined });
  expect(await world.run('ListTables', { Limit: 2 })).toEqual({ TableNames: ['Another', 'Locks'], LastEvaluatedTableName: 'Locks' });
  expect((await world.run('ListTables', { Limit: 2, ExclusiveStartTableName: 'Locks' })).TableNames).toEqual(['Orders']);
  await world.run('DeleteTable', { TableName: 'Another' });
  expect((await world.run('ListTables', {})).TableNames).toEqual(['Locks', 'Orders']);
});

test('items() gives plain values, and digits where a number would lose some', async () => {
  const world = await worldWithTables();
  const values = {
    id: { S: 'x' },
    n: { N: '1.50' },
    exact: { N: '0.1' },
    large: { N: '9007199254740993' },
    long: { N: '3.14159265358979323846' },
    ns: { NS: ['2', '12345678901234567890'] },
    ss: { SS: ['b', 'a'] },
    b: { B: Uint8Array.from([1]) },
    doc: { M: { yes: { BOOL: true }, none: { NULL: true }, rest: { L: [{ N: '1e3' }] } } },
  };
  await world.run('PutItem', { TableName: 'Locks', Item: values });
  expect(world.dynamoDb.items('Locks')).toEqual([
    {
      id: 'x',
      n: 1.5,
      exact: 0.1,
      large: '9007199254740993',
      long: '3.14159265358979323846',
      ns: [2, '12345678901234567890'],
      ss: ['a', 'b'],
      b: Uint8Array.from([1]),
      doc: { yes: true, none: null, rest: [1000] },
    },
  ]);
  expect(() => world.dynamoDb.items('Nowhere')).toThrow('Table: Nowhere not found');
});
