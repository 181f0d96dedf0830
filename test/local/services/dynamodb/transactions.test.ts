import { type World, worldWithTables } from './world';

let world: World;
beforeEach(async () => {
  world = await worldWithTables();
});

const TableName = 'Orders';
const key = (pk: string) => ({ pk: { S: pk }, sk: { N: '1' } });
const Put = (pk: string, more: object = {}) => ({ Put: { TableName, Item: key(pk), ...more } });
const write = (TransactItems: unknown, more: object = {}) => world.run('TransactWriteItems', { TransactItems, ...more });
const first = { ConditionExpression: 'attribute_not_exists(pk)' };
const stored = () =>
  world.dynamoDb
    .items(TableName)
    .map(({ pk }) => pk)
    .sort();

describe('TransactWriteItems', () => {
  test('does all four actions, in several tables', async () => {
    await world.run('PutItem', { TableName, Item: { ...key('gone'), n: { N: '1' } } });
    await world.run('PutItem', { TableName: 'Locks', Item: { id: { S: 'held' } } });
    const output = await write(
      [
        Put('new', first),
        {
          Update: {
            TableName,
            Key: key('counter'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
        { Delete: { TableName, Key: key('gone'), ConditionExpression: 'n = :one', ExpressionAttributeValues: { ':one': { N: '1' } } } },
        { ConditionCheck: { TableName: 'Locks', Key: { id: { S: 'held' } }, ConditionExpression: 'attribute_exists(id)' } },
      ],
      { ReturnConsumedCapacity: 'TOTAL' },
    );
    expect(output.ConsumedCapacity).toEqual([
      { TableName, CapacityUnits: 6, WriteCapacityUnits: 6 },
      { TableName: 'Locks', CapacityUnits: 2, WriteCapacityUnits: 2 },
    ]);
    expect(stored()).toEqual(['counter', 'new']);
  });

  test('or none of them, and says why, item by item', async () => {
    await world.run('PutItem', { TableName, Item: { ...key('b'), v: { S: 'old' } } });
    const error = await world.refusal('TransactWriteItems', {
      TransactItems: [
        Put('a', first),
        Put('b', { ...first, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        { ConditionCheck: { TableName, Key: key('c'), ConditionExpression: 'attribute_exists(pk)' } },
        { Update: { TableName, Key: key('d'), UpdateExpression: 'SET v = absent' } },
        { Delete: { TableName, Key: { pk: { S: 'e' } } } },
      ],
    });
    expect(error.code).toBe('TransactionCanceledException');
    expect(error.message).toBe(
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError, ValidationError]',
    );
    expect(error.members.CancellationReasons).toEqual([
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { ...key('b'), v: { S: 'old' } } },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      { Code: 'ValidationError', Message: 'The provided expression refers to an attribute that does not exist in the item' },
      { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
    ]);
    expect(stored()).toEqual(['b']);
  });

  test('wrong keys of a put are reasons, empty ones an error of the request', async () => {
    const wrong = { Put: { TableName, Item: { ...key('a'), pk: { N: '1' } } } };
    expect((await world.refusal('TransactWriteItems', { TransactItems: [wrong] })).members.CancellationReasons).toEqual([
      { Code: 'ValidationError', Message: 'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N' },
    ]);
    expect(await world.message('TransactWriteItems', { TransactItems: [Put('')] })).toContain(
      'cannot contain an empty string value. Key: pk',
    );
  });

  test('an item that grows too large is a reason, one that is too large is an error of the request', async () => {
    const half = { S: 'x'.repeat(300_000) };
    await world.run('PutItem', { TableName, Item: { ...key('a'), v: half } });
    const Update = { TableName, Key: key('a'), UpdateExpression: 'SET w = :w', ExpressionAttributeValues: { ':w': half } };
    expect((await world.refusal('TransactWriteItems', { TransactItems: [{ Update }] })).members.CancellationReasons).toEqual([
      { Code: 'ValidationError', Message: 'Item size to update has exceeded the maximum allowed size' },
    ]);
    const Item = { ...key('b'), v: half, w: half };
    expect(await world.message('TransactWriteItems', { TransactItems: [{ Put: { TableName, Item } }] })).toBe(
      'Item size has exceeded the maximum allowed size',
    );
    const many = Array.from({ length: 14 }, (_, i) => ({ Put: { TableName, Item: { ...key(`m${i}`), v: half } } }));
    expect(await world.message('TransactWriteItems', { TransactItems: many })).toContain('4 MB');
    expect(stored()).toEqual(['a']);
  });

  test('one item is one action', async () => {
    const twice = 'Transaction request cannot include multiple operations on one item';
    expect(await world.message('TransactWriteItems', { TransactItems: [Put('a'), Put('a')] })).toBe(twice);
    const check = { ConditionCheck: { TableName, Key: { ...key('a'), sk: { N: '1.0' } }, ConditionExpression: 'attribute_exists(pk)' } };
    expect(await world.message('TransactWriteItems', { TransactItems: [Put('a'), check] })).toBe(twice);
    expect(await world.message('TransactWriteItems', { TransactItems: [{ ...Put('a'), Delete: { TableName, Key: key('b') } }] })).toBe(
      'TransactItems can only contain one of Check, Put, Update or Delete',
    );
  });

  test('what can be read off the request comes before the tables', async () => {
    const absent = { Put: { TableName: 'Nowhere', Item: key('a') } };
    const check = (more: object) => ({ ConditionCheck: { TableName, Key: key('a'), ...more } });
    const refused = (...TransactItems: object[]) => world.message('TransactWriteItems', { TransactItems });
    expect(await refused(absent, check({ ConditionExpression: 'attribute_not_exists(' }))).toBe(
      'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("',
    );
    expect(
      await refused(absent, check({ ConditionExpression: 'attribute_exists(pk)', ExpressionAttributeValues: { ':v': { S: 'x' } } })),
    ).toBe('Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}');
    expect(await refused(absent, check({}))).toContain("at 'transactItems.2.member.conditionCheck.conditionExpression'");
    expect(await refused()).toContain(
      "at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    expect(await refused(...Array.from({ length: 101 }, (_, i) => Put(`${i}`)))).toContain(
      'Member must have length less than or equal to 100',
    );
    expect((await world.refusal('TransactWriteItems', { TransactItems: [absent] })).code).toBe('ResourceNotFoundException');
  });

  test('a token makes it happen once within ten minutes', async () => {
    const token = { ClientRequestToken: 'a-token' };
    const add = [
      { Update: { TableName, Key: key('n'), UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } } },
    ];
    const count = () => world.dynamoDb.items(TableName)[0].n;
    expect(await write(add, { ...token, ReturnConsumedCapacity: 'INDEXES' })).toMatchObject({
      ConsumedCapacity: [{ CapacityUnits: 2, WriteCapacityUnits: 2, Table: { CapacityUnits: 2, WriteCapacityUnits: 2 } }],
    });
    expect(await write(add, { ...token, ReturnConsumedCapacity: 'TOTAL' })).toEqual({
      ConsumedCapacity: [{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }],
    });
    expect(count()).toBe(1);
    expect((await world.refusal('TransactWriteItems', { TransactItems: [Put('x')], ...token })).code).toBe(
      'IdempotentParameterMismatchException',
    );
    await write(add, { ClientRequestToken: 'another' });
    expect(count()).toBe(2);
    world.time += 10 * 60 * 1000 + 1;
    await write(add, token);
    expect(count()).toBe(3);
  });

  test('a token of a transaction that was cancelled is free', async () => {
    const items = [{ ConditionCheck: { TableName, Key: key('a'), ConditionExpression: 'attribute_exists(pk)' } }, Put('b')];
    const token = { ClientRequestToken: 't' };
    expect((await world.refusal('TransactWriteItems', { TransactItems: items, ...token })).code).toBe('TransactionCanceledException');
    await world.run('PutItem', { TableName, Item: key('a') });
    await write(items, token);
    expect(stored()).toEqual(['a', 'b']);
  });
});

describe('TransactGetItems', () => {
  const Get = (pk: string, more: object = {}) => ({ Get: { TableName, Key: key(pk), ...more } });
  const read = (...TransactItems: object[]) => world.run('TransactGetItems', { TransactItems, ReturnConsumedCapacity: 'TOTAL' });

  test('has an answer for each, in order', async () => {
    await world.run('PutItem', { TableName, Item: { ...key('a'), v: { S: 'x' } } });
    const projections = [Get('a', { ProjectionExpression: 'v' }), Get('a', { ProjectionExpression: 'nowhere' })];
    expect(await read(Get('none'), Get('a'), ...projections)).toEqual({
      Responses: [{}, { Item: { ...key('a'), v: { S: 'x' } } }, { Item: { v: { S: 'x' } } }, {}],
      ConsumedCapacity: [{ TableName, CapacityUnits: 8, ReadCapacityUnits: 8 }],
    });
  });

  test('cancels for a key that doesn’t fit', async () => {
    const error = await world.refusal('TransactGetItems', { TransactItems: [Get('a'), { Get: { TableName, Key: {} } }] });
    expect(error.code).toBe('TransactionCanceledException');
    expect(error.members.CancellationReasons).toEqual([
      { Code: 'None' },
      { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
    ]);
  });

  test('refuses bad projections and absent tables', async () => {
    expect(await world.message('TransactGetItems', { TransactItems: [Get('a', { ProjectionExpression: '!!!' })] })).toBe(
      'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
    );
    expect((await world.refusal('TransactGetItems', { TransactItems: [{ Get: { TableName: 'Nowhere', Key: key('a') } }] })).message).toBe(
      'Requested resource not found',
    );
  });
});
