import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { createEngine, type Engine } from '../../../local/engine';
import { createTaskPort } from '../../../local/integrations';
import { createEvents } from '../../../local/services/events';
import { createLambda } from '../../../local/services/lambda';
import { createStepFunctions } from '../../../local/services/stepfunctions';
import { functionProperties, refusal, TestRuntime, World } from './world';

let world: World;
let engine: Engine;
let runtime: TestRuntime;
let sfn: SFNClient;
let token: string;

beforeEach(async () => {
  runtime = new TestRuntime();
  world = await World.start((cloud) => {
    engine = createEngine({
      clock: cloud.clock,
      tasks: createTaskPort(cloud, (arn) => engine.execution(arn)),
      accountId: cloud.accountId,
      region: cloud.region,
      partition: cloud.partition,
      random: cloud.random,
    });
    return [createLambda(cloud, runtime), createEvents(cloud), createStepFunctions(cloud, engine)];
  });
  sfn = new SFNClient(world.client());
});
afterEach(() => world.gateway.close());

const ROLE = 'arn:aws:iam::123456789012:role/Machine';
const pass = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 3600, Next: 'P' }, P: { Type: 'Pass', End: true } } };
const machine = async (name: string, definition: unknown, more = {}) =>
  (
    await world.create('AWS::StepFunctions::StateMachine', name, {
      StateMachineName: name,
      RoleArn: ROLE,
      DefinitionString: JSON.stringify(definition),
      ...more,
    })
  ).ref;
const start = (stateMachineArn: string, input?: string, name?: string) =>
  sfn.send(new StartExecutionCommand({ stateMachineArn, input, name }));
const describeIt = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));

describe('AWS::StepFunctions::StateMachine', () => {
  test('substitutes in its definition, and is described', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholder
    const definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":"${Word} ${Other}","End":true}}}';
    const { ref, attributes } = await world.create('AWS::StepFunctions::StateMachine', 'M', {
      RoleArn: ROLE,
      DefinitionString: definition,
      DefinitionSubstitutions: { Word: 'hello' },
    });
    expect(ref).toBe('arn:aws:states:us-east-1:123456789012:stateMachine:Stack-M-ABCDEF');
    expect(attributes).toMatchObject({ Arn: ref, Name: 'Stack-M-ABCDEF' });
    expect(await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: ref }))).toMatchObject({
      name: 'Stack-M-ABCDEF',
      type: 'STANDARD',
      roleArn: ROLE,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholder
      definition: definition.replace('${Word}', 'hello'),
    });
    expect(await refusal(sfn.send(new DescribeStateMachineCommand({ stateMachineArn: `${ref}x` })))).toMatchObject({
      name: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${ref}x'`,
    });
    expect(await refusal(sfn.send(new DescribeStateMachineCommand({ stateMachineArn: 'not_a_valid_arn' })))).toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'",
    });
  });

  test("a machine with nested executions needs its role to make Step Functions' managed rule", async () => {
    const nested = {
      StartAt: 'T',
      States: {
        T: { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Parameters: { StateMachineArn: 'x' }, End: true },
      },
    };
    const rule = 'arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
    const with_ = async (name: string, action: string) =>
      machine(name, nested, { RoleArn: await world.role(`${name}Role`, { Effect: 'Allow', Action: action, Resource: rule }) });
    await expect(with_('Poor', 'events:PutRule')).rejects.toThrow(
      /^'arn:aws:iam::123456789012:role\/PoorRole' is not authorized to create managed-rule\. .*events:PutTargets on resource/,
    );
    await with_('Rich', 'events:*');
    expect(world.access.used().filter(({ role }) => role.includes('RichRole'))).toMatchObject(
      ['PutRule', 'PutTargets', 'DescribeRule'].map((name) => ({ action: `events:${name}`, resource: rule })),
    );
  });

  test('versions and aliases start the machine', async () => {
    const ref = await machine('M', pass);
    const version = (await world.create('AWS::StepFunctions::StateMachineVersion', 'V', { StateMachineArn: ref })).ref;
    const alias = (
      await world.create('AWS::StepFunctions::StateMachineAlias', 'A', {
        Name: 'live',
        RoutingConfiguration: [{ StateMachineVersionArn: version, Weight: 100 }],
      })
    ).ref;
    expect([version, alias]).toEqual([`${ref}:1`, `${ref}:live`]);
    await start(version);
    await start(alias);
    await world.clock.settle();
    expect(world.events.map(({ detail }) => detail).filter((detail) => (detail as { status: string }).status === 'RUNNING')).toMatchObject([
      { stateMachineVersionArn: version, stateMachineAliasArn: null },
      { stateMachineVersionArn: version, stateMachineAliasArn: alias },
    ]);
    expect((await refusal(start(`${ref}:2`))).name).toBe('StateMachineDoesNotExist');
  });
});

