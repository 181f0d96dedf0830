import type { ApiError } from '../../../local/cloud-types';
import { StatesError, transitions } from '../../../local/engine';
import { chain, DEFAULT_START, LAMBDA, named, only, stage, types } from './play';

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
          Parameters: {
            'v.$': '$v',
            'count.$': '$$.Execution.RedriveCount',
            'retry.$': '$$.State.RetryCount',
            'entered.$': '$$.State.EnteredTime',
          },
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
    const entered = new Date(DEFAULT_START).toISOString();
    expect(execution.output).toEqual({ v: 1, count: 1, retry: 0, entered });
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
    // First, Work, its retry, the redrive.
    expect(transitions(execution.history)).toBe(4);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-behavior-states
  test('a Fail is entered again, a Choice evaluated again, a Wait until a time that has passed left', async () => {
    const { clock, engine, finish, start } = stage();
    const fail = await finish(start(only({ Type: 'Fail', Error: 'E' }), { name: 'fail' }));
    const choice = await finish(
      start(only({ Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: 'Only' }] }), { name: 'c' }),
    );
    const wait = start(only({ Type: 'Wait', Timestamp: '2026-01-05T09:00:30Z' }), { name: 'wait' });
    await clock.settle();
    engine.stopExecution(wait.arn);
    await clock.advance(60_000);
    const at = clock.now();
    for (const execution of [fail, choice, wait]) {
      engine.redriveExecution(execution.arn);
      await finish(execution);
    }
    const afterwards = ({ history }: typeof fail) => types(history).slice(types(history).indexOf('ExecutionRedriven') + 1);
    expect(afterwards(fail)).toEqual(['FailStateEntered', 'ExecutionFailed']);
    expect(afterwards(choice)).toEqual(['ExecutionFailed']);
    expect(afterwards(wait)).toEqual(['WaitStateExited', 'ExecutionSucceeded']);
    expect(clock.now()).toBe(at);
  });

  test('a Parallel or Map whose results were too large together is run again as a whole', async () => {
    const { calls, engine, finish, start } = stage(() => 'x'.repeat(150_000));
    const definition = only({ Type: 'Parallel', Branches: ['A', 'B'].map((name) => named(name, { Type: 'Task', Resource: LAMBDA })) });
    const execution = await finish(start(definition));
    expect(execution.error).toBe('States.DataLimitExceeded');
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(calls.map((call) => call.stateName)).toEqual(['A', 'B', 'A', 'B']);
  });

  test('events of the redriven branches follow on the Parallel, which is started again', async () => {
    const { engine, finish, mend, start } = breakable(() => true);
    const execution = await finish(start(only({ Type: 'Parallel', Branches: [work('Bad'), named('Good', { Type: 'Pass' })] })));
    const before = execution.history.length;
    mend();
    engine.redriveExecution(execution.arn);
    await finish(execution);
    const after = execution.history.slice(before);
    expect(types(after)).toEqual([
      'ExecutionRedriven',
      'ParallelStateStarted',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ExecutionSucceeded',
    ]);
    expect(chain(after)).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 8].map((follows) => before + follows));
    // Parallel, both branches' states, the redrive.
    expect(transitions(execution.history)).toBe(4);
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
    // Express children begin anew under the ARN that they had.
    const children = engine.executions().filter(({ mapRunArn }) => mapRunArn);
    expect(children.map(({ redriveCount }) => redriveCount)).toEqual(ExecutionType === 'STANDARD' ? [0, 1, 0, 0] : [0, 0, 0, 0]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#maprun-redrive-input
describe('the items of a redriven Map Run that has an ItemReader', () => {
  const map = (fields: object) =>
    only({
      Type: 'Map',
      MaxConcurrency: 1,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: 'in', Key: 'items' },
      },
      ItemProcessor: { ...work('Item'), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } },
      ...fields,
    });

  /** S3 with one object to read; what is put may be refused. */
  function objectStage(body: string, fails: (n: number) => boolean) {
    const s3 = { body: body as string | undefined, reads: 0, refuses: false, written: {} as Record<string, string> };
    let mended = false;
    const theStage = stage(
      async (call) => {
        const { n: given } = call.input as { n: number | { n: number } };
        const n = typeof given === 'number' ? given : given.n;
        if (!mended) await theStage.clock.sleepUntil(theStage.clock.now() + 1000);
        if (!mended && fails(n)) throw new StatesError('Bad');
        return n;
      },
      {
        objects: {
          async get() {
            s3.reads++;
            const { body } = s3;
            if (body === undefined) throw new StatesError('S3.NoSuchKeyException');
            return (async function* () {
              for (const line of body.split('\n')) yield Buffer.from(`${line}\n`);
            })();
          },
          list: () => {
            throw new Error('not listed here');
          },
          async put({ key, body }) {
            if (s3.refuses) throw new StatesError('S3.AccessDenied', 'no');
            s3.written[key] = body;
          },
        },
      },
    );
    const redrive = async (execution: Parameters<typeof theStage.finish>[0]) => {
      mended = true;
      theStage.engine.redriveExecution(execution.arn);
      return theStage.finish(execution);
    };
    return { ...theStage, s3, redrive };
  }

  test.each([
    ['changed', '7\n8\n9\n10'],
    ['deleted', undefined],
  ])('are those of the first attempt, though the object has been %s', async (_, body) => {
    const { finish, redrive, s3, start } = objectStage('1\n2\n3\n4', (n) => n === 2);
    const execution = await finish(start(map({})));
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    s3.body = body;
    await redrive(execution);
    expect(execution.output).toEqual([1, 2, 3, 4]);
    expect(s3.reads).toBe(1);
  });

  test('are those of the first attempt after the parent was stopped as well, and after a second failure', async () => {
    const { clock, engine, finish, redrive, s3, start } = objectStage('1\n2\n3\n4\n5', (n) => n === 3);
    const execution = start(map({}));
    await clock.advance(1500);
    engine.stopExecution(execution.arn);
    s3.body = undefined;
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    await redrive(execution);
    expect(execution.output).toEqual([1, 2, 3, 4, 5]);
  });

  test('many of them, kept in blocks, come in their order', async () => {
    const items = Array.from({ length: 2000 }, (_, n) => n);
    const pad = 'x'.repeat(200);
    const { calls, finish, redrive, s3, start } = objectStage(items.map((n) => JSON.stringify({ n, pad })).join('\n'), (n) => n === 1);
    const processor = {
      ...named('Item', { Type: 'Task', Resource: LAMBDA }),
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
    };
    const execution = await finish(start(map({ ItemProcessor: processor })));
    s3.body = undefined;
    await redrive(execution);
    expect(execution.output).toEqual(items);
    expect(calls).toHaveLength(2001);
  });

  test('are read from S3 where the reader had failed before any child was started', async () => {
    const { finish, redrive, s3, start } = objectStage('{', () => false);
    const execution = await finish(start(map({})));
    expect(execution.error).toBe('States.ItemReaderFailed');
    s3.body = '1\n2';
    await redrive(execution);
    expect(execution.output).toEqual([1, 2]);
  });

  // AWS says nothing of this: what never could be read is no input of the first attempt.
  test('are read on from where the reader had failed', async () => {
    const { finish, redrive, s3, start } = objectStage('1\n{', () => false);
    const execution = await finish(start(map({})));
    expect(execution.error).toBe('States.ItemReaderFailed');
    s3.body = '7\n2';
    await redrive(execution);
    expect(execution.output).toEqual([1, 2]);
  });

  test('are not started again where the results could not be written: those are written', async () => {
    const { calls, finish, redrive, s3, start } = objectStage('1\n2', () => false);
    s3.refuses = true;
    const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out' } };
    const execution = await finish(start(map({ ResultWriter })));
    expect(execution.error).toBe('States.ResultWriterFailed');
    s3.refuses = false;
    await redrive(execution);
    expect(execution.status).toBe('SUCCEEDED');
    expect(calls).toHaveLength(2);
    const [, succeeded] = Object.entries(s3.written).find(([key]) => key.endsWith('SUCCEEDED_0.json')) ?? [];
    expect(JSON.parse(succeeded ?? '')).toMatchObject([{ Output: '1' }, { Output: '2' }]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
describe('redriving a Distributed Map', () => {
  const distributed = (fields: object, processor: object = work('Item')) =>
    only({ Type: 'Map', ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }, ...fields });

  test.each([
    ['States.DataLimitExceeded', {}, 'x'.repeat(150_000)],
    ['States.Runtime', { OutputPath: '$.nowhere' }, 'x'],
  ])('that failed with %s starts a new Map Run', async (error, fields, result) => {
    const { calls, engine, finish, start } = stage(() => result);
    const execution = await finish(start(distributed(fields), { input: [1, 2] }));
    expect(execution.error).toBe(error);
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(calls).toHaveLength(4);
    expect(engine.mapRuns()).toHaveLength(2);
    expect(types(execution.history)).not.toContain('MapRunRedriven');
  });

  test('a Standard child that ended more than 14 days ago stays failed', async () => {
    const DAY = 86_400;
    const processor = {
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', SecondsPath: '$', Next: 'Work' }, Work: { Type: 'Task', Resource: LAMBDA, End: true } },
    };
    const { calls, clock, engine, finish, mend, start } = breakable(() => true);
    const execution = await finish(start(distributed({ ToleratedFailureCount: 1 }, processor), { input: [1, 10 * DAY] }));
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    await clock.advance(10 * DAY * 1000);
    mend();
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(calls.map(({ input }) => input)).toEqual([1, 10 * DAY, 10 * DAY]);
    expect(execution.output).toMatchObject([{ Status: 'FAILED', Error: 'Bad' }, 10 * DAY]);
    expect(engine.mapRuns()[0].itemCounts).toMatchObject({ total: 2, succeeded: 1, failed: 1 });
  });
});
