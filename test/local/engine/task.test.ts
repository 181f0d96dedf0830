import { ApiError } from '../../../local/cloud-types';
import { StatesError } from '../../../local/engine';
import { DEFAULT_START, LAMBDA, only, play, stage, types } from './play';

const TOKEN_TASK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
};

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-data-limit-exceed
test('more than 256 KiB of parameters are too much: the call is not made', async () => {
  const { calls, finish, start } = stage();
  const Parameters = { 'a.$': '$.text', 'b.$': '$.text' };
  const execution = await finish(start(only({ Type: 'Task', Resource: LAMBDA, Parameters }), { input: { text: 'x'.repeat(140_000) } }));
  expect(execution.error).toBe('States.DataLimitExceeded');
  expect(calls).toEqual([]);
  expect(types(execution.history)).toEqual(['ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed']);
});

function code(call: () => void): string {
  try {
    call();
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  return 'none';
}

// https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
describe('Task', () => {
  test('the call says who makes it, where and the how-manieth time', async () => {
    const { calls, finish, start } = stage(() => ({ ok: true }));
    const state = {
      Type: 'Task',
      Resource: LAMBDA,
      Parameters: { FunctionName: 'f', 'Payload.$': '$' },
      Credentials: { RoleArn: 'arn:aws:iam::1:role/other' },
    };
    const { history, output } = await finish(
      start({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [only(state)], End: true } } }, { input: { a: 1 } }),
    );
    expect(output).toEqual([{ ok: true }]);
    expect(calls[0]).toMatchObject({
      resource: LAMBDA,
      input: { FunctionName: 'f', Payload: { a: 1 } },
      roleArn: 'arn:aws:iam::111122223333:role/machine',
      credentialsRoleArn: 'arn:aws:iam::1:role/other',
      stateName: 'Only',
      statePath: ['P', '0', 'Only'],
      retryCount: 0,
    });
    expect(history.find((e) => e.type === 'TaskScheduled')?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'eu-west-1',
      parameters: '{"FunctionName":"f","Payload":{"a":1}}',
      taskCredentials: { roleArn: 'arn:aws:iam::1:role/other' },
    });
  });

  test('a Lambda ARN has events of its own', async () => {
    const { history } = await play(only({ Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:1:function:f' }), {}, () => 1);
    expect(types(history)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('what AWS would not create does not run: the place is named', async () => {
    const { cause, error, history } = await play(only({ Type: 'Task', Resource: 'arn:aws:s3:::bucket', Pause: 1 }));
    expect(error).toBe('InvalidDefinition');
    expect(cause).toContain('The resource provided arn:aws:s3:::bucket is not recognized.');
    expect(cause).toContain("Field 'Pause' is not supported at /States/Only,");
    expect(types(history)).toEqual(['ExecutionStarted', 'ExecutionFailed']);
  });

  test('a fault of the emulation is no error of the machine', async () => {
    const { cause, error } = await play(
      only({ Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Only' }] }),
      {},
      () => {
        throw new TypeError('boom');
      },
    );
    expect(error).toBe('Stepworks.InternalError');
    expect(cause).toContain('TypeError: boom');
  });

  test('TimeoutSeconds ends it and aborts its call', async () => {
    const { calls, clock, finish, start } = stage(() => new Promise(() => {}));
    const execution = await finish(start(only({ Type: 'Task', Resource: LAMBDA, TimeoutSecondsPath: '$.limit' }), { input: { limit: 9 } }));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: undefined });
    expect(clock.now() - DEFAULT_START).toBe(9000);
    expect(calls[0].signal.aborted).toBe(true);
    expect(types(execution.history).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  });

  test('a result of more than 256 KiB is States.DataLimitExceeded, which States.ALL catches', async () => {
    const definition = {
      StartAt: 'Big',
      States: {
        Big: { Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }], End: true },
        End: { Type: 'Succeed' },
      },
    };
    const atLimit = 'a'.repeat(256 * 1024 - 2);
    expect((await play(definition, {}, () => atLimit)).output).toBe(atLimit);
    expect((await play(definition, {}, () => `${atLimit}a`)).output).toMatchObject({ Error: 'States.DataLimitExceeded' });
  });

  // As recorded in https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases (Feature.JSONataValidation)
  test.each([
    [
      "'3'",
      `The JSONata expression ''3'' specified for the field 'TimeoutSeconds' returned an unexpected result type. Expected 'number', but was 'string' for value: "3"`,
    ],
    ['-1', 'TimeoutSeconds must be between 0 and 99999999 but was: -1'],
    ['1.6', 'The TimeoutSeconds field cannot be parsed as an integer: 1.6'],
    [
      '$states.input.no',
      "The JSONata expression '$states.input.no' specified for the field 'TimeoutSeconds' returned nothing (undefined).",
    ],
  ])('TimeoutSeconds that come to %s', async (expression, message) => {
    const { cause, error } = await play(
      only({ Type: 'Task', QueryLanguage: 'JSONata', Resource: LAMBDA, TimeoutSeconds: `{% ${expression} %}` }),
    );
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toBe(`An error occurred while executing the state 'Only' (entered at the event id #2). ${message}`);
  });

  test('.sync waits for the end of the job', async () => {
    const { clock, finish, start } = stage(() => ({
      output: { JobId: 1 },
      completion: clock.sleepUntil(clock.now() + 60_000).then(() => ({ Status: 'DONE' })),
    }));
    const { history, output } = await finish(
      start(only({ Type: 'Task', Resource: 'arn:aws:states:::batch:submitJob.sync', Parameters: {} })),
    );
    expect(output).toEqual({ Status: 'DONE' });
    expect(types(history)).toContain('TaskSubmitted');
    expect(clock.now() - DEFAULT_START).toBe(60_000);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
describe('.waitForTaskToken', () => {
  test('the token is in the context object and in the call; its answer is the result', async () => {
    const { calls, clock, engine, finish, start } = stage();
    const execution = start(only(TOKEN_TASK));
    await clock.settle();
    expect(calls[0].input).toEqual({ QueueUrl: 'q', MessageBody: calls[0].taskToken });
    engine.sendTaskSuccess(calls[0].taskToken ?? '', '{"decision":"yes"}');
    expect((await finish(execution)).output).toEqual({ decision: 'yes' });
    expect(types(execution.history).slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  test('an answer that comes before the call returns counts', async () => {
    const { engine, finish, start } = stage((call) => engine.sendTaskSuccess(call.taskToken ?? '', '1'));
    expect((await finish(start(only(TOKEN_TASK)))).output).toBe(1);
  });

  test('a second answer, a late one and a made-up token are refused', async () => {
    const { calls, clock, engine, finish, start } = stage();
    const execution = start(only({ ...TOKEN_TASK, TimeoutSeconds: 60 }));
    await finish(execution);
    expect(execution.error).toBe('States.Timeout');
    const late = calls[0].taskToken ?? '';
    expect(code(() => engine.sendTaskSuccess(late, '1'))).toBe('TaskTimedOut');
    expect(code(() => engine.sendTaskHeartbeat(late))).toBe('TaskTimedOut');
    expect(code(() => engine.sendTaskFailure('made-up'))).toBe('InvalidToken');
    const next = start(only(TOKEN_TASK), { name: 'next' });
    await clock.settle();
    const token = calls[1].taskToken ?? '';
    expect(code(() => engine.sendTaskSuccess(token, 'no json'))).toBe('InvalidOutput');
    expect(code(() => engine.sendTaskSuccess(token, '1'))).toBe('none');
    expect(code(() => engine.sendTaskSuccess(token, '2'))).toBe('TaskTimedOut');
    expect((await finish(next)).output).toBe(1);
  });

  test('sendTaskFailure gives error and cause to the catcher', async () => {
    const { calls, clock, engine, finish, start } = stage();
    const definition = {
      StartAt: 'Ask',
      States: {
        Ask: { ...TOKEN_TASK, Catch: [{ ErrorEquals: ['Refused'], ResultPath: '$.why', Next: 'End' }], End: true },
        End: { Type: 'Succeed' },
      },
    };
    const execution = start(definition, { input: { n: 1 } });
    await clock.settle();
    engine.sendTaskFailure(calls[0].taskToken ?? '', 'Refused', 'too much');
    expect((await finish(execution)).output).toEqual({ n: 1, why: { Error: 'Refused', Cause: 'too much' } });
  });

  test('heartbeats keep it alive; without one it times out, and HeartbeatTimeout catches that', async () => {
    const { calls, clock, engine, finish, start } = stage();
    const definition = {
      StartAt: 'Ask',
      States: {
        Ask: {
          ...TOKEN_TASK,
          HeartbeatSeconds: 10,
          TimeoutSeconds: 100,
          Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'End' }],
          End: true,
        },
        End: { Type: 'Succeed' },
      },
    };
    const execution = start(definition);
    await clock.advance(9_000);
    engine.sendTaskHeartbeat(calls[0].taskToken ?? '');
    await clock.advance(9_999);
    expect(execution.status).toBe('RUNNING');
    await finish(execution);
    expect(clock.now() - DEFAULT_START).toBe(19_000);
    expect(execution.output).toEqual({ Error: 'States.Timeout', Cause: '' });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
describe('activities', () => {
  const ACTIVITY = 'arn:aws:states:eu-west-1:111122223333:activity:Paint';

  test('a worker takes the task and answers it', async () => {
    const { clock, engine, finish, start } = stage();
    const waiting = engine.getActivityTask(ACTIVITY, 'Ann');
    const execution = start(only({ Type: 'Task', Resource: ACTIVITY, TimeoutSeconds: 60 }), { input: { colour: 'red' } });
    await clock.settle();
    const task = await waiting;
    expect(task?.input).toBe('{"colour":"red"}');
    engine.sendTaskSuccess(task?.taskToken ?? '', '"painted"');
    expect((await finish(execution)).output).toBe('painted');
    expect(execution.history[3]).toMatchObject({ type: 'ActivityStarted', activityStartedEventDetails: { workerName: 'Ann' } });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html#task-state-fields, HeartbeatSeconds
  test('heartbeats count from when a worker has taken the task', async () => {
    const { clock, engine, finish, start } = stage();
    const definition = only({ Type: 'Task', Resource: ACTIVITY, TimeoutSeconds: 100, HeartbeatSeconds: 10 });
    const execution = start(definition);
    await clock.advance(50_000);
    await engine.getActivityTask(ACTIVITY, 'Ann');
    await finish(execution);
    expect(execution).toMatchObject({ error: 'States.Timeout', stopDate: DEFAULT_START + 60_000 });
  });

  test('a task that nobody takes times out and is offered no more', async () => {
    const { engine, finish, start } = stage();
    const execution = await finish(start(only({ Type: 'Task', Resource: ACTIVITY, TimeoutSeconds: 60 })));
    expect(types(execution.history).slice(-3)).toEqual(['ActivityScheduled', 'ActivityTimedOut', 'ExecutionFailed']);
    const gone = new AbortController();
    const offered = engine.getActivityTask(ACTIVITY, 'Ann', gone.signal);
    gone.abort();
    expect(await offered).toBeUndefined();
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
describe('Retry and Catch', () => {
  const failing = (errors: string[]) => {
    let n = 0;
    return () => {
      const error = errors[n++];
      if (error) throw new StatesError(error, `attempt ${n}`);
      return n;
    };
  };

  test('waits by interval, rate and cap; each retrier counts for itself', async () => {
    const Retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 7, MaxAttempts: 3 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 },
    ];
    const { calls, clock, finish, start } = stage(failing(['A', 'A', 'B', 'A']));
    const times: number[] = [];
    const { clock: sameClock } = { clock };
    const execution = await finish(
      start(only({ Type: 'Task', Resource: LAMBDA, Retry, ResultSelector: { 'retries.$': '$$.State.RetryCount' } })),
    );
    for (const event of execution.history) if (event.type === 'TaskScheduled') times.push(event.timestamp - DEFAULT_START);
    expect(times).toEqual([0, 2000, 8000, 9000, 16_000]);
    expect(execution.output).toEqual({ retries: 4 });
    expect(calls.map((c) => c.retryCount)).toEqual([0, 1, 2, 3, 4]);
    expect(sameClock.now() - DEFAULT_START).toBe(16_000);
  });

  test('full jitter waits a part of the interval, by the seed', async () => {
    const Retry = [{ ErrorEquals: ['A'], IntervalSeconds: 100, JitterStrategy: 'FULL' }];
    const run = async () => {
      const { clock, finish, start } = stage(failing(['A']));
      await finish(start(only({ Type: 'Task', Resource: LAMBDA, Retry })));
      return clock.now() - DEFAULT_START;
    };
    const waited = await run();
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThan(100_000);
    expect(await run()).toBe(waited);
  });

  test('States.TaskFailed means all but time-outs; States.ALL means them too', async () => {
    const caught = async (ErrorEquals: string[]) => {
      const state = { Type: 'Task', Resource: LAMBDA, TimeoutSeconds: 1, Catch: [{ ErrorEquals, Next: 'End' }], End: true };
      return (await play({ StartAt: 'T', States: { T: state, End: { Type: 'Succeed' } } }, {}, () => new Promise(() => {}))).status;
    };
    expect(await caught(['States.TaskFailed'])).toBe('FAILED');
    expect(await caught(['States.ALL'])).toBe('SUCCEEDED');
  });

  // https://github.com/iwamot/sfnx/blob/main/src/sfnx/testing.py
  test('States.TaskFailed does not mean an expression that fails', async () => {
    const caught = async (ErrorEquals: string[]) => {
      const state = { Type: 'Task', Resource: LAMBDA, Arguments: '{% $no.thing %}', Catch: [{ ErrorEquals, Next: 'End' }], End: true };
      return (await play({ QueryLanguage: 'JSONata', StartAt: 'T', States: { T: state, End: { Type: 'Succeed' } } })).status;
    };
    expect(await caught(['States.TaskFailed'])).toBe('FAILED');
    expect(await caught(['States.QueryEvaluationError'])).toBe('SUCCEEDED');
  });

  test('States.Runtime is never caught, not even by name', async () => {
    const state = {
      Type: 'Task',
      Resource: LAMBDA,
      Parameters: { 'x.$': '$.no' },
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'End' }],
      End: true,
    };
    const { error } = await play({ StartAt: 'T', States: { T: state, End: { Type: 'Succeed' } } });
    expect(error).toBe('States.Runtime');
  });

  test('a JSONata catcher has Output and Assign of its own', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: {
          Type: 'Task',
          Resource: LAMBDA,
          Arguments: {},
          Catch: [
            {
              ErrorEquals: ['A'],
              Assign: { why: '{% $states.errorOutput.Cause %}' },
              Output: { kept: '{% $states.input %}' },
              Next: 'End',
            },
          ],
          End: true,
        },
        End: { Type: 'Pass', Output: ['{% $states.input.kept %}', '{% $why %}'], End: true },
      },
    };
    expect((await play(definition, { id: 1 }, failing(['A']))).output).toEqual([{ id: 1 }, 'attempt 1']);
  });
});