describe('StartExecution', () => {
  test('runs, and its end is seen', async () => {
    const ref = await machine('M', pass);
    const { executionArn, startDate } = await start(ref, '{"a":"é"}', 'one');
    expect(executionArn).toBe('arn:aws:states:us-east-1:123456789012:execution:M:one');
    expect(startDate).toEqual(new Date(world.clock.now()));
    await world.clock.settle();
    expect(await describeIt(executionArn as string)).toMatchObject({
      status: 'SUCCEEDED',
      name: 'one',
      stateMachineArn: ref,
      input: '{"a":"é"}',
      output: '{"a":"é"}',
      startDate,
      stopDate: startDate,
    });
  });

  test('the same name and input is the same execution while it runs; anything else is refused', async () => {
    const ref = await machine('M', wait);
    const first = await start(ref, '{"a":1}', 'one');
    await world.clock.advance(60_000);
    const again = await start(ref, '{"a":1}', 'one');
    expect([again.executionArn, again.startDate]).toEqual([first.executionArn, first.startDate]);
    const refused = { name: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${first.executionArn}'` };
    expect(await refusal(start(ref, '{"a":2}', 'one'))).toMatchObject(refused);
    await world.clock.advance(3_600_000);
    expect(await refusal(start(ref, '{"a":1}', 'one'))).toMatchObject(refused);
    expect(engine.executions()).toHaveLength(1);
  });

  test.each([
    ['not JSON', '{"a":', undefined, 'InvalidExecutionInput'],
    ['over 256 KiB', JSON.stringify('x'.repeat(262_143)), undefined, 'ValidationException'],
    ['over 256 KiB in UTF-8', JSON.stringify('é'.repeat(131_072)), undefined, 'ValidationException'],
    ['a name with a space', '{}', 'a b', 'InvalidName'],
    ['a name with a colon', '{}', 'a:b', 'InvalidName'],
    ['a name with a control character', '{}', 'a\u0001b', 'InvalidName'],
    ['a name of 81', '{}', 'x'.repeat(81), 'ValidationException'],
  ])('refuses %s', async (_what, input, name, error) => {
    const ref = await machine('M', pass);
    expect((await refusal(start(ref, input, name))).name).toBe(error);
    expect(engine.executions()).toHaveLength(0);
  });

  test('takes input of 256 KiB and a name of 80', async () => {
    const ref = await machine('M', pass);
    const input = JSON.stringify('x'.repeat(262_142));
    await start(ref, input, 'x'.repeat(80));
    await start(ref, '{}', "a-b_c.é(1)=+@!'");
    expect(engine.executions()).toHaveLength(2);
  });

  test('needs states:StartExecution on the machine', async () => {
    const [allowed, other] = [await machine('M', pass), await machine('Other', pass)];
    const role = await world.role('Starter', { Effect: 'Allow', Action: 'states:StartExecution', Resource: allowed });
    const client = new SFNClient(world.client(role));
    await client.send(new StartExecutionCommand({ stateMachineArn: allowed }));
    const error = await refusal(client.send(new StartExecutionCommand({ stateMachineArn: other })));
    expect(error).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`states:StartExecution on resource: ${other}`),
    });
  });
});

describe('StartSyncExecution', () => {
  const sync = (stateMachineArn: string, input?: string) =>
    new SFNClient(world.client()).send(new StartSyncExecutionCommand({ stateMachineArn, input }));

  test('gives the end of an Express execution', async () => {
    const ref = await machine('M', pass, { StateMachineType: 'EXPRESS' });
    expect(await sync(ref, '{"a":1}')).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineArn: ref,
      output: '{"a":1}',
      billingDetails: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
    });
    expect(world.events).toEqual([]);
  });

  test('a failed one is an answer, not an error', async () => {
    const ref = await machine(
      'M',
      { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E', Cause: 'C' } } },
      { StateMachineType: 'EXPRESS' },
    );
    expect(await sync(ref)).toMatchObject({ status: 'FAILED', error: 'E', cause: 'C' });
  });

  test('is not for Standard, and Standard calls not for Express', async () => {
    expect((await refusal(sync(await machine('M', pass)))).name).toBe('StateMachineTypeNotSupported');
    const express = await machine('X', pass, { StateMachineType: 'EXPRESS' });
    expect((await refusal(sfn.send(new ListExecutionsCommand({ stateMachineArn: express })))).name).toBe('StateMachineTypeNotSupported');
    const { executionArn } = await start(express);
    expect(await refusal(describeIt(executionArn as string))).toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    });
  });
});

