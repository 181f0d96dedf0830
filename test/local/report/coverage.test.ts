import type { Json } from '../../../lib/asl/json';
import { VirtualClock } from '../../../local/clock';
import { createEngine } from '../../../local/engine';
import { StatesError, type TaskCall } from '../../../local/engine/types';
import { Coverage } from '../../../local/report/coverage';
import { seededRandom } from '../../../local/seeded-random';

const LAMBDA = 'arn:aws:lambda:us-east-1:123456789012:function:work';

const DEFINITION = {
  QueryLanguage: 'JSONata',
  StartAt: 'Which',
  States: {
    Which: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.kind = "one" %}', Next: 'One' },
        // The history does not tell which of two rules with one target was taken: they are one way.
        { Condition: '{% $states.input.kind = "uno" %}', Next: 'One' },
      ],
      Default: 'Many',
    },
    One: {
      Type: 'Task',
      Resource: LAMBDA,
      Retry: [
        { ErrorEquals: ['Busy'], MaxAttempts: 1 },
        { ErrorEquals: ['States.Timeout', 'Slow', 'Later'], MaxAttempts: 1 },
      ],
      Catch: [
        { ErrorEquals: ['Bad'], Next: 'Mend' },
        { ErrorEquals: ['States.ALL'], Next: 'Failed' },
      ],
      Next: 'Done',
    },
    Mend: { Type: 'Pass', Next: 'Done' },
    Failed: { Type: 'Fail', Error: 'Failed' },
    Many: {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } },
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

async function covered(
  inputs: readonly Json[],
  answer: (call: TaskCall) => Json = () => null,
  definition: object = DEFINITION,
): Promise<Coverage> {
  const clock = new VirtualClock();
  const tasks = { start: async (call: TaskCall) => ({ output: answer(call) }) };
  const engine = createEngine({ clock, tasks, accountId: '1', region: 'r', partition: 'aws', random: seededRandom(1) });
  const machine = { arn: 'arn:machine', name: 'machine', type: 'STANDARD', roleArn: 'arn:role', definition } as const;
  for (const input of inputs) {
    const execution = engine.startExecution(machine, { input: JSON.stringify(input) });
    await clock.runUntil(() => execution.status !== 'RUNNING', 'the end');
  }
  const coverage = new Coverage();
  coverage.add(engine.executions(), () => 'M');
  return coverage;
}

const taken = (coverage: Coverage) => coverage.all.filter((way) => way.taken && way.kind !== 'states').map(({ name }) => name);

test('every way of a definition is counted, nested ones too', async () => {
  const { all, text } = await covered([{ kind: 'many', items: [] }]);
  expect(all.filter(({ kind }) => kind !== 'states').map(({ kind, name }) => `${kind}: ${name}`)).toEqual([
    'choices: M: Which → One',
    'choices: M: Which → Many',
    'transitions: M: One → Done',
    'catches: M: One catches Bad → Mend',
    'catches: M: One catches States.ALL → Failed',
    'retries: M: One retries Busy',
    'retries: M: One retries States.Timeout, Slow, …',
    'transitions: M: Mend → Done',
    'transitions: M: Many → Done',
    'transitions: M: Each → end',
    'transitions: M: Done → end',
  ]);
  expect(text).toBe('states 3 of 7, transitions 2 of 5, choices 1 of 2, catches 0 of 2, retries 0 of 2');
});

test('a Choice, a Map and its iterations', async () => {
  expect(taken(await covered([{ kind: 'many', items: [1, 2] }]))).toEqual([
    'M: Which → Many',
    'M: Many → Done',
    'M: Each → end',
    'M: Done → end',
  ]);
});

test('the clauses that met an error: a retry that helped, one that did not, and the catcher that meant it', async () => {
  const failing = (...errors: string[]) => {
    const left = [...errors];
    return () => {
      const error = left.shift();
      if (error) throw new StatesError(error);
      return null;
    };
  };
  const one = [{ kind: 'one' }];
  expect(taken(await covered(one, failing('Busy')))).toEqual(['M: Which → One', 'M: One → Done', 'M: One retries Busy', 'M: Done → end']);
  expect(taken(await covered(one, failing('Later', 'Bad')))).toEqual([
    'M: Which → One',
    'M: One catches Bad → Mend',
    'M: One retries States.Timeout, Slow, …',
    'M: Mend → Done',
    'M: Done → end',
  ]);
  expect(taken(await covered(one, failing('Odd')))).toEqual(['M: Which → One', 'M: One catches States.ALL → Failed']);
});

