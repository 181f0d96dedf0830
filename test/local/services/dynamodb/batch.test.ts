import { type World, worldWithTables } from './world';

let world: World;
beforeEach(async () => {
  world = await worldWithTables();
});

const order = (pk: string, more: object = {}) => ({ pk: { S: pk }, sk: { N: '1' }, ...more });
const lock = (id: string) => ({ id: { S: id } });

describe('BatchWriteItem', () => {
  test('puts and deletes in several tables', async () => {
    await world.run('PutItem', { TableName: 'Locks', Item: lock('old') });
    const output = await world.run('BatchWriteItem', {
      RequestItems: {
        Orders: [{ PutRequest: { Item: order('a') } }, { PutRequest: { Item: order('b') } }],
        Locks: [{ DeleteRequest: { Key: lock('old') } }, { DeleteRequest: { Key: lock('none') } }, { PutRequest: { Item: lock('new') } }],
      },
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(output).toEqual({
      UnprocessedItems: {},
      ConsumedCapacity: [
        { TableName: 'Orders', CapacityUnits: 2 },
        { TableName: 'Locks', CapacityUnits: 3 },
      ],
    });
    expect(
      world.dynamoDb
        .items('Orders')
        .map(({ pk }) => pk)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(world.dynamoDb.items('Locks')).toEqual([{ id: 'new' }]);
  });

  const write = (requests: unknown) => world.message('BatchWriteItem', { RequestItems: { Orders: requests } });
  const mismatch = 'The provided key element does not match the schema';
  const counts =
    'Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]';

  test('what is refused, is refused whole', async () => {
    const fine = { PutRequest: { Item: order('fine') } };
    expect(await write([fine, fine])).toBe('Provided list of item keys contains duplicates');
    expect(await write([fine, { DeleteRequest: { Key: order('fine') } }])).toBe('Provided list of item keys contains duplicates');
    expect(await write([fine, { PutRequest: { Item: { pk: { S: 'a' } } } }])).toBe(mismatch);
    expect(await write([fine, { DeleteRequest: { Key: { pk: { N: '1' }, sk: { N: '1' } } } }])).toBe(mismatch);
    expect(await write([fine, { PutRequest: { Item: order('') } }])).toContain('cannot contain an empty string value. Key: pk');
    expect(await write([fine, { PutRequest: { Item: order('a', { g: { N: '1' } }) } }])).toContain('Type mismatch for Index Key g');
    expect(await write([fine, { PutRequest: { Item: order('a', { n: { N: 'x' } }) } }])).toBe(
      'The parameter cannot be converted to a numeric value: x',
    );
    expect(await write([fine, { PutRequest: { Item: order('a', { v: { S: 'x'.repeat(409_600) } }) } }])).toBe(
      'Item size has exceeded the maximum allowed size',
    );
    expect(await write([fine, {}])).toContain('exactly one of the supported datatypes');
    expect(await write([])).toContain(counts);
    expect(await write(Array.from({ length: 26 }, (_, i) => ({ PutRequest: { Item: order(String(i)) } })))).toContain(counts);
    expect(await world.message('BatchWriteItem', { RequestItems: {} })).toContain('Member must have length greater than or equal to 1');
    expect(
      await world.message('BatchWriteItem', {
        RequestItems: {
          Orders: Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: order(String(i)) } })),
          Locks: [{ PutRequest: { Item: lock('1') } }],
        },
      }),
    ).toBe('Too many items requested for the BatchWriteItem call');
    expect((await world.refusal('BatchWriteItem', { RequestItems: { Orders: [fine], Nowhere: [fine] } })).code).toBe(
      'ResourceNotFoundException',
    );
    expect(world.dynamoDb.items('Orders')).toEqual([]);
  });
});

describe('BatchGetItem', () => {
  test('gives what is there, of several tables, projected', async () => {
    await world.run('PutItem', { TableName: 'Orders', Item: order('a', { v: { S: 'x'.repeat(5000) }, w: { N: '1' } }) });
    await world.run('PutItem', { TableName: 'Locks', Item: lock('l') });
    const output = await world.run('BatchGetItem', {
      RequestItems: {
        Orders: {
          Keys: [order('b'), order('a')],
          ProjectionExpression: '#w',
          ExpressionAttributeNames: { '#w': 'w' },
          ConsistentRead: true,
        },
        Locks: { Keys: [lock('l')] },
      },
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(output).toEqual({
      Responses: { Orders: [{ w: { N: '1' } }], Locks: [lock('l')] },
      UnprocessedKeys: {},
      ConsumedCapacity: [
        { TableName: 'Orders', CapacityUnits: 3 },
        { TableName: 'Locks', CapacityUnits: 0.5 },
      ],
    });
  });

  test('leaves keys unprocessed after 16 MB', async () => {
    const Keys = Array.from({ length: 45 }, (_, i) => order(String(i)));
    for (const key of Keys) await world.run('PutItem', { TableName: 'Orders', Item: { ...key, v: { S: 'x'.repeat(400_000) } } });
    const { Responses, UnprocessedKeys } = await world.run('BatchGetItem', { RequestItems: { Orders: { Keys, ConsistentRead: true } } });
    expect(Responses.Orders).toHaveLength(41);
    expect(UnprocessedKeys).toEqual({ Orders: { Keys: Keys.slice(41), ConsistentRead: true } });
    expect((await world.run('BatchGetItem', { RequestItems: UnprocessedKeys })).Responses.Orders).toHaveLength(4);
  });

  test('refuses', async () => {
    const read = (request: object) => world.message('BatchGetItem', { RequestItems: { Orders: request } });
    expect(await read({ Keys: [order('a'), order('a')] })).toBe('Provided list of item keys contains duplicates');
    expect(await read({ Keys: [{ pk: { S: 'a' } }] })).toBe('The provided key element does not match the schema');
    expect(await read({ Keys: [] })).toBe(
      "1 validation error detected: Value at 'RequestItems.Orders.member.Keys' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    expect(await read({ Keys: Array.from({ length: 101 }, (_, i) => order(String(i))) })).toContain(
      'Member must have length less than or equal to 100',
    );
    expect(await read({ Keys: [order('a')], ProjectionExpression: 'a, a.b' })).toContain('Two document paths overlap');
    expect(await world.message('BatchGetItem', { RequestItems: { 'bad!name': { Keys: [order('a')] } } })).toContain(
      'Map keys must satisfy constraint',
    );
    expect((await world.refusal('BatchGetItem', { RequestItems: { Nowhere: { Keys: [order('a')] } } })).code).toBe(
      'ResourceNotFoundException',
    );
  });
});
