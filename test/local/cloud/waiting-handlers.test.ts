/** Handlers that wait for what only time can bring: a message of a long poll, an execution, an activity's task. */
import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import {
  App,
  Duration,
  aws_iam as iam,
  aws_lambda as lambda,
  Stack,
  aws_stepfunctions as sfn,
  aws_sqs as sqs,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';
import { type Assembly, loadAssembly } from '../../../local/assembly';

let assembly: Assembly;
let cloud: LocalCloud;

const SQS = "const { SQSClient, ReceiveMessageCommand, SendMessageCommand } = require('@aws-sdk/client-sqs'); const sqs = new SQSClient();";
const SFN =
  "const { SFNClient, GetActivityTaskCommand, SendTaskSuccessCommand, StartSyncExecutionCommand } = require('@aws-sdk/client-sfn'); const sfn = new SFNClient();";
const POLL = 'sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.QUEUE, WaitTimeSeconds: 20 }))';

beforeAll(async () => {
  const stack = new Stack(new App(), 'S');
  const queue = new sqs.Queue(stack, 'Queue');
  const other = new sqs.Queue(stack, 'Other');
  const activity = new sfn.Activity(stack, 'Activity');
  const send = new tasks.SqsSendMessage(stack, 'Send', { queue, messageBody: sfn.TaskInput.fromText('late') });
  const wait = (id: string, seconds: number) => new sfn.Wait(stack, id, { time: sfn.WaitTime.duration(Duration.seconds(seconds)) });
  const machine = (id: string, definition: sfn.IChainable, type = sfn.StateMachineType.STANDARD) =>
    new sfn.StateMachine(stack, id, { stateMachineType: type, definitionBody: sfn.DefinitionBody.fromChainable(definition) });
  machine('Sender', wait('FiveSeconds', 5).next(send));
  const slow = machine('Slow', wait('SevenSeconds', 7), sfn.StateMachineType.EXPRESS);
  machine('Worked', wait('NineSeconds', 9).next(new tasks.StepFunctionsInvokeActivity(stack, 'Work', { activity })));

  const fn = (id: string, code: string, timeout = 30) => {
    const made = new lambda.Function(stack, id, {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline(code),
      timeout: Duration.seconds(timeout),
      environment: { QUEUE: queue.queueUrl, OTHER: other.queueUrl, SLOW: slow.stateMachineArn, ACTIVITY: activity.activityArn },
    });
    queue.grantConsumeMessages(made);
    return made;
  };
  const poll = `${SQS} const start = Date.now();
    exports.handler = async (_, context) => {
      const begun = [Date.now(), context.getRemainingTimeInMillis()];
      const { Messages = [] } = await ${POLL};
      const left = begun[1] - context.getRemainingTimeInMillis();
      return { bodies: Messages.map(({ Body }) => Body), waited: Date.now() - begun[0], spent: Math.floor(left / 1000) };
    };`;
  const poller = fn('Poller', poll);
  fn('Impatient', poll, 3);
  const both = fn(
    'Both',
    `${SQS} exports.handler = async () => {
      const at = Date.now();
      const send = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        for (let i = 0; i < 20; i++) await sqs.send(new SendMessageCommand({ QueueUrl: process.env.OTHER, MessageBody: String(i) }));
        return Date.now() - at;
      };
      const [{ Messages }, sent] = await Promise.all([${POLL}, send()]);
      return { waited: Date.now() - at, sent, got: Messages.length };
    };`,
  );
  other.grantSendMessages(both);
  const starter = fn(
    'Starter',
    `${SFN} exports.handler = async () => {
      const at = Date.now();
      const { status } = await sfn.send(new StartSyncExecutionCommand({ stateMachineArn: process.env.SLOW }));
      return { status, waited: Date.now() - at };
    };`,
  );
  slow.grantStartSyncExecution(starter);
  const worker = fn(
    'Worker',
    `${SFN} exports.handler = async () => {
      const at = Date.now();
      const { taskToken } = await sfn.send(new GetActivityTaskCommand({ activityArn: process.env.ACTIVITY }));
      if (taskToken) await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":true}' }));
      return { worked: taskToken !== undefined, waited: Date.now() - at };
    };`,
    90,
  );
  worker.addToRolePolicy(new iam.PolicyStatement({ actions: ['states:GetActivityTask', 'states:SendTaskSuccess'], resources: ['*'] }));
  const caller = fn(
    'Caller',
    `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
    exports.handler = async () => {
      const at = Date.now();
      const { Payload } = await new LambdaClient().send(new InvokeCommand({ FunctionName: process.env.CALLED }));
      return { ...JSON.parse(Buffer.from(Payload).toString()), caller: Date.now() - at };
    };`,
  );
  caller.addEnvironment('CALLED', poller.functionName);
  poller.grantInvoke(caller);
  machine(
    'SideBySide',
    new sfn.Parallel(stack, 'Two')
      .branch(new tasks.LambdaInvoke(stack, 'Poll', { lambdaFunction: poller, payloadResponseOnly: true }))
      .branch(
        wait('FourSeconds', 4).next(new tasks.SqsSendMessage(stack, 'SendToo', { queue, messageBody: sfn.TaskInput.fromText('beside') })),
      ),
  );
  assembly = await loadAssembly((stack.node.root as App).synth().directory);
});

beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly);
});
afterEach(() => cloud.dispose());

