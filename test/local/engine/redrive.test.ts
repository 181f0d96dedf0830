import type { ApiError } from '../../../local/cloud-types';
import { StatesError } from '../../../local/engine';
import { DEFAULT_START, LAMBDA, named, only, stage, types } from './play';

const work = (name: string) => named(name, { Type: 'Task', Resource: LAMBDA, Parameters: { 'n.$': '$' } });

/** Tasks fail until they are mended. */
function breakable(fails: (statePath: readonly string[], input: unknown) => boolean) {
  let mended = false;
  const theStage = stage(async (call) => {
    if (!mended && fails(call.statePath, call.input)) {
      // Others get as far as they can first.
      await theStage.clock.sleepUntil(theStage.clock.now() + 1000);
      throw new StatesError('Bad', call.stateName);
    }
    return call.input;
  });
  const mend = () => {
    mended = true;
  };
  return { ...theStage, mend };
}

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
describe('redriving an execution', () => {
  test('goes on with the state that failed: same input, same variables, retries counted anew', async () => {
    const { calls, clock, engine, finish, mend, start } = breakable(() => true);
    const definition = {
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Assign: { v: 1 }, Result: { n: 1 }, Next: 'Work' },
        Work: {
          Type: 'Task',
          Resource: LAMBDA,
          Parameters: { 'v.$': '$v', 'count.$': '$$.Execution.RedriveCount', 'retry.$': '$$.State.RetryCount' },
          Retry: [{ ErrorEquals: ['Bad'], MaxAttempts: 1 }],
          End: true,
        },
      },
    };
    const execution = await finish(start(definition));
    expect(execution.status).toBe('FAILED');
    await clock.advance(60_000);
    mend();
    engine.redriveExecution(execution.arn);
    expect(execution).toMatchObject({ status: 'RUNNING', error: undefined, redriveCount: 1 });
    await finish(execution);
    expect(execution.output).toEqual({ v: 1, count: 1, retry: 0 });
    expect(calls).toHaveLength(3);
    const after = execution.history.slice(types(execution.history).indexOf('ExecutionFailed') + 1);
    expect(types(after)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(after[0]).toMatchObject({ executionRedrivenEventDetails: { redriveCount: 1 }, previousEventId: after[0].id - 1 });
    expect(execution.startDate).toBe(DEFAULT_START);
  });

  test('branches and iterations that had succeeded are not run again', async () => {
    const { calls, engine, finish, mend, start } = breakable((path, input) => path.at(-1) === 'Bad' || JSON.stringify(input) === '{"n":2}');
    const each = named('Each', { Type: 'Map', MaxConcurrency: 1, ItemsPath: '$.items', ItemProcessor: work('Item') });
    const definition = only({ Type: 'Parallel', Branches: [work('Good'), each, named('Idle', { Type: 'Wait', Seconds: 1 })] });
    const execution = await finish(start(definition, { input: { items: [1, 2, 3] } }));
    expect(execution.error).toBe('Bad');
    const before = calls.length;
    mend();
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(execution.output).toEqual([{ n: { items: [1, 2, 3] } }, [{ n: 1 }, { n: 2 }, { n: 3 }], { items: [1, 2, 3] }]);
    expect(calls.slice(before).map((call) => call.input)).toEqual([{ n: 2 }, { n: 3 }]);
  });

  test('an execution that was stopped or ran out of time can be redriven, with its time anew', async () => {
    const { clock, engine, finish, start } = stage();
    const execution = start(only({ Type: 'Wait', Seconds: 20 }, { TimeoutSeconds: 30 }));
    await clock.advance(15_000);
    engine.stopExecution(execution.arn);
    await execution.finished;
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', stopDate: DEFAULT_START + 35_000 });
  });

  test('what cannot be redriven is refused', async () => {
    const { clock, engine, finish, start } = breakable(() => true);
    const code = (arn: string) => {
      try {
        engine.redriveExecution(arn);
      } catch (error) {
        return (error as ApiError).code;
      }
      return 'none';
    };
    const good = await finish(start(only({ Type: 'Succeed' }), { name: 'good' }));
    const express = await finish(start(only({ Type: 'Fail' }), { name: 'express', type: 'EXPRESS' }));
    const old = await finish(start(only({ Type: 'Fail' }), { name: 'old' }));
    expect([good.arn, express.arn, 'arn:none'].map(code)).toEqual([
      'ExecutionNotRedrivable',
      'ExecutionNotRedrivable',
      'ExecutionDoesNotExist',
    ]);
    await clock.advance(15 * 86_400_000);
    expect(code(old.arn)).toBe('ExecutionNotRedrivable');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
describe.each(['STANDARD', 'EXPRESS'])('redriving a Map Run of %s children', (ExecutionType) => {
  test('runs again what had not succeeded, and starts what had not been started', async () => {
    const { calls, engine, finish, mend, start } = breakable((_, input) => JSON.stringify(input) === '{"n":2}');
    const processor = { ...work('Item'), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType } };
    const execution = await finish(start(only({ Type: 'Map', MaxConcurrency: 1, ItemProcessor: processor }), { input: [1, 2, 3, 4] }));
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    expect(engine.mapRuns()[0].itemCounts).toMatchObject({ total: 2, succeeded: 1, failed: 1 });
    mend();
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(execution.output).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    expect(calls.map((call) => (call.input as { n: number }).n)).toEqual([1, 2, 2, 3, 4]);
    expect(engine.mapRuns()).toHaveLength(1);
    expect(engine.mapRuns()[0]).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      itemCounts: { total: 4, succeeded: 4, failed: 0, running: 0 },
    });
    expect(types(execution.history)).toContain('MapRunRedriven');
  });
});
