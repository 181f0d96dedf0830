import { random, type World, worldWithTables } from './world';

let world: World;
const TableName = 'Orders';
const item = (pk: string, sk: number, more: object = {}) => ({ pk: { S: pk }, sk: { N: String(sk) }, ...more });

beforeAll(async () => {
  world = await worldWithTables();
  for (const sk of [10, 9, -1, 2.5, 1, -10]) {
    await world.run('PutItem', {
      TableName,
      Item: item('p', sk, { g: { S: 'all' }, h: { N: String(-sk) }, l: { S: `l${sk}` }, a: { S: `a${sk}` }, v: { N: String(sk) } }),
    });
  }
  await world.run('PutItem', { TableName, Item: item('q', 1, { g: { S: 'other' } }) });
  await world.run('PutItem', { TableName, Item: item('q', 2) });
});

const sorted = [-10, -1, 1, 2.5, 9, 10];
const query = (KeyConditionExpression: string, values: object, more: object = {}) =>
  world.run('Query', { TableName, KeyConditionExpression, ExpressionAttributeValues: values, ...more });
// biome-ignore lint/suspicious/noExplicitAny: an output
const sks = (output: any) => output.Items.map(({ sk }: { sk: { N: string } }) => Number(sk.N));
const p = { ':p': { S: 'p' } };

