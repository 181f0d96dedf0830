import { type World, worldWithTables } from './world';

let world: World;
beforeEach(async () => {
  world = await worldWithTables();
});

const Key = { pk: { S: 'p' }, sk: { N: '1' } };
const Item = { ...Key, a: { S: 'x' } };
const TableName = 'Orders';
const put = (item: object, more: object = {}) => world.run('PutItem', { TableName, Item: item, ...more });
const get = async (key: object = Key, more: object = {}) => (await world.run('GetItem', { TableName, Key: key, ...more })).Item;

describe('what is put is got', () => {
  test('in DynamoDB’s own form', async () => {
    await put({
      ...Key,
      sk: { N: '1.0' },
      n: { N: '0042.1200' },
      ns: { NS: ['10', '9', '-1'] },
      ss: { SS: ['b', '', 'a'] },
      bs: { BS: [Uint8Array.from([2]), Uint8Array.from([1, 5])] },
      b: { B: 'AQID' },
      l: { S: 'l' },
      doc: { M: { yes: { BOOL: true }, none: { NULL: true }, rest: { L: [{ M: {} }, { L: [] }] } } },
      empty: { S: '' },
    });
    expect(await get()).toEqual({
      ...Key,
      n: { N: '42.12' },
      ns: { NS: ['-1', '9', '10'] },
      ss: { SS: ['', 'a', 'b'] },
      bs: { BS: [Uint8Array.from([1, 5]), Uint8Array.from([2])] },
      b: { B: Uint8Array.from([1, 2, 3]) },
      l: { S: 'l' },
      doc: { M: { yes: { BOOL: true }, none: { NULL: true }, rest: { L: [{ M: {} }, { L: [] }] } } },
      empty: { S: '' },
    });
  });

  test('under any attribute name', async () => {
    await put({ ...Key, ['__proto__']: { S: 'p' }, constructor: { S: 'c' }, 'a.b': { S: 'd' } });
    const item = await get();
    expect(Object.getOwnPropertyDescriptor(item, '__proto__')?.value).toEqual({ S: 'p' });
    expect(item).toMatchObject({ constructor: { S: 'c' }, 'a.b': { S: 'd' } });
  });

  test('and what the caller does to it changes nothing', async () => {
    const item = { ...Key, parts: { L: [{ S: 'a' }] } };
    await put(item);
    item.parts.L.push({ S: 'b' });
    (await get()).parts.L.push({ S: 'c' });
    expect(await get()).toEqual({ ...Key, parts: { L: [{ S: 'a' }] } });
  });

  test('in parts, with a projection', async () => {
    await put({ ...Key, doc: { M: { a: { N: '1' }, b: { L: [{ S: 'x' }, { S: 'y' }, { S: 'z' }] } } }, o: { S: 'o' } });
    expect(await get(Key, { ProjectionExpression: 'doc.b[2], #o, doc.b[0], nowhere', ExpressionAttributeNames: { '#o': 'o' } })).toEqual({
      doc: { M: { b: { L: [{ S: 'x' }, { S: 'z' }] } } },
      o: { S: 'o' },
    });
    expect(await get(Key, { ProjectionExpression: 'nowhere' })).toEqual({});
  });

  test('what isn’t there is no Item', async () => {
    expect(await world.run('GetItem', { TableName, Key })).toEqual({ Item: undefined, ConsumedCapacity: undefined });
  });
});

