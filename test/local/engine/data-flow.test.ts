import { machine, only, play, stage } from './play';

const jsonata = (state: object) => only(state, { QueryLanguage: 'JSONata' });

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
describe('the data flow of JSONPath states', () => {
  const input = { order: { id: 7, items: ['a', 'b'] }, other: true };

  test('InputPath, Parameters, ResultPath and OutputPath apply in this order', async () => {
    const state = {
      Type: 'Pass',
      InputPath: '$.order',
      Parameters: { 'number.$': '$.id', 'last.$': '$.items[-1:]', fixed: { 'path.$': '$.items[0]' } },
      ResultPath: '$.order.result',
      OutputPath: '$.order',
    };
    const { output } = await play(only(state), input);
    expect(output).toEqual({ id: 7, items: ['a', 'b'], result: { number: 7, last: ['b'], fixed: { path: 'a' } } });
  });

  test('null stands for nothing', async () => {
    expect((await play(only({ Type: 'Pass', InputPath: null }), input)).output).toEqual({});
    expect((await play(only({ Type: 'Pass', Result: 1, ResultPath: null }), input)).output).toEqual(input);
    expect((await play(only({ Type: 'Pass', OutputPath: null }), input)).output).toEqual({});
  });

  test('Result is literal, keys that end in .$ included', async () => {
    expect((await play(only({ Type: 'Pass', Result: { 'a.$': '$.b' } }))).output).toEqual({ 'a.$': '$.b' });
  });

  test('ResultPath makes the objects on its way and refuses to go into other values', async () => {
    expect((await play(only({ Type: 'Pass', Result: 1, ResultPath: '$.a.b' }), {})).output).toEqual({ a: { b: 1 } });
    const failed = await play(only({ Type: 'Pass', Result: 1, ResultPath: '$.a' }), 'text');
    expect(failed.error).toBe('States.ResultPathMatchFailure');
    expect(failed.cause).toContain(`Unable to apply step "a" to input "text"`);
  });

  test('a path that leads nowhere is States.Runtime with the place named', async () => {
    const { error, cause } = await play(only({ Type: 'Pass', Parameters: { 'x.$': '$.no' } }), {});
    expect(error).toBe('States.Runtime');
    expect(cause).toBe(
      "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{}'",
    );
  });

  test('the context object', async () => {
    const { output } = await play(
      only({ Type: 'Pass', Parameters: { 'id.$': '$$.Execution.Id', 'state.$': '$$.State', 'machine.$': '$$.StateMachine' } }),
    );
    expect(output).toEqual({
      id: 'arn:aws:states:eu-west-1:111122223333:execution:Orders:run',
      state: { Name: 'Only', EnteredTime: '2026-01-05T09:00:00.000Z' },
      machine: { Id: 'arn:aws:states:eu-west-1:111122223333:stateMachine:Orders', Name: 'Orders' },
    });
  });

  test('a key named __proto__ is a key', async () => {
    const { output } = await play(only({ Type: 'Pass', Parameters: JSON.parse('{"__proto__.$": "$.a"}') }), { a: 1 });
    expect(JSON.stringify(output)).toBe('{"__proto__":1}');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
describe('the data flow of JSONata states', () => {
  test('Output takes the place of the input', async () => {
    const { output } = await play(jsonata({ Type: 'Pass', Output: { total: '{% $sum($states.input.prices) %}', text: ' {% no %} ' } }), {
      prices: [1, 2.5],
    });
    expect(output).toEqual({ total: 3.5, text: ' {% no %} ' });
  });

  test('undefined is an error that names field and expression', async () => {
    const { error, cause, history } = await play(jsonata({ Type: 'Pass', Output: { a: { b: '{% $states.input.none %}' } } }));
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(
      "The JSONata expression '$states.input.none' specified for the field 'Output/a/b' returned nothing (undefined).",
    );
    expect(history.map((e) => e.type)).toEqual(['ExecutionStarted', 'PassStateEntered', 'EvaluationFailed', 'ExecutionFailed']);
    expect(history[2].evaluationFailedEventDetails).toMatchObject({ state: 'Only', location: 'Output/a/b', error });
  });

  test.each([
    ['$states.input.a.b', { a: { b: null } }, null],
    ['$states.input.a', { a: [1] }, [1]],
    ['$states.input.a', { a: [] }, []],
    ['$states.input.a.b', { a: [{ b: 1 }, { b: 2 }] }, [1, 2]],
    ['$states.input.a.b', { a: [{ b: 1 }] }, 1],
    ['$states.input.and', { and: 2 }, 2],
  ])('%s of %j', async (expression, input, expected) => {
    expect((await play(jsonata({ Type: 'Pass', Output: `{% ${expression} %}` }), input)).output).toEqual(expected);
    // The same by JSONata's own interpreter.
    expect((await play(jsonata({ Type: 'Pass', Output: `{% (${expression}) %}` }), input)).output).toEqual(expected);
  });

  test.each(['$states.input.constructor', '$states.context.none', '$none.a', '$states.input.a.b.c'])(
    '%s is undefined',
    async (expression) => {
      const { cause } = await play(jsonata({ Type: 'Pass', Output: `{% ${expression} %}` }), { a: { b: 1 } });
      expect(cause).toContain(`The JSONata expression '${expression}' specified for the field 'Output' returned nothing (undefined).`);
    },
  );

  // As recorded in https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases (Feature.JSONPath)
  test('an index past the end is null in a template, an error in an intrinsic function and in InputPath', async () => {
    const input = { items: [1] };
    expect((await play(only({ Type: 'Pass', Parameters: { 'v.$': '$.items[5]' } }), input)).output).toEqual({ v: null });
    const { cause } = await play(only({ Type: 'Pass', Parameters: { 'v.$': 'States.Array($.items[5])' } }), input);
    expect(cause).toContain('could not be found in the input \'{"items":[1]}\'');
    expect((await play(only({ Type: 'Pass', InputPath: '$.items[5]' }), input)).error).toBe('States.Runtime');
  });

  test('a function is no result', async () => {
    const { cause } = await play(jsonata({ Type: 'Pass', Output: '{% function($x) { $x } %}' }));
    expect(cause).toContain('returned an unsupported result type.');
  });

  test('its own functions, and none of $eval', async () => {
    const Output = {
      parts: '{% $partition([1, 2, 3], 2) %}',
      range: '{% $range(1, 9, 4) %}',
      single: '{% $range(1, 9, 9) %}',
      onlyPart: '{% $partition([1, 2], 5) %}',
      hash: "{% $hash('a', 'SHA-256') %}",
      parsed: `{% $parse('{"a":1}').a %}`,
      random: '{% $random(3) = $random(3) %}',
      uuid: '{% $uuid() != $uuid() %}',
    };
    expect((await play(jsonata({ Type: 'Pass', Output }))).output).toEqual({
      parts: [[1, 2], [3]],
      range: [1, 5, 9],
      single: 1,
      onlyPart: [[1, 2]],
      hash: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
      parsed: 1,
      random: true,
      uuid: true,
    });
    const { error } = await play(jsonata({ Type: 'Pass', Output: "{% $eval('1') %}" }));
    expect(error).toBe('States.QueryEvaluationError');
  });

  // As measured on AWS by others: https://github.com/floci-io/floci/pull/2676 and https://github.com/floci-io/floci/issues/2737
  test.each<[string, unknown]>([
    ['$random(42)', 0.7275636800328681],
    ['$random(0)', 0.730967787376657],
    ['$random(7)', 0.7306990420600421],
    ['1/0', 'Infinity'],
    ['0/0', 'NaN'],
    ['[-1/0]', ['-Infinity']],
    ['$partition([1, 2])', [[1, 2]]],
    ['$exists($partition([1, 2], 0))', false],
    ['$exists($range(1, 9, 0))', false],
    ["$pad('a', 4, 'bc')", 'abcb'],
    ["$pad('a', -3)", '  a'],
    ["$base64decode('YWJ')", 'ab'],
    [`$parse("{'a': ['say', {'a': 1}, \\"it's\\"]}")`, { a: ['say', { a: 1 }, "it's"] }],
    ["$decodeUrlComponent('a+b%C3%A9%E6')", 'a bé\ufffd'],
    ["$replace('\u00a0 a \u3000', /^\\s+|[\\s]+$/, '')", '\u00a0 a \u3000'],
    ["$replace(' a b ', /^\\s+|[\\s]+$/, '')", 'a b'],
    ["$split('a\u00a0b c', /\\s/)", ['a\u00a0b', 'c']],
    ['$sort([3, 1, 2])', [1, 2, 3]],
    ["$sort([{'a': 2, 'b': 1}, {'a': 1}, {'a': 2, 'b': 2}], function($l, $r) { $l.a > $r.a }).b", [1, 2]],
    ['$count($sort($map([1..500], function($i) { $i * 7919 % 20011 }), function($l, $r) { $l > $r })[[0..2]])', 3],
    ["[{'a': 2, 'b': 1}, {'a': 1}, {'a': 2, 'b': 2}]^(>a).b", [1, 2]],
  ])('%s', async (expression, expected) => {
    expect((await play(jsonata({ Type: 'Pass', Output: `{% ${expression} %}` }))).output).toEqual(expected);
  });

  test.each([
    ["$hash('a', 'md5')", "D3137: Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"],
    ['$partition([1], -1)', 'D3137: Second argument must be zero or greater'],
    ["$parse('{')", 'D3137: Invalid JSON'],
    [`$parse('{"a": 1, "b": {"a": 2}, "a": 3}')`, 'D3137: Invalid JSON'],
    ["$parse('[1e400]')", 'D3137: Invalid JSON'],
    ["$parse('NaN')", 'D3137: Invalid JSON'],
    ["$base64decode('a*b=')", 'D3137: The text to decode is not base64'],
    ["$decodeUrlComponent('%zz')", 'D3140: Malformed URL passed to $decodeUrlComponent(): "%zz"'],
    ["$sort([1, 'a'])", 'D3070: '],
    ["$partition('a', 2)", 'T0412: Argument 1 of function "partition" must be an array of undefined'],
  ])('%s fails', async (expression, reason) => {
    const { error, cause } = await play(jsonata({ Type: 'Pass', Output: `{% ${expression} %}` }));
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(`threw an error during evaluation. ${reason}`);
  });

  test('$now and $millis follow the clock', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 3600, Next: 'Now' },
        Now: { Type: 'Pass', Output: ['{% $now() %}', '{% $millis() %}'], End: true },
      },
    };
    expect((await play(definition)).output).toEqual(['2026-01-05T10:00:00.000Z', Date.parse('2026-01-05T10:00:00.000Z')]);
  });

  test('an expression without an end is ended', async () => {
    const { error, cause } = await play(jsonata({ Type: 'Pass', Output: '{% ($f := function($x) { $f($x) }; $f(1)) %}' }));
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain('threw an error during evaluation: Expression evaluation timeout: Check for infinite loop');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#transforming-jsonata-errors
describe('the limits of a JSONata expression', () => {
  const causeOf = async (expression: string, input: unknown = {}) => {
    const { error, cause, output } = await play(jsonata({ Type: 'Pass', Output: `{% ${expression} %}` }), input);
    return error === undefined ? output : `${error}: ${cause?.replace(/^.* during evaluation: /s, '')}`;
  };
  const STACK =
    'States.QueryEvaluationError: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive';
  const MEMORY = 'States.QueryEvaluationError: Expression evaluation memory limit exceeded: Check for excessive memory usage';
  const counting = (n: number) => `($f := function($x) { $x = 0 ? 0 : 1 + $f($x - 1) }; $f(${n}))`;

  // Where AWS draws the line, as measured by others: https://github.com/floci-io/floci/issues/2737
  test.each<[string, string, unknown, string]>([
    ['100 terms', Array(100).fill('1').join('+'), 100, Array(101).fill('1').join('+')],
    ['99 parentheses', `${'('.repeat(99)}1${')'.repeat(99)}`, 1, `${'('.repeat(100)}1${')'.repeat(100)}`],
    ['99 stages', `1${' ~> $string()'.repeat(99)}`, '1', `1${' ~> $string()'.repeat(100)}`],
    ['31 calls', counting(31), 31, counting(32)],
  ])('%s nested', async (_, within, value, beyond) => {
    expect(await causeOf(within)).toEqual(value);
    expect(await causeOf(beyond)).toBe(STACK);
  });

  test('what stands side by side is not nested', async () => {
    expect(await causeOf(`$count([${Array(300).fill('{"a": $states.input.n}').join()}])`, { n: 1 })).toBe(300);
    expect(await causeOf(`$count($keys({${Array.from({ length: 300 }, (_, i) => `"${i}": $states.input.n`).join()}}))`, { n: 1 })).toBe(
      300,
    );
  });

  test('lengths', async () => {
    expect(await causeOf('$count([1..873782])')).toBe(873_782);
    expect(await causeOf('$count([1..873783])')).toBe(MEMORY);
    expect(await causeOf('$count($range(1, 360145, 1))')).toBe(360_145);
    expect(await causeOf('$count($range(1, 360146, 1))')).toBe(MEMORY);
    const doubled = (n: number) => `$length($reduce([1..${n}], function($text, $i) { $text & $text }, 'a'))`;
    expect(await causeOf(doubled(22))).toBe(2 ** 22);
    expect(await causeOf(doubled(23))).toBe(MEMORY);
    expect(await causeOf("$length($pad('a', 1000000000))")).toBe(MEMORY);
  });

  test.each([
    '$match(T, /(a+)+b/)',
    '$contains(T, /^(a|a)*$/)',
    "$replace(T, /([a-z]+)*d/, 'x')",
    '$split(T, /(a|aa)+d/)',
    '$match(T, /(a*)*\\1b/)',
  ])(
    '%s goes back and forth without end',
    async (expression) => {
      const text = `${'a'.repeat(40)}c`;
      expect(await causeOf(expression.replace('T', '$states.input'), text)).toContain(
        'States.QueryEvaluationError: Expression evaluation timeout: Check for infinite loop. The regular expression /',
      );
    },
    20_000,
  );

  test('regular expressions that only look like it', async () => {
    expect(await causeOf('$match($states.input, /(?:ab?)+/).match', 'xabaab')).toBe('abaab');
    expect(await causeOf("$replace($states.input, /(\\w+)@(\\w+)/, '$2 at $1')", 'me@home you@work')).toBe('home at me work at you');
    expect(await causeOf('$split($states.input, /\\s*[,;]\\s*/)', 'a , b;c')).toEqual(['a', 'b', 'c']);
    expect(await causeOf('$contains($states.input, /[*+]{2}/)', 'a*+b')).toBe(true);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
test("a filter's regular expression that goes back and forth without end is States.Runtime", async () => {
  const path = '$.list[?(@.t =~ /(a+)+b/)]';
  const fine = await play(only({ Type: 'Pass', Parameters: { 'found.$': path } }), { list: [{ t: 'aab' }, { t: 'c' }] });
  expect(fine.output).toEqual({ found: [{ t: 'aab' }] });
  const endless = await play(only({ Type: 'Pass', Parameters: { 'found.$': path } }), { list: [{ t: 'a'.repeat(40) }] });
  expect(endless.error).toBe('States.Runtime');
  expect(endless.cause).toContain('its regular expression goes back and forth without end');
});

describe('integers that JavaScript cannot hold', () => {
  const pass = (fields: object = {}) => only({ Type: 'Pass', ...fields });
  const LARGE = '{"id": 9007199254740993}';
  const start = async (input: string, definition: object = pass()) => {
    const { engine, finish } = stage();
    return finish(engine.startExecution(machine(definition), { input }));
  };

  test.each(['{"id": 9007199254740993}', '[-12345678901234567890]'])('%s ends the execution by name', async (input) => {
    const { error, cause } = await start(input);
    expect(error).toBe('Stepworks.InexactNumber');
    expect(cause).toContain(`the number ${/-?\d{16,}/.exec(input)?.[0]} has more digits than the runner can keep`);
  });

  test.each(['{"id": 9007199254740991}', '{"id": "9007199254740993"}', '{"id\\"9007199254740993": 0.12345678901234567}', '[1e20]'])(
    '%s is fine',
    async (input) => {
      expect((await start(input)).output).toEqual(JSON.parse(input));
    },
  );

  test('neither in texts that are parsed', async () => {
    const text = JSON.stringify({ t: LARGE });
    const toJson = await start(text, pass({ Parameters: { 'j.$': 'States.StringToJson($.t)' } }));
    expect(toJson.cause).toContain('the number 9007199254740993 has more digits');
    const parse = await start(text, pass({ QueryLanguage: 'JSONata', Output: '{% $parse($states.input.t) %}' }));
    expect(parse.error).toBe('States.QueryEvaluationError');
    expect(parse.cause).toContain('the number 9007199254740993 has more digits');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
describe('variables', () => {
  test('Output and Assign see the variables as they were; the next state sees them changed', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Assign: { n: 1 }, Next: 'Second' },
        Second: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: '{% $n %}', Next: 'Third' },
        Third: { Type: 'Pass', Output: ['{% $states.input %}', '{% $n %}'], End: true },
      },
    };
    const { history, output } = await play(definition);
    expect(output).toEqual([1, 2]);
    expect(history.find((e) => e.type === 'PassStateExited')?.stateExitedEventDetails.assignedVariables).toEqual({ n: '1' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits
  test('those of one Assign have 256 KiB together, all of them 10 MiB', async () => {
    const many = (names: readonly string[], length: number) => Object.fromEntries(names.map((name) => [name, `{% $pad('', ${length}) %}`]));
    const assigning = (...assigns: object[]) => {
      const states = assigns.map((Assign, i) => [`S${i}`, { Type: 'Pass', Output: 0, Assign, Next: `S${i + 1}` }]);
      return {
        QueryLanguage: 'JSONata',
        StartAt: 'S0',
        States: { ...Object.fromEntries(states), [`S${assigns.length}`]: { Type: 'Succeed' } },
      };
    };
    expect((await play(assigning(many(['a', 'b'], 131_070)))).status).toBe('SUCCEEDED');
    const together = await play(assigning(many(['a', 'b'], 131_071)));
    expect(together.error).toBe('States.DataLimitExceeded');
    expect(together.cause).toContain("that the state 'S0' assigns have 262146 bytes together");
    const full = Array.from({ length: 40 }, (_, i) => many([`v${i}`], 262_142));
    expect((await play(assigning(...full, { v0: 'x' }))).status).toBe('SUCCEEDED');
    expect((await play(assigning(...full, { w: 'x' }))).cause).toContain('the variables have 10485763 bytes, more than the 10485760');
  });

  test('branches read outer variables and keep their own', async () => {
    const definition = {
      StartAt: 'Assign',
      States: {
        Assign: { Type: 'Pass', Assign: { n: 1 }, Next: 'Both' },
        Both: {
          Type: 'Parallel',
          Branches: [
            {
              StartAt: 'In',
              States: {
                In: { Type: 'Pass', Assign: { 'm.$': 'States.MathAdd($n, 1)' }, Next: 'Out' },
                Out: { Type: 'Pass', Parameters: { 'm.$': '$m' }, End: true },
              },
            },
          ],
          Next: 'After',
        },
        After: { Type: 'Pass', Parameters: { 'm.$': '$m' }, End: true },
      },
    };
    const { cause, history, status } = await play(definition);
    expect(history.filter((e) => e.type === 'PassStateExited').at(-1)?.stateExitedEventDetails.output).toBe('{"m":2}');
    expect(status).toBe('FAILED');
    expect(cause).toContain("The JSONPath '$m' specified for the field 'm.$' could not be found");
  });

  test('OutputPath sees them before the Assign of its own state', async () => {
    const definition = {
      StartAt: 'One',
      States: {
        One: { Type: 'Pass', Assign: { v: 'old' }, Next: 'Two' },
        Two: { Type: 'Pass', Assign: { v: 'new' }, OutputPath: '$v', End: true },
      },
    };
    expect((await play(definition)).output).toBe('old');
  });
});
