import { StatesError } from '../../../local/engine';
import { chain, LAMBDA, named, only, play, stage, types } from './play';

const task = (name = 'Work') => named(name, { Type: 'Task', Resource: LAMBDA, Parameters: { 'n.$': '$' } });

// https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
describe('Parallel', () => {
  test('results stand in the order of the branches, whoever ends first', async () => {
    const { clock, finish, start } = stage(async (call) => {
      const first = call.statePath[1] === '0';
      await clock.sleepUntil(clock.now() + (first ? 2000 : 1000));
      return call.statePath[1];
    });
    const { history, output } = await finish(start(only({ Type: 'Parallel', Branches: [task('One'), task('Two')] })));
    expect(output).toEqual(['0', '1']);
    expect(types(history).slice(-4)).toEqual(['TaskStateExited', 'ParallelStateSucceeded', 'ParallelStateExited', 'ExecutionSucceeded']);
  });

  test('a branch that fails cancels the others: their states are told to be aborted, innermost first, and nothing comes after', async () => {
    const { calls, finish, start } = stage((call) => {
      if (call.statePath[1] === '1') throw new StatesError('Bad', 'branch 1');
      return new Promise(() => {});
    });
    const inner = named('Each', { Type: 'Map', ItemProcessor: task('Inner') });
    const waiting = named('Idle', { Type: 'Wait', Seconds: 100 });
    const definition = {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [inner, task(), waiting], Catch: [{ ErrorEquals: ['Bad'], Next: 'End' }], End: true },
        End: { Type: 'Succeed' },
      },
    };
    const execution = await finish(start(definition, { input: [1, 2] }));
    expect(execution.output).toEqual({ Error: 'Bad', Cause: 'branch 1' });
    const after = types(execution.history).slice(types(execution.history).indexOf('TaskFailed'));
    expect(after).toEqual([
      'TaskFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateAborted',
      'TaskStateAborted',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ParallelStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
    expect(calls.map((c) => c.signal.aborted)).toEqual([true, true, true]);
  });

  // https://github.com/floci-io/floci/issues/2868
  test('a catcher whose own expression fails lets the state fail once more', async () => {
    const branch = { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Bad' } } };
    const Catch = [{ ErrorEquals: ['Bad'], Output: '{% $no.thing %}', Next: 'End' }];
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'P',
      States: { P: { Type: 'Parallel', Branches: [branch], Catch, End: true }, End: { Type: 'Succeed' } },
    };
    const { error, history } = await play(definition);
    expect(error).toBe('States.QueryEvaluationError');
    expect(types(history).slice(-4)).toEqual(['ParallelStateFailed', 'EvaluationFailed', 'ParallelStateFailed', 'ExecutionFailed']);
  });

  test('States.Runtime in a branch ends the whole execution', async () => {
    const broken = named('Broken', { Type: 'Pass', InputPath: '$.no' });
    const definition = {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [broken], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }], End: true },
        End: { Type: 'Succeed' },
      },
    };
    const execution = await play(definition);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    // https://github.com/floci-io/floci/issues/2868
    expect(types(execution.history).slice(-2)).toEqual(['PassStateEntered', 'ExecutionFailed']);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
describe('inline Map', () => {
  test('no more iterations run at once than MaxConcurrency allows', async () => {
    let [running, most] = [0, 0];
    const { clock, finish, start } = stage(async (call) => {
      most = Math.max(most, ++running);
      await clock.sleepUntil(clock.now() + 1000);
      running--;
      return call.input;
    });
    const definition = only({
      Type: 'Map',
      MaxConcurrency: 2,
      ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'all.$': '$.length()' },
      ItemProcessor: task(),
    });
    const { output } = await finish(start(definition, { input: ['a', 'b', 'c'] }));
    expect(most).toBe(2);
    expect(output).toEqual(['a', 'b', 'c'].map((v, i) => ({ n: { i, v, all: 3 } })));
  });

  test('forty at once where there is no limit', async () => {
    let [running, most] = [0, 0];
    const { clock, finish, start } = stage(async () => {
      most = Math.max(most, ++running);
      await clock.sleepUntil(clock.now() + 1000);
      running--;
    });
    await finish(start(only({ Type: 'Map', ItemProcessor: task() }), { input: Array(100).fill(0) }));
    expect(most).toBe(40);
  });

  test('events follow each other as on AWS', async () => {
    const pass = named('In', { Type: 'Pass' });
    const { history } = await play(only({ Type: 'Map', MaxConcurrency: 1, ItemProcessor: pass }), [1, 2]);
    expect(types(history).slice(3, 11)).toEqual([
      'MapIterationStarted',
      'PassStateEntered',
      'PassStateExited',
      'MapIterationSucceeded',
      'MapIterationStarted',
      'PassStateEntered',
      'PassStateExited',
      'MapIterationSucceeded',
    ]);
    expect(chain(history)).toEqual([0, 0, 2, 3, 4, 5, 6, 6, 8, 9, 10, 11, 11, 13]);
  });

  test('States.Runtime in an iteration ends the whole execution without a word of the others', async () => {
    const item = {
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', SecondsPath: '$', Next: 'Broken' }, Broken: { Type: 'Pass', InputPath: '$.no', End: true } },
    };
    const { error, history } = await play(only({ Type: 'Map', ItemProcessor: item }), [1, 60]);
    expect(error).toBe('States.Runtime');
    expect(types(history).slice(-3)).toEqual(['WaitStateExited', 'PassStateEntered', 'ExecutionFailed']);
  });

  test('an iteration that fails cancels the others', async () => {
    const { finish, start } = stage((call) => {
      if (call.statePath[1] === '1') throw new StatesError('Bad');
      return new Promise(() => {});
    });
    const { error, history } = await finish(start(only({ Type: 'Map', ItemProcessor: task() }), { input: [1, 2, 3] }));
    expect(error).toBe('Bad');
    expect(types(history).slice(-8)).toEqual([
      'TaskStateAborted',
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  test('what is no array is refused', async () => {
    expect((await play(only({ Type: 'Map', ItemsPath: '$.a', ItemProcessor: named('In', { Type: 'Pass' }) }), { a: 1 })).cause).toContain(
      'Reference path "$.a" must point to array.',
    );
  });

  test('states inside take the top level’s query language, not the Map’s', async () => {
    const definition = only({
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: [1],
      ItemProcessor: named('In', { Type: 'Pass', Parameters: { 'v.$': '$' } }),
    });
    expect((await play(definition)).output).toEqual([{ v: 1 }]);
  });
});
