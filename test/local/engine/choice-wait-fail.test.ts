import { DEFAULT_START, only, play, stage } from './play';

const choose = (rule: object, input: unknown) =>
  play(
    {
      StartAt: 'Choose',
      States: {
        Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
        Yes: { Type: 'Pass', Result: true, End: true },
        No: { Type: 'Pass', Result: false, End: true },
      },
    },
    input,
  );

// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
describe('Choice', () => {
  test.each<[object, unknown, boolean]>([
    [{ Variable: '$.a', StringEquals: 'x' }, { a: 'x' }, true],
    [{ Variable: '$.a', StringEquals: '1' }, { a: 1 }, false],
    [{ Variable: '$.a', NumericGreaterThanEqualsPath: '$.b' }, { a: 2, b: 2 }, true],
    [{ Variable: '$.a', StringMatches: 'log-*.tx\\*' }, { a: 'log-1.tx*' }, true],
    [{ Variable: '$.a', StringMatches: 'a*a' }, { a: 'a' }, false],
    [{ Variable: '$.a', TimestampLessThan: '2026-01-01T00:00:00Z' }, { a: '2026-01-01T00:30:00+01:00' }, true],
    [{ Variable: '$.a', IsTimestamp: true }, { a: '2026-01-01t00:00:00Z' }, false],
    [{ Variable: '$.a', IsPresent: false }, {}, true],
    [{ Variable: '$.a', IsNull: false }, { a: 1 }, true],
    [
      {
        Not: {
          Or: [
            { Variable: '$.a', BooleanEquals: true },
            { Variable: '$.a', IsNull: true },
          ],
        },
      },
      { a: false },
      true,
    ],
    [
      {
        And: [
          { Variable: '$.a', IsString: true },
          { Variable: '$.a', StringGreaterThan: 'm' },
        ],
      },
      { a: 'n' },
      true,
    ],
  ])('%j of %j is %s', async (rule, input, expected) => {
    expect((await choose(rule, input)).output).toBe(expected);
  });

  test('a missing variable ends the execution, whoever would catch it', async () => {
    const { error, cause } = await choose({ Variable: '$.a', StringEquals: 'x' }, {});
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("Invalid path '$.a'");
  });

  // As recorded in https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases
  test('no rule and no Default is States.Runtime, whatever the documentation says', async () => {
    const rule = { Variable: '$.a', IsPresent: true, Next: 'Yes' };
    const definition = { StartAt: 'Only', States: { Only: { Type: 'Choice', Choices: [rule] }, Yes: { Type: 'Succeed' } } };
    const { error, cause } = await play(definition);
    expect(error).toBe('States.Runtime');
    expect(cause).toBe(
      "An error occurred while executing the state 'Only' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    );
  });

  test('Condition must be a boolean; the rule that matches assigns', async () => {
    const definition = (condition: string) => ({
      QueryLanguage: 'JSONata',
      StartAt: 'Choose',
      States: {
        Choose: {
          Type: 'Choice',
          Choices: [{ Condition: condition, Assign: { who: 'rule' }, Output: 'by rule', Next: 'End' }],
          Assign: { who: 'default' },
          Default: 'End',
        },
        End: { Type: 'Pass', Output: ['{% $states.input %}', '{% $who %}'], End: true },
      },
    });
    expect((await play(definition('{% $states.input.n > 1 %}'), { n: 2 })).output).toEqual(['by rule', 'rule']);
    expect((await play(definition('{% $states.input.n > 1 %}'), { n: 1 })).output).toEqual([{ n: 1 }, 'default']);
    expect((await play(definition('{% 1 %}'))).cause).toContain("Expected 'boolean', but was 'number' for value: 1");
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
describe('Wait', () => {
  test.each([
    [{ Seconds: 604_800 }, 604_800],
    [{ SecondsPath: '$.s' }, 5],
    [{ Timestamp: '2026-01-05T09:00:30Z' }, 30],
    // Milliseconds are dropped: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
    [{ TimestampPath: '$.t' }, 61],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, 0],
    [{ QueryLanguage: 'JSONata', Seconds: '{% $states.input.s * 2 %}' }, 10],
    [{ QueryLanguage: 'JSONata', Timestamp: '{% $states.input.t %}' }, 61],
    // Data may leave out the seconds and take small letters: https://github.com/iwamot/sfnx/blob/main/docs/design.md#jsonata-in-step-functions
    [{ QueryLanguage: 'JSONata', Timestamp: "{% '2026-01-05t09:01z' %}" }, 60],
  ])('%j', async (fields, seconds) => {
    const { clock, finish, start } = stage();
    const execution = await finish(start(only({ Type: 'Wait', ...fields }), { input: { s: 5, t: '2026-01-05T09:01:01.500Z' } }));
    expect(execution.status).toBe('SUCCEEDED');
    expect((clock.now() - DEFAULT_START) / 1000).toBe(seconds);
  });

  test.each([
    [{ SecondsPath: '$.text' }, 'States.Runtime', 'cannot be parsed as a long value: $.text == soon'],
    [{ SecondsPath: '$.big' }, 'States.Runtime', 'Wait state delay is too long'],
    [{ TimestampPath: '$.text' }, 'States.Runtime', 'does not reference a valid ISO-8601'],
    [{ QueryLanguage: 'JSONata', Seconds: '{% -1 %}' }, 'States.QueryEvaluationError', 'Seconds must be between 0 and 99999999'],
    [{ QueryLanguage: 'JSONata', Timestamp: "{% 'soon' %}" }, 'States.QueryEvaluationError', "field 'Timestamp'"],
  ])('%j fails', async (fields, error, message) => {
    const execution = await play(only({ Type: 'Wait', ...fields }), { text: 'soon', big: 2 ** 31 });
    expect(execution.error).toBe(error);
    expect(execution.cause).toContain(message);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
describe('Fail', () => {
  test('takes error and cause as they are, by path or by expression', async () => {
    expect(await play(only({ Type: 'Fail', Error: 'E', Cause: 'C' }))).toMatchObject({ status: 'FAILED', error: 'E', cause: 'C' });
    const byPath = only({ Type: 'Fail', ErrorPath: '$.e', CausePath: "States.Format('because {}', $.c)" });
    expect(await play(byPath, { e: 'E', c: 1 })).toMatchObject({ error: 'E', cause: 'because 1' });
    const byExpression = only({ Type: 'Fail', QueryLanguage: 'JSONata', Error: '{% $states.input.e %}' });
    expect(await play(byExpression, { e: 'E' })).toMatchObject({ error: 'E', cause: undefined });
  });

  test('without Error there is none', async () => {
    const { error, history } = await play(only({ Type: 'Fail' }));
    expect(error).toBeUndefined();
    expect(history.at(-1)?.executionFailedEventDetails).toEqual({});
  });
});
