import { type World, worldWithTables } from './world';

let world: World;
beforeAll(async () => {
  world = await worldWithTables();
});

const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders';
const TableName = 'Orders';
const Key = { pk: { S: 'p' }, sk: { N: '1' } };

test.each<[string, object, string, object]>([
  ['GetItem', { TableName, Key }, arn, { 'dynamodb:leadingkeys': ['p'], 'dynamodb:select': 'ALL_ATTRIBUTES' }],
  [
    'GetItem',
    { TableName: arn, Key, ProjectionExpression: '#a, doc.x', ExpressionAttributeNames: { '#a': 'name' } },
    arn,
    { 'dynamodb:leadingkeys': ['p'], 'dynamodb:select': 'SPECIFIC_ATTRIBUTES', 'dynamodb:attributes': ['pk', 'sk', 'name', 'doc'] },
  ],
  [
    'PutItem',
    { TableName, Item: { ...Key, v: { S: '' } }, ReturnValues: 'ALL_OLD', ConditionExpression: 'size(w) > :n AND NOT pk IN (:n)' },
    arn,
    { 'dynamodb:leadingkeys': ['p'], 'dynamodb:attributes': ['pk', 'sk', 'v', 'w'], 'dynamodb:returnvalues': 'ALL_OLD' },
  ],
  [
    'UpdateItem',
    { TableName, Key, UpdateExpression: 'SET v = if_not_exists(w, :v) REMOVE x[0].y' },
    arn,
    { 'dynamodb:leadingkeys': ['p'], 'dynamodb:attributes': ['pk', 'sk', 'v', 'w', 'x'] },
  ],
  ['DeleteItem', { TableName, Key }, arn, { 'dynamodb:leadingkeys': ['p'], 'dynamodb:attributes': ['pk', 'sk'] }],
  [
    'Query',
    {
      TableName,
      KeyConditionExpression: 'sk > :s AND pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'p' }, ':s': { N: '1' } },
      Select: 'COUNT',
    },
    arn,
    { 'dynamodb:leadingkeys': ['p'], 'dynamodb:attributes': ['sk', 'pk'], 'dynamodb:select': 'COUNT' },
  ],
  [
    'Query',
    { TableName, IndexName: 'by-g', KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': { S: 'x' } } },
    `${arn}/index/by-g`,
    { 'dynamodb:leadingkeys': ['x'], 'dynamodb:attributes': ['g'] },
  ],
  ['Scan', { TableName, IndexName: 'by-g' }, `${arn}/index/by-g`, { 'dynamodb:attributes': [] }],
  ['DescribeTable', { TableName }, arn, {}],
  ['UpdateTimeToLive', { TableName }, arn, {}],
])('%s %j', (operation, input, resource, context) => {
  expect(world.access(operation, input)).toEqual([{ action: `dynamodb:${operation}`, resource, context }]);
});

test('a number or binary partition key, as text', async () => {
  for (const [type, value, text] of [
    ['N', { N: '01.0' }, '1'],
    ['B', { B: 'AQ==' }, 'AQ=='],
  ] as const) {
    await world.create('AWS::DynamoDB::Table', {
      TableName: `Of${type}`,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: type }],
    });
    expect(world.access('GetItem', { TableName: `Of${type}`, Key: { id: value } })[0].context).toMatchObject({
      'dynamodb:leadingkeys': [text],
    });
  }
});

test('batches: once for each table', () => {
  const RequestItems = { Orders: { Keys: [Key, { ...Key, pk: { S: 'q' } }] }, Locks: { Keys: [{ id: { S: 'l' } }] } };
  expect(
    world
      .access('BatchGetItem', { RequestItems })
      .map(({ action, resource, context }) => [action, resource, context?.['dynamodb:leadingkeys']]),
  ).toEqual([
    ['dynamodb:BatchGetItem', arn, ['p', 'q']],
    ['dynamodb:BatchGetItem', arn.replace('Orders', 'Locks'), ['l']],
  ]);
  const Orders = [{ PutRequest: { Item: { ...Key, v: { S: '' } } } }, { DeleteRequest: { Key } }];
  expect(world.access('BatchWriteItem', { RequestItems: { Orders } })).toEqual([
    {
      action: 'dynamodb:BatchWriteItem',
      resource: arn,
      context: { 'dynamodb:leadingkeys': ['p', 'p'], 'dynamodb:attributes': ['pk', 'sk', 'v'] },
    },
  ]);
});

test('transactions: the single action for each item, and which operation encloses it', () => {
  const input = {
    TransactItems: [
      { Put: { TableName, Item: Key } },
      { Update: { TableName, Key } },
      { Delete: { TableName, Key } },
      { ConditionCheck: { TableName: 'Locks', Key: { id: { S: 'l' } } } },
    ],
  };
  expect(
    world
      .access('TransactWriteItems', input)
      .map(({ action, resource, context }) => [action, resource.split('/')[1], context?.['dynamodb:enclosingoperation']]),
  ).toEqual([
    ['dynamodb:PutItem', 'Orders', 'TransactWriteItems'],
    ['dynamodb:UpdateItem', 'Orders', 'TransactWriteItems'],
    ['dynamodb:DeleteItem', 'Orders', 'TransactWriteItems'],
    ['dynamodb:ConditionCheckItem', 'Locks', 'TransactWriteItems'],
  ]);
  expect(world.access('TransactGetItems', { TransactItems: [{ Get: { TableName, Key } }] })).toEqual([
    {
      action: 'dynamodb:GetItem',
      resource: arn,
      context: { 'dynamodb:leadingkeys': ['p'], 'dynamodb:enclosingoperation': 'TransactGetItems' },
    },
  ]);
});

test('a request that will be refused asks for what can be seen, and never throws', () => {
  expect(world.access('GetItem', {})).toEqual([]);
  expect(world.access('GetItem', { TableName: 'Nowhere', Key })).toMatchObject([{ resource: arn.replace('Orders', 'Nowhere') }]);
  expect(world.access('PutItem', { TableName, Item: 'text' })).toMatchObject([{ context: { 'dynamodb:leadingkeys': [] } }]);
  expect(world.access('Query', { TableName, KeyConditionExpression: 'pk = ' })).toMatchObject([{ action: 'dynamodb:Query' }]);
  expect(world.access('BatchGetItem', { RequestItems: { Orders: null } })).toHaveLength(1);
  expect(world.access('BatchWriteItem', { RequestItems: { Orders: {} } })).toHaveLength(1);
  expect(world.access('TransactWriteItems', { TransactItems: [null, {}] })).toEqual([]);
  expect(world.access('TransactGetItems', { TransactItems: [null, {}] })).toEqual([]);
  expect(world.access('TransactGetItems', { TransactItems: 'x' })).toEqual([]);
  expect(world.access('ListTables', {})).toEqual([{ action: 'dynamodb:ListTables', resource: '*' }]);
});
