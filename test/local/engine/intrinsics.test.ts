import { only, play } from './play';

const value = async (expression: string, input: unknown = {}) =>
  (await play(only({ Type: 'Pass', Parameters: { 'v.$': expression } }), input)).output;

// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
describe('intrinsic functions', () => {
  test.each([
    ["States.Format('Hello, {}: \\{{}\\}', $.name, 3)", 'Hello, Ann: {3}'],
    ["States.Format('{}', $.map)", '{a=1, b=[x, null]}'],
    ['States.Array(1, States.Array(), null)', [1, [], null]],
    ['States.ArrayPartition($.list, 2)', [[1, 2], [2]]],
    ['States.ArrayContains($.list, 2)', true],
    ['States.ArrayRange(5, 1, -2)', [5, 3, 1]],
    ['States.ArrayGetItem($.list, 1)', 2],
    ['States.ArrayLength($.list)', 3],
    ['States.ArrayUnique($.list)', [1, 2]],
    ["States.Base64Decode(States.Base64Encode('aé'))", 'aé'],
    ["States.Hash('a', 'MD5')", '0cc175b9c0f1b6a831c399e269772661'],
    ['States.JsonMerge($.map, $.other, false)', { a: 2, b: ['x', null] }],
    ["States.StringToJson('[1]')", [1]],
    ['States.JsonToString($.other)', '{"a":2}'],
    ['States.MathAdd(-1.5, 0)', -1],
    ["States.StringSplit('a.b,,c', '.,')", ['a', 'b', 'c']],
  ])('%s', async (expression, expected) => {
    const input = { name: 'Ann', list: [1, 2, 2], map: { a: 1, b: ['x', null] }, other: { a: 2 } };
    expect(await value(expression, input)).toEqual({ v: expected });
  });

  test('UUIDs and random numbers come from the seed', async () => {
    const [first, second] = [await value('States.UUID()'), await value('States.UUID()')];
    expect(first).toEqual(second);
    expect((first as { v: string }).v).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const { v } = (await value('States.MathRandom(1, 4)')) as { v: number };
    expect([1, 2, 3]).toContain(v);
  });

  test.each([
    ['States.ArrayGetItem($.list, 5)', 'index 5 is outside'],
    ["States.StringToJson('{')", "'{' is not JSON"],
    ['States.MathAdd($.list, 1)', 'expected a number, got [1]'],
    ["States.Hash('a', 'CRC')", 'unknown algorithm "CRC"'],
    ["States.Format('{}')", 'more than 0 places'],
  ])('%s fails by name', async (expression, message) => {
    const { error, cause } = await play(only({ Type: 'Pass', Parameters: { 'v.$': expression } }), { list: [1] });
    expect(error).toBe('States.IntrinsicFailure');
    expect(cause).toContain(message);
  });
});
