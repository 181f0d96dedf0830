import { type HistoryEvent, StatesError, statesVisited, transitions } from '../../../local/engine';
import { DEFAULT_START, LAMBDA, machine, only, play, stage, types } from './play';

describe('an execution', () => {
  test('starts after its caller has it, and tells each event once, as it happens', async () => {
    const events: [string, string][] = [];
    const { finish, start } = stage(undefined, { onEvent: (event, execution) => events.push([event.type, execution.name]) });
    const execution = start(only({ Type: 'Pass' }), { name: 'one' });
    expect(types(execution.history)).toEqual(['ExecutionStarted']);
    await finish(execution);
    expect(events).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'].map((type) => [type, 'one']));
    expect(execution.history.map((e) => e.id)).toEqual([1, 2, 3, 4]);
    expect(execution.history[0].executionStartedEventDetails).toEqual({
      input: '{}',
      inputDetails: { truncated: false },
      roleArn: 'arn:aws:iam::111122223333:role/machine',
    });
  });

  test('whoever is told of the last event finds the execution ended', async () => {
    const seen: unknown[] = [];
    const { finish, start } = stage(undefined, {
      onEvent: (event, { output, status }) => event.type === 'ExecutionSucceeded' && seen.push(status, output),
    });
    await finish(start(only({ Type: 'Pass', Result: 1 })));
    expect(seen).toEqual(['SUCCEEDED', 1]);
  });

  test('the same definition may be right for one type of machine and wrong for the other', async () => {
    const definition = only({ Type: 'Task', Resource: `${LAMBDA}.waitForTaskToken`, TimeoutSeconds: 1 });
    const { finish, start } = stage();
    expect((await finish(start(definition))).error).toBe('States.Timeout');
    expect((await finish(start(definition, { type: 'EXPRESS', name: 'express' }))).error).toBe('InvalidDefinition');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
  test('TimeoutSeconds of the machine', async () => {
    const { clock, finish, start } = stage(() => new Promise(() => {}));
    const execution = await finish(start(only({ Type: 'Task', Resource: LAMBDA }, { TimeoutSeconds: 30 })));
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', stopDate: DEFAULT_START + 30_000 });
    // https://github.com/floci-io/floci/issues/2965: nothing of the state, and no event that the last one follows
    expect(types(execution.history).slice(-2)).toEqual(['TaskStarted', 'ExecutionTimedOut']);
    expect(execution.history.at(-1)).toMatchObject({ previousEventId: 0, executionTimedOutEventDetails: { error: 'States.Timeout' } });
    await clock.advance(1_000_000);
    expect(execution.history.at(-1)?.type).toBe('ExecutionTimedOut');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
  test('an Express execution takes five minutes at most, a Standard one a year', async () => {
    const wait = only({ Type: 'Wait', Seconds: 90_000_000 });
    const { finish, start } = stage();
    expect(await finish(start(wait, { type: 'EXPRESS' }))).toMatchObject({ status: 'TIMED_OUT', stopDate: DEFAULT_START + 300_000 });
    const standard = await finish(start(wait, { name: 'standard' }));
    expect(((standard.stopDate ?? 0) - standard.startDate) / 86_400_000).toBe(365);
  });

  test('an Express execution has another ARN and no RedriveCount', async () => {
    const { finish, start } = stage();
    const execution = await finish(start(only({ Type: 'Pass', Parameters: { 'e.$': '$$.Execution' } }), { type: 'EXPRESS' }));
    expect(execution.arn).toMatch(/^arn:aws:states:eu-west-1:111122223333:express:Orders:run:[0-9a-f-]{36}$/);
    expect(Object.keys((execution.output as { e: object }).e).sort()).toEqual(['Id', 'Input', 'Name', 'RoleArn', 'StartTime']);
  });

  test('stopping it aborts what is in flight; stopping it again changes nothing', async () => {
    const { calls, clock, engine, start } = stage(() => new Promise(() => {}));
    const execution = start(only({ Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Only' }] }));
    await clock.settle();
    engine.stopExecution(execution.arn, 'E', 'C');
    await execution.finished;
    engine.stopExecution(execution.arn, 'other');
    await clock.settle();
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'E', cause: 'C' });
    expect(calls[0].signal.aborted).toBe(true);
    expect(types(execution.history).slice(-2)).toEqual(['TaskStarted', 'ExecutionAborted']);
    expect(execution.history.at(-1)?.previousEventId).toBe(0);
  });

  test('25,000 events are the end of a Standard execution', async () => {
    const again = { Type: 'Choice', Choices: [{ Variable: '$.stop', IsPresent: true, Next: 'End' }], Default: 'A' };
    const loop = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Again' }, Again: again, End: { Type: 'Succeed' } } };
    const { cause, error, history } = await play(loop);
    expect(history).toHaveLength(25_000);
    expect(error).toBe('States.Runtime');
    expect(cause).toContain('25000');
    expect(history.at(-1)?.type).toBe('ExecutionFailed');
  });

  test('an output of more than 256 KiB', async () => {
    const state = { Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' } };
    const { cause, error } = await play(only(state), 'é'.repeat(70_000));
    expect(error).toBe('States.DataLimitExceeded');
    expect(cause).toContain("'Only'");
  });

  test('data nested too deeply for the stack', async () => {
    const { engine, finish } = stage();
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const execution = await finish(engine.startExecution(machine(only({ Type: 'Pass' })), { input: deep }));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('is the same every time', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: {
          Type: 'Task',
          Resource: LAMBDA,
          Arguments: { id: '{% $uuid() %}', n: '{% $random() %}' },
          Retry: [{ ErrorEquals: ['Bad'], JitterStrategy: 'FULL' }],
          End: true,
        },
      },
    };
    const run = async () => {
      let n = 0;
      const execution = await play(definition, {}, () => {
        if (n++ < 2) throw new StatesError('Bad');
        return n;
      });
      return JSON.stringify(execution.history);
    };
    expect(await run()).toBe(await run());
  });
});

// https://aws.amazon.com/step-functions/pricing/
describe('what derives from the history', () => {
  let history: readonly HistoryEvent[];
  beforeAll(async () => {
    let n = 0;
    const inner = only({ Type: 'Task', Resource: LAMBDA, Retry: [{ ErrorEquals: ['Again'] }] });
    const definition = {
      StartAt: 'Each',
      States: {
        Each: { Type: 'Map', MaxConcurrency: 1, ItemProcessor: inner, Retry: [{ ErrorEquals: ['Stop'] }], Next: 'End' },
        End: { Type: 'Succeed' },
      },
    };
    const errors = ['Again', '', 'Stop', '', ''];
    history = (
      await play(definition, [1, 2], () => {
        const error = errors[n++];
        if (error) throw new StatesError(error);
        return n;
      })
    ).history;
  });

  test('transitions count each state entered and each retry', () => {
    // Map, two iterations, the retry in one of them, the Map's retry with two iterations again, Succeed.
    expect(transitions(history)).toBe(1 + 2 + 1 + 1 + 2 + 1);
  });

  test('states visited', () => {
    expect(statesVisited(history)).toEqual(['Each', 'Only', 'Only', 'Only', 'Only', 'End']);
  });
});