describe('conditions and return values', () => {
  const failing = { ConditionExpression: 'attribute_not_exists(pk)' };

  test('a put that must be the first', async () => {
    await put(Item, failing);
    const error = await world.refusal('PutItem', { TableName, Item: Key, ...failing });
    expect(error).toMatchObject({ code: 'ConditionalCheckFailedException', message: 'The conditional request failed', members: {} });
    expect(await get()).toEqual(Item);
  });

  test('the item that stood in the way, when asked for', async () => {
    await put(Item);
    const withItem = { ...failing, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    expect((await world.refusal('PutItem', { TableName, Item: Key, ...withItem })).members).toEqual({ Item });
    expect((await world.refusal('DeleteItem', { TableName, Key, ...withItem })).members).toEqual({ Item });
    const absent = { ConditionExpression: 'attribute_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    expect((await world.refusal('DeleteItem', { TableName, Key: { ...Key, sk: { N: '2' } }, ...absent })).members).toEqual({});
  });

  test('the item before', async () => {
    expect((await put(Item, { ReturnValues: 'ALL_OLD' })).Attributes).toBeUndefined();
    expect((await put(Key, { ReturnValues: 'ALL_OLD' })).Attributes).toEqual(Item);
    expect((await put(Key)).Attributes).toBeUndefined();
    expect((await world.run('DeleteItem', { TableName, Key, ReturnValues: 'ALL_OLD' })).Attributes).toEqual(Key);
    expect((await world.run('DeleteItem', { TableName, Key, ReturnValues: 'ALL_OLD' })).Attributes).toBeUndefined();
    expect(await get()).toBeUndefined();
  });

  test('an update: before, after, and the part that it names', async () => {
    const update = (ReturnValues?: string) =>
      world.run('UpdateItem', {
        TableName,
        Key,
        UpdateExpression: 'SET doc.a = doc.a + :one REMOVE o',
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues,
      });
    const at = (a: string, o?: object) => ({ ...Key, doc: { M: { a: { N: a }, b: { S: 'b' } } }, ...o });
    await put(at('1', { o: { S: 'o' } }));
    expect((await update('UPDATED_OLD')).Attributes).toEqual({ doc: { M: { a: { N: '1' } } }, o: { S: 'o' } });
    expect((await update('UPDATED_NEW')).Attributes).toEqual({ doc: { M: { a: { N: '3' } } } });
    expect((await update('ALL_OLD')).Attributes).toEqual(at('3'));
    expect((await update('ALL_NEW')).Attributes).toEqual(at('5'));
    expect((await update()).Attributes).toBeUndefined();
  });

  test('an update makes the item that isn’t there', async () => {
    const { Attributes } = await world
      .run('UpdateItem', {
        TableName,
        Key,
        UpdateExpression: 'ADD visits :one SET at = if_not_exists(at, :now)',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':now': { S: 'now' } },
        ExpressionAttributeNames: undefined,
        ReturnValues: 'ALL_NEW',
      })
      .catch((error) => ({ Attributes: error.message }));
    expect(Attributes).toBe(
      '1 validation error detected: Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: at',
    );
    const again = await world.run('UpdateItem', {
      TableName,
      Key,
      UpdateExpression: 'ADD visits :one SET #at = if_not_exists(#at, :now)',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':now': { S: 'now' } },
      ExpressionAttributeNames: { '#at': 'at' },
      ReturnValues: 'ALL_NEW',
    });
    expect(again.Attributes).toEqual({ ...Key, visits: { N: '1' }, at: { S: 'now' } });
    await world.run('UpdateItem', { TableName, Key: { ...Key, sk: { N: '2' } } });
    expect(await get({ ...Key, sk: { N: '2' } })).toEqual({ ...Key, sk: { N: '2' } });
  });

  test('a failed update leaves everything as it was', async () => {
    await put(Item);
    await world.refusal('UpdateItem', {
      TableName,
      Key,
      UpdateExpression: 'SET b = :one, c = a + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    expect(await get()).toEqual(Item);
  });
});

describe('refused values', () => {
  const envelope = (message: string) => `1 validation error detected: ${message}`;
  const invalid = (message: string) => envelope(`One or more parameter values were invalid: ${message}`);
  test.each<[string, unknown, string]>([
    ['no type', {}, envelope('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')],
    [
      'two types',
      { S: 'a', N: '1' },
      envelope('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'),
    ],
    ['an empty string set', { SS: [] }, invalid('An string set  may not be empty')],
    ['an empty number set', { NS: [] }, invalid('An number set  may not be empty')],
    ['an empty binary set', { BS: [] }, invalid('Binary sets should not be empty')],
    ['a string twice', { SS: ['b', 'a', 'b'] }, invalid('Input collection ["a", "b", "b"] contains duplicates.')],
    ['a number twice', { NS: ['1', '1.0'] }, invalid('Input collection contains duplicates.')],
    ['bytes twice', { BS: ['/w==', 'AA==', 'AA=='] }, invalid('Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.')],
    ['a NULL that is false', { NULL: false }, invalid('Null attribute value types must have the value of true')],
    ['no number', { N: 'abc' }, envelope('The parameter cannot be converted to a numeric value: abc')],
    ['no number, deep inside', { M: { x: { L: [{ N: '' }] } } }, envelope('The parameter cannot be converted to a numeric value: ')],
  ])('%s', async (_, value, message) => {
    expect(await world.message('PutItem', { TableName, Item: { ...Key, v: value } })).toBe(message);
  });

  test.each<[unknown, string]>([
    [{ N: 5 }, 'NUMBER_VALUE cannot be converted to String'],
    [{ S: true }, 'TRUE_VALUE cannot be converted to String'],
    [{ SS: 'a' }, 'Unexpected field type'],
    ['text', 'Unexpected value type in payload'],
    [{ B: 'no base64' }, 'Invalid last non-pad Base64 character dectected'],
  ])('%j has the wrong JSON type', async (value, message) => {
    expect(await world.refusal('PutItem', { TableName, Item: { ...Key, v: value } })).toMatchObject({
      code: 'SerializationException',
      message,
    });
  });

  test('more than 32 levels', async () => {
    const nested = (levels: number): object => (levels === 0 ? { S: 'leaf' } : { M: { n: nested(levels - 1) } });
    await put({ ...Key, v: nested(31) });
    expect(await world.message('PutItem', { TableName, Item: { ...Key, v: nested(32) } })).toBe(
      envelope('Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'),
    );
    expect(
      await world.message('UpdateItem', {
        TableName,
        Key,
        UpdateExpression: 'SET v.n.o = :deep',
        ExpressionAttributeValues: { ':deep': nested(30) },
      }),
    ).toContain('Nesting Levels have exceeded supported limits');
  });

  test('more than 400 KB, names counted', async () => {
    const used = 'pk'.length + 1 + 'sk'.length + 2 + 'v'.length;
    const fits = { ...Key, v: { S: 'x'.repeat(409_600 - used) } };
    await put(fits);
    expect(await world.message('PutItem', { TableName, Item: { ...fits, v: { S: `${fits.v.S}x` } } })).toBe(
      envelope('Item size has exceeded the maximum allowed size'),
    );
    expect(
      await world.message('UpdateItem', { TableName, Key, UpdateExpression: 'SET w = :w', ExpressionAttributeValues: { ':w': { S: '' } } }),
    ).toBe('Item size to update has exceeded the maximum allowed size');
  });
});

describe('refused keys', () => {
  const mismatch = 'The provided key element does not match the schema';
  const invalid = (message: string) => `One or more parameter values were invalid: ${message}`;
  const empty =
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk';

  test.each<[object, string]>([
    [{ sk: { N: '1' } }, invalid('Missing the key pk in the item')],
    [{ pk: { N: '1' }, sk: { N: '1' } }, invalid('Type mismatch for key pk expected: S actual: N')],
    [{ pk: { S: '' }, sk: { N: '1' } }, empty],
    [{ pk: { S: 'ü'.repeat(1025) }, sk: { N: '1' } }, invalid('Size of hashkey has exceeded the maximum size limit of2048 bytes')],
    [{ ...Key, g: { N: '1' } }, invalid('Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g')],
    [
      { ...Key, g: { S: '' } },
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g',
    ],
  ])('PutItem %j', async (item, message) => expect(await world.message('PutItem', { TableName, Item: item })).toBe(message));

  test.each<[object, string]>([
    [{ pk: { S: 'p' } }, mismatch],
    [{ ...Key, extra: { S: '' } }, mismatch],
    [{ pk: { S: 'p' }, sk: { S: '1' } }, mismatch],
    [{ pk: { S: '' }, sk: { N: '1' } }, empty],
  ])('Get, update and delete %j', async (key, message) => {
    for (const operation of ['GetItem', 'UpdateItem', 'DeleteItem']) {
      expect(await world.message(operation, { TableName, Key: key })).toBe(message);
    }
  });

  test.each<[string, object | undefined, string]>([
    ['SET pk = :v', { ':v': { S: 'q' } }, invalid('Cannot update attribute pk. This attribute is part of the key')],
    ['REMOVE sk', undefined, invalid('Cannot update attribute sk. This attribute is part of the key')],
    ['SET g = :v', { ':v': { N: '1' } }, invalid('Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g')],
    ['SET g = h', undefined, 'The update expression attempted to update the secondary index key to unsupported type'],
    [
      'SET g = :v',
      { ':v': { S: '' } },
      'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.',
    ],
    [
      'SET g.x = :v',
      { ':v': { S: '' } },
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g",
    ],
  ])('UpdateItem %s', async (UpdateExpression, ExpressionAttributeValues, message) => {
    await put({ ...Key, h: { N: '1' } });
    expect(await world.message('UpdateItem', { TableName, Key, UpdateExpression, ExpressionAttributeValues })).toBe(message);
  });
});

describe('refused requests', () => {
  const constraint = (place: string, value: string, text: string) =>
    `1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${text}`;

  test.each<[string, object, string]>([
    ['GetItem', { Key }, constraint('tableName', 'null', 'Member must not be null')],
    [
      'PutItem',
      { TableName: 'no table!', Item },
      constraint('tableName', "'no table!'", 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
    ],
    ['GetItem', { TableName }, constraint('key', 'null', 'Member must not be null')],
    [
      'DeleteItem',
      { TableName, Key, ReturnConsumedCapacity: 'ALL' },
      constraint('returnConsumedCapacity', "'ALL'", 'Member must satisfy enum value set: [INDEXES, TOTAL, NONE]'),
    ],
    ['PutItem', { TableName, Item, ReturnValues: 'ALL_NEW' }, '1 validation error detected: ReturnValues can only be ALL_OLD or NONE'],
    [
      'PutItem',
      { TableName, Item, ExpressionAttributeValues: { ':v': { S: '' } } },
      '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions',
    ],
    [
      'GetItem',
      { TableName, Key, ExpressionAttributeNames: { '#a': 'a' } },
      'ExpressionAttributeNames can only be specified when using expressions',
    ],
    [
      'PutItem',
      { TableName, Item, Expected: { pk: { Exists: false } }, ConditionExpression: 'attribute_not_exists(pk)' },
      '1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    ],
  ])('%s %j', async (operation, input, message) => expect(await world.message(operation, input)).toBe(message));

  test('all violations at once, in DynamoDB’s order', async () => {
    expect(await world.message('UpdateItem', { TableName: '', ReturnConsumedCapacity: 'X', ReturnValues: 'Y' })).toBe(
      '4 validation errors detected: ' +
        "Value 'X' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; " +
        "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value 'Y' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; " +
        "Value null at 'key' failed to satisfy constraint: Member must not be null",
    );
  });

  test('legacy parameters, by name', async () => {
    expect(await world.refusal('PutItem', { TableName, Item, Expected: { pk: { Exists: false } } })).toMatchObject({
      code: 'NotImplemented',
      message: expect.stringContaining('Expected'),
    });
    expect((await world.refusal('GetItem', { TableName, Key, AttributesToGet: ['a'] })).code).toBe('NotImplemented');
    expect(await get()).toBeUndefined();
  });

  test('a table that isn’t there', async () => {
    for (const [operation, input] of [
      ['GetItem', { Key }],
      ['PutItem', { Item }],
      ['UpdateItem', { Key }],
      ['DeleteItem', { Key }],
      ['Scan', {}],
    ] as const) {
      expect(await world.refusal(operation, { TableName: 'Nowhere', ...input })).toMatchObject({
        code: 'ResourceNotFoundException',
        message: 'Requested resource not found',
      });
    }
  });
});

describe('consumed capacity', () => {
  const consumed = async (operation: string, input: object) =>
    (await world.run(operation, { TableName, ReturnConsumedCapacity: 'INDEXES', ...input })).ConsumedCapacity;

  test('writes: the larger item, and each index that changes', async () => {
    expect(await consumed('PutItem', { Item: { ...Key, v: { S: 'x'.repeat(2500) } } })).toEqual({
      TableName,
      CapacityUnits: 3,
      Table: { CapacityUnits: 3 },
    });
    expect(await consumed('PutItem', { Item: { ...Key, g: { S: 'a' }, l: { S: 'a' } } })).toEqual({
      TableName,
      CapacityUnits: 5,
      Table: { CapacityUnits: 3 },
      GlobalSecondaryIndexes: { 'by-g': { CapacityUnits: 1 } },
      LocalSecondaryIndexes: { 'by-l': { CapacityUnits: 1 } },
    });
    // Another key in an index is a delete and a put; what an index doesn't hold costs nothing there.
    expect(await consumed('PutItem', { Item: { ...Key, g: { S: 'b' }, l: { S: 'a' }, w: { S: '' } } })).toEqual({
      TableName,
      CapacityUnits: 3,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { 'by-g': { CapacityUnits: 2 } },
    });
    expect(await consumed('DeleteItem', { Key: { ...Key, sk: { N: '9' } } })).toMatchObject({ CapacityUnits: 1 });
  });

  test('reads: 4 KB, half if eventually consistent', async () => {
    await put({ ...Key, v: { S: 'x'.repeat(5000) } });
    expect(await consumed('GetItem', { Key })).toMatchObject({ CapacityUnits: 1 });
    expect(await consumed('GetItem', { Key, ConsistentRead: true })).toMatchObject({ CapacityUnits: 2 });
    expect(await consumed('GetItem', { Key: { ...Key, sk: { N: '9' } } })).toMatchObject({ CapacityUnits: 0.5 });
    expect((await world.run('GetItem', { TableName, Key, ReturnConsumedCapacity: 'TOTAL' })).ConsumedCapacity).toEqual({
      TableName,
      CapacityUnits: 1,
    });
    expect((await world.run('GetItem', { TableName, Key, ReturnConsumedCapacity: 'NONE' })).ConsumedCapacity).toBeUndefined();
  });

  test('item collection metrics, where there is a local index', async () => {
    const metrics = { ReturnItemCollectionMetrics: 'SIZE' };
    expect((await put(Item, metrics)).ItemCollectionMetrics).toEqual({
      ItemCollectionKey: { pk: { S: 'p' } },
      SizeEstimateRangeGB: [0, 1],
    });
    expect(
      (await world.run('PutItem', { TableName: 'Locks', Item: { id: { S: 'l' } }, ...metrics })).ItemCollectionMetrics,
    ).toBeUndefined();
  });
});