describe('key conditions', () => {
  test.each<[string, object, number[]]>([
    ['pk = :p', {}, sorted],
    ['pk = :p AND sk = :a', { ':a': { N: '1.0' } }, [1]],
    ['sk < :a AND pk = :p', { ':a': { N: '1' } }, [-10, -1]],
    ['pk = :p AND sk <= :a', { ':a': { N: '1' } }, [-10, -1, 1]],
    ['(pk = :p) AND (sk > :a)', { ':a': { N: '2.5' } }, [9, 10]],
    ['pk = :p AND sk >= :a', { ':a': { N: '2.5' } }, [2.5, 9, 10]],
    ['pk = :p AND :a >= sk', { ':a': { N: '-1' } }, [-10, -1]],
    ['pk = :p AND sk BETWEEN :a AND :b', { ':a': { N: '-1' }, ':b': { N: '9' } }, [-1, 1, 2.5, 9]],
  ])('%s', async (condition, values, expected) => {
    expect(sks(await query(condition, { ...p, ...values }))).toEqual(expected);
    expect(sks(await query(condition, { ...p, ...values }, { ScanIndexForward: false }))).toEqual([...expected].reverse());
  });

  test('begins_with, on a string sort key', async () => {
    const { Items, Count, ScannedCount } = await query(
      'pk = :p AND begins_with(l, :a)',
      { ...p, ':a': { S: 'l1' } },
      { IndexName: 'by-l' },
    );
    expect(Items.map(({ l }: { l: object }) => l)).toEqual([{ S: 'l1' }, { S: 'l10' }]);
    expect({ Count, ScannedCount }).toEqual({ Count: 2, ScannedCount: 2 });
  });

  const operand = (operator: string, type: string) =>
    `Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`;
  const schema = 'One or more parameter values were invalid: Condition parameter type does not match schema type';
  test.each<[string, object, string]>([
    ['pk > :p', {}, 'Query key condition not supported'],
    ['sk = :a', { ':a': { N: '1' } }, 'Query condition missed key schema element: pk'],
    ['pk = :p AND v = :a', { ':a': { N: '1' } }, 'Query condition missed key schema element: sk'],
    ['pk = :p OR sk = :a', { ':a': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: OR'],
    ['pk = :p AND NOT sk = :a', { ':a': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: NOT'],
    ['pk = :p AND sk <> :a', { ':a': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: <>'],
    ['pk = :p AND sk IN (:a)', { ':a': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: IN'],
    ['pk = :p AND attribute_exists(sk)', {}, 'Invalid operator used in KeyConditionExpression: attribute_exists'],
    ['pk = :p AND size(sk) = :a', { ':a': { N: '1' } }, 'KeyConditionExpressions cannot contain nested operations'],
    ['pk.x = :p', {}, 'KeyConditionExpressions cannot have conditions on nested attributes'],
    ['pk = sk', {}, 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
    [
      'pk = :p AND sk > :a AND sk < :b',
      { ':a': { N: '1' }, ':b': { N: '2' } },
      'Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key',
    ],
    [
      'pk = :p AND sk > :a AND v = :b',
      { ':a': { N: '1' }, ':b': { N: '2' } },
      'The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)',
    ],
    ['pk = :p AND sk = :a', { ':a': { S: '1' } }, schema],
    ['pk = :p AND begins_with(sk, :a)', { ':a': { S: '1' } }, schema],
    ['pk = :p AND begins_with(sk, :a)', { ':a': { N: '1' } }, operand('begins_with', 'N')],
    ['pk = :p AND sk < :a', { ':a': { BOOL: true } }, operand('<', 'BOOL')],
    ['pk = :p AND sk BETWEEN :a AND :b', { ':a': { BOOL: false }, ':b': { BOOL: true } }, operand('BETWEEN', 'BOOL')],
    [
      'pk = :e',
      { ':e': { S: '' } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    ],
  ])('%s is refused', async (KeyConditionExpression, values, message) => {
    const used = KeyConditionExpression.includes(':p') ? { ...p, ...values } : Object.keys(values).length > 0 ? values : undefined;
    expect(await world.message('Query', { TableName, KeyConditionExpression, ExpressionAttributeValues: used })).toBe(message);
  });

  test('there must be one', async () => {
    expect(await world.message('Query', { TableName })).toBe(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  });
});

test('of 300 random ranges, each finds what a filter over everything would', async () => {
  const own = await worldWithTables();
  const next = random(17);
  const number = () => Math.floor(next() * 41 - 20) / 2;
  for (const sk of new Set(Array.from({ length: 60 }, number))) await own.run('PutItem', { TableName, Item: item('p', sk) });
  const everything = (await own.run('Query', { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: p })).Items;
  const numbers: number[] = sks({ Items: everything });
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const operators: Record<string, (sk: number, a: number, b: number) => boolean> = {
    'sk = :a': (sk, a) => sk === a,
    'sk < :a': (sk, a) => sk < a,
    'sk <= :a': (sk, a) => sk <= a,
    'sk > :a': (sk, a) => sk > a,
    'sk >= :a': (sk, a) => sk >= a,
    'sk BETWEEN :a AND :b': (sk, a, b) => sk >= a && sk <= b,
  };
  for (let i = 0; i < 300; i++) {
    const [condition, holds] = Object.entries(operators)[i % 6];
    const [a, b] = [number(), number()].sort((x, y) => x - y);
    const values = { ...p, ':a': { N: String(a) }, ...(condition.includes(':b') && { ':b': { N: String(b) } }) };
    const forward = next() < 0.5;
    const input = {
      TableName,
      KeyConditionExpression: `pk = :p AND ${condition}`,
      ExpressionAttributeValues: values,
      ScanIndexForward: forward,
    };
    const expected = numbers.filter((sk) => holds(sk, a, b));
    expect(sks(await own.run('Query', input))).toEqual(forward ? expected : expected.reverse());
  }
});

describe('filters', () => {
  test('come after the key condition, and only what is read is counted as scanned', async () => {
    const output = await query('pk = :p AND sk > :a', { ...p, ':a': { N: '0' }, ':v': { N: '5' } }, { FilterExpression: 'v > :v' });
    expect(sks(output)).toEqual([9, 10]);
    expect(output).toMatchObject({ Count: 2, ScannedCount: 4 });
  });

  test('may not name the key in a query, and may in a scan', async () => {
    const FilterExpression = 'sk > :v';
    expect(
      await world.message('Query', {
        TableName,
        KeyConditionExpression: 'pk = :p',
        FilterExpression,
        ExpressionAttributeValues: { ...p, ':v': { N: '1' } },
      }),
    ).toBe('Filter Expression can only contain non-primary key attributes: Primary key attribute: sk');
    expect((await world.run('Scan', { TableName, FilterExpression, ExpressionAttributeValues: { ':v': { N: '8' } } })).Count).toBe(2);
  });
});

describe('pages', () => {
  // biome-ignore lint/suspicious/noExplicitAny: outputs
  async function pages(operation: string, input: object): Promise<any[]> {
    const outputs = [];
    let ExclusiveStartKey: object | undefined;
    do {
      const output = await world.run(operation, { TableName, ...input, ExclusiveStartKey });
      outputs.push(output);
      ExclusiveStartKey = output.LastEvaluatedKey;
    } while (ExclusiveStartKey && outputs.length < 50);
    return outputs;
  }
  const whole = { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: p };

  test('Limit counts what is evaluated; a full last page still has a LastEvaluatedKey', async () => {
    expect((await pages('Query', { ...whole, Limit: 4 })).map(sks)).toEqual([
      [-10, -1, 1, 2.5],
      [9, 10],
    ]);
    expect((await pages('Query', { ...whole, Limit: 3 })).map(sks)).toEqual([[-10, -1, 1], [2.5, 9, 10], []]);
    expect((await pages('Query', { ...whole, Limit: 4, ScanIndexForward: false })).map(sks)).toEqual([
      [10, 9, 2.5, 1],
      [-1, -10],
    ]);
    const filtered = { ...whole, ExpressionAttributeValues: { ...p, ':v': { N: '5' } }, FilterExpression: 'v > :v', Limit: 3 };
    expect((await pages('Query', filtered)).map(sks)).toEqual([[], [9, 10], []]);
  });

  test('LastEvaluatedKey has the keys of table and index', async () => {
    const { LastEvaluatedKey } = await world.run('Query', { TableName, ...whole, IndexName: 'by-l', Limit: 1 });
    expect(LastEvaluatedKey).toEqual({ pk: { S: 'p' }, sk: { N: '-1' }, l: { S: 'l-1' } });
    const byG = { IndexName: 'by-g', KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': { S: 'all' } } };
    expect((await pages('Query', { ...byG, Limit: 4 })).map(({ Count }) => Count)).toEqual([4, 2]);
    expect((await pages('Query', { ...byG, Limit: 1 })).flatMap(sks).sort((a, b) => a - b)).toEqual(sorted);
  });

  test('a scan in pages is the scan', async () => {
    const all = await world.run('Scan', { TableName });
    expect(all.Count).toBe(8);
    expect((await pages('Scan', { Limit: 3 })).flatMap(({ Items }) => Items)).toEqual(all.Items);
    expect((await pages('Scan', { Limit: 1, IndexName: 'by-g-h' })).flatMap(({ Items }) => Items)).toHaveLength(6);
  });

  test('segments share the scan among them', async () => {
    const ids = (items: { pk: { S: string }; sk: { N: string } }[]) => items.map(({ pk, sk }) => `${pk.S}/${sk.N}`).sort();
    const all = ids((await world.run('Scan', { TableName })).Items);
    const segments = await Promise.all([0, 1, 2, 3].map((Segment) => pages('Scan', { Segment, TotalSegments: 4, Limit: 1 })));
    expect(ids(segments.flat().flatMap(({ Items }) => Items))).toEqual(all);
  });

  test('1 MB ends a page, before the filter', async () => {
    const big = await worldWithTables();
    const Item = (i: number) => item('big', i, { v: { S: 'x'.repeat(300_000) } });
    for (let i = 0; i < 6; i++) await big.run('PutItem', { TableName, Item: Item(i) });
    const input = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'big' } } };
    const first = await big.run('Query', { ...input, ReturnConsumedCapacity: 'TOTAL' });
    expect(first).toMatchObject({ Count: 4, ScannedCount: 4, LastEvaluatedKey: { pk: { S: 'big' }, sk: { N: '3' } } });
    expect(first.ConsumedCapacity.CapacityUnits).toBe(Math.ceil((4 * 300_000) / 4096) / 2);
    expect((await big.run('Query', { ...input, ExclusiveStartKey: first.LastEvaluatedKey })).Count).toBe(2);
    const filtered = await big.run('Scan', { TableName, FilterExpression: 'attribute_not_exists(v)' });
    expect(filtered).toMatchObject({ Items: [], Count: 0, ScannedCount: 4, LastEvaluatedKey: expect.anything() });
  });

  test.each<[string, object, string]>([
    [
      'Query',
      { ...whole, ExclusiveStartKey: { pk: { S: 'p' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      'Query',
      { ...whole, ExclusiveStartKey: { pk: { S: 'q' }, sk: { N: '1' } } },
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      'Query',
      {
        KeyConditionExpression: 'pk = :p AND sk > :a',
        ExpressionAttributeValues: { ...p, ':a': { N: '5' } },
        ExclusiveStartKey: { pk: { S: 'p' }, sk: { N: '1' } },
      },
      'The provided starting key does not match the range key predicate',
    ],
    [
      'Scan',
      { ExclusiveStartKey: { pk: { S: 'p' }, sk: { S: '1' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    ['Scan', { IndexName: 'by-g', ExclusiveStartKey: { pk: { S: 'p' }, sk: { N: '1' } } }, 'The provided starting key is invalid'],
    [
      'Scan',
      { TotalSegments: 2 },
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    ],
    [
      'Scan',
      { Segment: 0 },
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    ],
    [
      'Query',
      { ...whole, Limit: 0 },
      "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'Scan',
      { Segment: 2, TotalSegments: 2 },
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2',
    ],
    [
      'Scan',
      { Limit: 0 },
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ])('%s %j is refused', async (operation, input, message) =>
    expect(await world.message(operation, { TableName, ...input })).toBe(message),
  );

  test('a start key of another segment is refused', async () => {
    const start = { pk: { S: 'p' }, sk: { N: '1' } };
    const messages = await Promise.all(
      [0, 1].map((Segment) =>
        world.run('Scan', { TableName, Segment, TotalSegments: 2, ExclusiveStartKey: start }).then(
          () => undefined,
          (error) => error.message,
        ),
      ),
    );
    expect(messages.filter(Boolean)).toEqual([expect.stringContaining('Please use ExclusiveStartKey with correct Segment')]);
  });
});

describe('indexes', () => {
  const byG = { KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': { S: 'all' } } };
  const byL = { IndexName: 'by-l', KeyConditionExpression: 'pk = :p AND l = :l', ExpressionAttributeValues: { ...p, ':l': { S: 'l9' } } };
  const nine = item('p', 9, { g: { S: 'all' }, h: { N: '-9' }, l: { S: 'l9' }, a: { S: 'a9' }, v: { N: '9' } });

  test('hold the items that have their keys, in their order', async () => {
    const output = await query('g = :g AND h < :h', { ':g': { S: 'all' }, ':h': { N: '5' } }, { IndexName: 'by-g-h' });
    expect(sks(output)).toEqual([10, 9, 2.5, 1, -1]);
    expect(output.Items[1]).toEqual(nine);
    expect((await world.run('Scan', { TableName, IndexName: 'by-g' })).Count).toBe(7);
  });

  test('give what they project', async () => {
    const { Items } = await world.run('Query', { TableName, IndexName: 'by-g', ...byG, Limit: 1 });
    expect(Object.keys(Items[0]).sort()).toEqual(['g', 'pk', 'sk']);
    expect((await world.run('Query', { TableName, ...byL })).Items).toEqual([item('p', 9, { l: { S: 'l9' }, a: { S: 'a9' } })]);
  });

  test('a local one fetches the rest when it is asked to, a global one can’t', async () => {
    expect((await world.run('Query', { TableName, ...byL, Select: 'ALL_ATTRIBUTES' })).Items).toEqual([nine]);
    expect((await world.run('Query', { TableName, ...byL, ProjectionExpression: 'v, a' })).Items).toEqual([
      { v: { N: '9' }, a: { S: 'a9' } },
    ]);
    expect(await world.message('Query', { TableName, IndexName: 'by-g', ...byG, Select: 'ALL_ATTRIBUTES' })).toBe(
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by-g because its projection type is not ALL',
    );
    expect(await world.message('Query', { TableName, IndexName: 'by-g', ...byG, ProjectionExpression: 'v' })).toBe(
      'One or more parameter values were invalid: Global secondary index by-g does not project [v]',
    );
  });

  test('consistent reads: local yes, global no', async () => {
    expect((await world.run('Query', { TableName, ...byL, ConsistentRead: true })).Count).toBe(1);
    for (const [operation, input] of [
      ['Query', byG],
      ['Scan', {}],
    ] as const) {
      expect(await world.message(operation, { TableName, IndexName: 'by-g', ConsistentRead: true, ...input })).toBe(
        'Consistent reads are not supported on global secondary indexes',
      );
    }
  });

  test('follow every write', async () => {
    const own = await worldWithTables();
    const ids = async () =>
      (await own.run('Query', { TableName, IndexName: 'by-g', ...byG })).Items.map(({ pk }: { pk: { S: string } }) => pk.S);
    await own.run('PutItem', { TableName, Item: item('a', 1, { g: { S: 'all' } }) });
    await own.run('PutItem', { TableName, Item: item('b', 1, { g: { S: 'all' } }) });
    expect(await ids()).toEqual(['a', 'b']);
    await own.run('UpdateItem', { TableName, Key: item('a', 1), UpdateExpression: 'REMOVE g' });
    expect(await ids()).toEqual(['b']);
    await own.run('PutItem', { TableName, Item: item('b', 1, { g: { S: 'else' } }) });
    expect(await ids()).toEqual([]);
    await own.run('UpdateItem', {
      TableName,
      Key: item('c', 1),
      UpdateExpression: 'SET g = :g',
      ExpressionAttributeValues: { ':g': { S: 'all' } },
    });
    expect(await ids()).toEqual(['c']);
    await own.run('DeleteItem', { TableName, Key: item('c', 1) });
    expect(await ids()).toEqual([]);
  });

  test('one that isn’t there', async () => {
    expect(await world.message('Scan', { TableName, IndexName: 'by-x' })).toBe('The table does not have the specified index: by-x');
  });
});

describe('Select', () => {
  const whole = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: p };

  test('COUNT gives no items', async () => {
    const output = await world.run('Query', { ...whole, Select: 'COUNT' });
    expect(output).toMatchObject({ Count: 6, ScannedCount: 6 });
    expect(output.Items).toBeUndefined();
  });

  test.each([
    [
      { Select: 'SPECIFIC_ATTRIBUTES' },
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    ],
    [{ Select: 'COUNT', ProjectionExpression: 'v' }, 'Cannot specify the ProjectionExpression when choosing to get only the Count'],
    [
      { Select: 'ALL_ATTRIBUTES', ProjectionExpression: 'v' },
      'Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES',
    ],
    [{ Select: 'ALL_PROJECTED_ATTRIBUTES' }, 'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName'],
  ])('%j is refused, by Query in the envelope and by Scan without', async (input, message) => {
    expect(await world.message('Query', { ...whole, ...input })).toBe(`1 validation error detected: ${message}`);
    expect(await world.message('Scan', { TableName, ...input })).toBe(message);
  });

  test('bad projections', async () => {
    expect(await world.message('Scan', { TableName, ProjectionExpression: '!!!' })).toBe(
      'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
    );
    expect(await world.message('Scan', { TableName, ProjectionExpression: 'v, #v', ExpressionAttributeNames: { '#v': 'v' } })).toBe(
      'Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [v], path two: [v]',
    );
    expect(await world.message('Scan', { TableName, ProjectionExpression: 'sk[0]' })).toContain('Key attributes must be scalars');
  });
});