describe('looking and stopping', () => {
  test('StopExecution aborts with error and cause', async () => {
    const { executionArn } = await start(await machine('M', wait));
    const { stopDate } = await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'because' }));
    expect(await describeIt(executionArn as string)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'because', stopDate });
  });

  test('ListExecutions: the newest first, filtered, in pages', async () => {
    const ref = await machine('M', wait);
    for (const name of ['a', 'b', 'c']) {
      await start(ref, '{}', name);
      await world.clock.advance(1000);
    }
    await sfn.send(new StopExecutionCommand({ executionArn: `${ref.replace('stateMachine', 'execution')}:b` }));
    const list = (more = {}) => sfn.send(new ListExecutionsCommand({ stateMachineArn: ref, ...more }));
    expect((await list()).executions?.map(({ name, status }) => [name, status])).toEqual([
      ['c', 'RUNNING'],
      ['b', 'ABORTED'],
      ['a', 'RUNNING'],
    ]);
    expect((await list({ statusFilter: 'ABORTED' })).executions?.map(({ name }) => name)).toEqual(['b']);
    const first = await list({ maxResults: 2 });
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect([first, second].map((page) => page.executions?.map(({ name }) => name))).toEqual([['c', 'b'], ['a']]);
    expect(second.nextToken).toBeUndefined();
  });

  test('GetExecutionHistory: both ways, in pages, without data on request', async () => {
    const { executionArn } = await start(await machine('M', pass), '{"a":1}');
    await world.clock.settle();
    const history = (more = {}) => sfn.send(new GetExecutionHistoryCommand({ executionArn, ...more }));
    const whole = (await history()).events ?? [];
    expect(whole.map(({ type }) => type)).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
    expect(whole[0]).toMatchObject({ id: 1, previousEventId: 0, executionStartedEventDetails: { input: '{"a":1}', roleArn: ROLE } });
    expect(whole[0].timestamp).toEqual(new Date(world.clock.now()));
    expect((await history({ reverseOrder: true })).events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    const page = await history({ maxResults: 3 });
    expect((await history({ maxResults: 3, nextToken: page.nextToken })).events?.map(({ id }) => id)).toEqual([4]);
    expect((await history({ includeExecutionData: false })).events?.[0].executionStartedEventDetails).toEqual({
      roleArn: ROLE,
      inputDetails: { truncated: false },
    });
  });

  test('an execution that is not there', async () => {
    const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:M:none';
    expect(await refusal(describeIt(executionArn))).toMatchObject({
      name: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${executionArn}'`,
    });
  });
});

describe('status events', () => {
  test('of Standard: when it starts and when it ends', async () => {
    const ref = await machine('M', { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E', Cause: 'C' } } });
    const { executionArn } = await start(ref, '{"a":1}');
    await world.clock.settle();
    const common = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', resources: [executionArn] };
    expect(world.events).toMatchObject([
      { ...common, detail: { executionArn, stateMachineArn: ref, status: 'RUNNING', stopDate: null, input: '{"a":1}' } },
      { ...common, detail: { status: 'FAILED', error: 'E', cause: 'C', output: null } },
    ]);
  });
});

describe('task tokens', () => {
  const waiting = {
    StartAt: 'T',
    States: {
      T: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
        HeartbeatSeconds: 100,
        End: true,
      },
    },
  };
  let executionArn: string;
  let ref: string;

  beforeEach(async () => {
    await world.role('Machine', { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' });
    await world.create('AWS::Lambda::Function', 'Ask', functionProperties('ask', 'arn:aws:iam::123456789012:role/FnRole'));
    runtime.handlers.set('ask', (event) => {
      token = (event as { token: string }).token;
    });
    ref = await machine('M', waiting);
    executionArn = (await start(ref)).executionArn as string;
    await world.clock.settle();
  });

  test('SendTaskSuccess ends the task', async () => {
    await sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"ok":true}' }));
    await world.clock.settle();
    expect(await describeIt(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"ok":true}' });
    expect((await refusal(sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' })))).name).toBe('TaskTimedOut');
  });

  test('SendTaskFailure fails it', async () => {
    await sfn.send(new SendTaskFailureCommand({ taskToken: token, error: 'No', cause: 'not now' }));
    await world.clock.settle();
    expect(await describeIt(executionArn)).toMatchObject({ status: 'FAILED', error: 'No', cause: 'not now' });
  });

  test('SendTaskHeartbeat keeps it alive', async () => {
    await world.clock.advance(60_000);
    await sfn.send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await world.clock.advance(60_000);
    expect(await describeIt(executionArn)).toMatchObject({ status: 'RUNNING' });
    await world.clock.advance(60_000);
    expect(await describeIt(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  test('a made-up token and an output that is no JSON are refused', async () => {
    expect((await refusal(sfn.send(new SendTaskSuccessCommand({ taskToken: 'made up', output: '{}' })))).name).toBe('InvalidToken');
    expect((await refusal(sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{' })))).name).toBe('InvalidOutput');
    expect(await describeIt(executionArn)).toMatchObject({ status: 'RUNNING' });
  });

  test("a role that may answer another machine's tokens may not answer this one's", async () => {
    const other = await machine('Other', pass);
    const answerer = (resource: string, name: string) =>
      world.role(name, { Effect: 'Allow', Action: 'states:SendTask*', Resource: resource });
    const send = (role: string) => new SFNClient(world.client(role)).send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    const error = await refusal(send(await answerer(other, 'Wrong')));
    expect(error).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`states:SendTaskSuccess on resource: ${ref}`),
    });
    await send(await answerer(ref, 'Right'));
    await world.clock.settle();
    expect(await describeIt(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
