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

  // What AWS answered, as recorded in https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases
  describe('as recorded on AWS', () => {
    test.each([
      ['States.MathRandom(1, 100, 42)', 63],
      ['States.MathRandom(1, 1000, 1)', 106],
      ['States.MathRandom(1, 1000, 2)', 806],
      ['States.MathRandom(2147483640, 2147483647, 1)', 2147483644],
      ['States.ArrayUnique($.booleans)', [false, true]],
      [
        'States.ArrayUnique($.lists)',
        [
          [2, 1],
          [1, 2],
        ],
      ],
      ['States.ArrayUnique($.nulls)', [null, 1]],
      ['States.ArrayUnique($.texts)', [1, '1', '01']],
      ['States.ArrayGetItem($.texts, 1.9)', '1'],
      ['States.ArrayGetItem(States.Array(), 0)', null],
      ['States.ArrayRange(1.9, 5.9, 2.9)', [1, 3, 5]],
      ['States.MathAdd(1.5, 1)', 3],
      ["States.JsonMerge($.one, $.two, 'true')", { a: 2 }],
      ["States.StringToJson('')", null],
    ])('%s', async (expression, expected) => {
      const input = {
        booleans: [true, false],
        lists: [
          [1, 2],
          [2, 1],
        ],
        nulls: [null, null, 1],
        texts: [1, '1', '01'],
        one: { a: 1 },
        two: { a: 2 },
      };
      expect(await value(expression, input)).toEqual({ v: expected });
    });

    const REDACTED = (column: number) =>
      `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${column}]`;
    const NO_JSON = 'Cannot convert String to Json in States.StringToJson, caused by:';

    test.each([
      ['States.ArrayGetItem($.list, 5)', 'Invalid arguments in States.ArrayGetItem'],
      ['States.ArrayGetItem($.list)', 'Invalid arguments in States.ArrayGetItem'],
      ['States.MathAdd($.list, 1)', 'Invalid arguments in States.MathAdd'],
      ['States.MathAdd(2147483647, 1)', 'Invalid arguments in States.MathAdd'],
      ['States.MathRandom(5, 5)', 'Invalid arguments in States.MathRandom'],
      ["States.Hash('a', 'CRC')", 'Invalid arguments in States.Hash'],
      ["States.Format('{}')", 'Invalid arguments in States.Format'],
      ["States.Format('a}')", "Invalid template in States.Format: matching '{' not found for '}'."],
      [
        "States.StringToJson('{bad json}')",
        `${NO_JSON} Unexpected character ('b' (code 98)): was expecting double-quote to start field name\n at ${REDACTED(2)}`,
      ],
      [
        'States.StringToJson($.open)',
        `${NO_JSON} Unexpected end-of-input: expected close marker for Object (start marker at ${REDACTED(1)})\n at ${REDACTED(7)}`,
      ],
      [
        "States.StringToJson('undefined')",
        `${NO_JSON} Unrecognized token 'undefined': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at ${REDACTED(10)}`,
      ],
    ])('%s fails', async (expression, message) => {
      const { error, cause } = await play(only({ Type: 'Pass', Parameters: { 'v.$': expression } }), { list: [1], open: '{"a":1' });
      expect(error).toBe('States.Runtime');
      expect(cause).toMatch(/^An error occurred while executing the state 'Only' \(entered at the event id #2\)\. /);
      expect(cause).toContain(`There was an error while evaluating the intrinsic function: ${expression}. ${message}`);
    });

    test('an argument that is not there', async () => {
      const { error, cause } = await play(only({ Type: 'Pass', Parameters: { 'v.$': 'States.ArrayLength($.no)' } }), { list: [1] });
      expect(error).toBe('States.Runtime');
      expect(cause).toContain(
        `The function 'States.ArrayLength($.no)' had the following error: The JsonPath argument for the field '$.no' could not be found in the input '{"list":[1]}'`,
      );
    });
  });
});