const invoke = (name: string) => cloud.function(name).invoke();

test('a long poll ends when the message comes, at its time', async () => {
  await cloud.stateMachine('Sender').start({});
  expect(await invoke('Poller')).toEqual({ bodies: ['late'], waited: 5000, spent: 5 });
});

test('and without one after its twenty seconds, which the timeout of the function counts', async () => {
  expect(await invoke('Poller')).toEqual({ bodies: [], waited: 20_000, spent: 20 });
  const begun = cloud.clock.now();
  await expect(invoke('Impatient')).rejects.toMatchObject({ name: 'Sandbox.Timedout', message: expect.stringContaining('3.00 seconds') });
  expect(Math.ceil((cloud.clock.now() - begun) / 1000)).toBe(3);
});

test('what the handler does beside it is done before time passes', async () => {
  await cloud.stateMachine('Sender').start({});
  expect(await invoke('Both')).toEqual({ waited: 5000, sent: 0, got: 1 });
  expect(cloud.queue('Other').messages()).toHaveLength(20);
});

test('StartSyncExecution of a machine that waits', async () => {
  expect(await invoke('Starter')).toEqual({ status: 'SUCCEEDED', waited: 7000 });
});

test('GetActivityTask, with a task and without one', async () => {
  const run = await cloud.stateMachine('Worked').start({});
  expect(await invoke('Worker')).toEqual({ worked: true, waited: 9000 });
  expect(run.output).toEqual({ done: true });
  expect(await invoke('Worker')).toEqual({ worked: false, waited: 60_000 });
});

test('a client of the test itself, as the operator and as a role', async () => {
  const slow = cloud.find('AWS::StepFunctions::StateMachine', 'Slow').ref;
  const start = async (roleArn?: string) => {
    const sfn = new SFNClient(cloud.clientConfig(roleArn));
    const answer = sfn.send(new StartSyncExecutionCommand({ stateMachineArn: slow })).then(
      ({ status }) => status,
      (error) => error.message,
    );
    // The request is there; nobody's time is held by it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await cloud.clock.advance(Duration.seconds(7));
    return answer;
  };
  expect(await start()).toBe('SUCCEEDED');
  const role = (name: string) => cloud.find('AWS::IAM::Role', `${name}/ServiceRole`).attributes.Arn as string;
  expect(await start(role('Starter'))).toBe('SUCCEEDED');
  expect(await start(role('Poller'))).toMatch(/not authorized to perform: states:StartSyncExecution/);
});

test('a function that waits for another one that waits', async () => {
  await cloud.stateMachine('Sender').start({});
  expect(await invoke('Caller')).toEqual({ bodies: ['late'], waited: 5000, spent: 5, caller: 5000 });
});

test('inside a machine, and every time the same', async () => {
  const histories = [];
  for (let i = 0; i < 3; i++) {
    const again = await LocalCloud.deploy(assembly);
    try {
      const run = await again.stateMachine('SideBySide').start({});
      await run.finished();
      expect(run.output).toMatchObject([{ bodies: ['beside'], waited: 4000 }, expect.anything()]);
      histories.push(run.history.map(({ type, timestamp }) => `${type} ${timestamp}`));
    } finally {
      await again.dispose();
    }
  }
  expect(histories[1]).toEqual(histories[0]);
  expect(histories[2]).toEqual(histories[0]);
});