describe('what fails inside of a Parallel or a Map, of whose error their own events say nothing', () => {
  const tryAgain = {
    Retry: [
      { ErrorEquals: ['Busy'], MaxAttempts: 1 },
      { ErrorEquals: ['Slow'], MaxAttempts: 1 },
    ],
  };
  const catching = {
    Catch: [
      { ErrorEquals: ['Bad', 'Worse'], Next: 'Mend' },
      { ErrorEquals: ['Odd'], Next: 'Mend' },
      { ErrorEquals: ['Never'], Next: 'Done' },
      { ErrorEquals: ['States.ALL'], Next: 'Mend' },
    ],
    Next: 'Done',
  };
  const inParallel = (States: object, clauses: object = { ...tryAgain, ...catching }) => ({
    StartAt: 'Both',
    States: {
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'Inner', States }], ...clauses },
      Mend: { Type: 'Pass', Next: 'Done' },
      Done: { Type: 'Succeed' },
    },
  });
  const work = { Type: 'Task', Resource: LAMBDA, End: true };
  const failing = (...errors: string[]) => {
    const left = [...errors];
    return () => {
      const error = left.shift();
      if (error) throw new StatesError(error);
      return null;
    };
  };
  const clauses = async (definition: object, answer?: () => Json, input: Json = {}) =>
    (await covered([input], answer, definition)).all
      .filter(({ kind, taken }) => taken && /catches|retries/.test(kind))
      .map(({ name }) => name);

  test('a Fail state that has a name', async () => {
    const fail = (error: string) => inParallel({ Inner: { Type: 'Fail', Error: error } });
    expect(await clauses(fail('Worse'))).toEqual(['M: Both catches Bad, Worse → Mend']);
    expect(await clauses(fail('Odd'))).toEqual(['M: Both catches Odd → Mend']);
    expect(await clauses(fail('Other'))).toEqual(['M: Both catches States.ALL → Mend']);
    expect(await clauses(fail('Slow'))).toEqual(['M: Both catches States.ALL → Mend', 'M: Both retries Slow']);
  });

  test('a Task, also in a Map in the Parallel', async () => {
    expect(await clauses(inParallel({ Inner: work }), failing('Busy', 'Odd'))).toEqual([
      'M: Both catches Odd → Mend',
      'M: Both retries Busy',
    ]);
    const map = { Type: 'Map', ItemProcessor: { StartAt: 'Each', States: { Each: work } }, End: true };
    expect(await clauses(inParallel({ Inner: map }), failing('Slow', 'Bad'), [1])).toEqual([
      'M: Both catches Bad, Worse → Mend',
      'M: Both retries Slow',
    ]);
  });

  test('a Fail state that gives its error as it runs: the state that comes next tells, where it can', async () => {
    const Inner = { Type: 'Fail', ErrorPath: '$.error' };
    const only = {
      Catch: [
        { ErrorEquals: ['Bad'], Next: 'Mend' },
        { ErrorEquals: ['States.ALL'], Next: 'Done' },
      ],
      Next: 'Done',
    };
    expect(await clauses(inParallel({ Inner }, only), undefined, { error: 'Bad' })).toEqual(['M: Both catches Bad → Mend']);
    expect(await clauses(inParallel({ Inner }, only), undefined, { error: 'Other' })).toEqual(['M: Both catches States.ALL → Done']);
    // Three catchers lead there, and the history does not say which: none is counted for it.
    expect(await clauses(inParallel({ Inner }), undefined, { error: 'Odd' })).toEqual([]);
  });

  test('a Fail state without an error is caught by States.ALL alone', async () => {
    expect(await clauses(inParallel({ Inner: { Type: 'Fail' } }))).toEqual(['M: Both catches States.ALL → Mend']);
  });
});

test('what several runs took is added up, in another process too', async () => {
  const [first, second] = [await covered([{ kind: 'one' }]), await covered([{ kind: 'many', items: [1] }])];
  const both = new Coverage();
  for (const { all } of [first, second]) both.merge(JSON.parse(JSON.stringify(all)));
  expect(both.figures).toMatchObject({ states: { taken: 5, of: 7 }, choices: { taken: 2, of: 2 } });
  expect(both.neverTaken.filter(({ kind }) => kind === 'states').map(({ name }) => name)).toEqual(['M: Mend', 'M: Failed']);
});
