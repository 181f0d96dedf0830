import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { ApiError, type Json } from '../../../local/cloud-types';
import { createEvents, type EventsService } from '../../../local/services/events';
import { parseSchedule } from '../../../local/services/events/schedule';
import { inputFor } from '../../../local/services/events/target-input';
import { createLambda } from '../../../local/services/lambda';
import { createSns, type SnsService } from '../../../local/services/sns';
import { createSqs } from '../../../local/services/sqs';
import { functionProperties, OPERATOR, refusal, TestRuntime, World } from './world';

let world: World;
let events: EventsService;
let sns: SnsService;
let runtime: TestRuntime;
/** What StartExecution was given. */
let started: { input: { stateMachineArn: string; input: string }; caller: unknown }[];
/** What StartExecution throws, if it does. */
let failures: Error[];

beforeEach(async () => {
  runtime = new TestRuntime();
  started = [];
  failures = [];
  world = await World.start((cloud) => {
    events = createEvents(cloud);
    sns = createSns(cloud, () => undefined);
    const sfn = {
      name: 'sfn',
      operations: {
        StartExecution: {
          access: (input: { stateMachineArn: string }) => [{ action: 'states:StartExecution', resource: input.stateMachineArn }],
          run(input: { stateMachineArn: string; input: string }, caller: unknown) {
            const failure = failures.shift();
            if (failure) throw failure;
            started.push({ input, caller });
          },
        },
      },
    };
    return [events, sns, sfn, createLambda(cloud, runtime), createSqs(cloud, cloud.gateway.url, () => undefined)];
  });
  world.onEvent = events.emit;
});
afterEach(async () => {
  events.dispose();
  await world.gateway.close();
});

const put = (...Entries: PutEventsRequestEntry[]) => new EventBridgeClient(world.client()).send(new PutEventsCommand({ Entries }));
const entry = (more: PutEventsRequestEntry = {}) => ({ Source: 'shop', DetailType: 'Order', Detail: '{"id":1,"kind":"book"}', ...more });
const rule = (name: string, properties: Record<string, unknown>) => world.create('AWS::Events::Rule', name, { Name: name, ...properties });
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:M';

/** A queue that events.amazonaws.com may write to, and what it holds. */
async function queue(name: string) {
  const { ref, attributes } = await world.create('AWS::SQS::Queue', name, { QueueName: name });
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: attributes?.Arn,
  };
  await world.create('AWS::SQS::QueuePolicy', `${name}Policy`, { Queues: [ref], PolicyDocument: { Statement: [statement] } });
  return {
    Arn: attributes?.Arn as string,
    async messages() {
      await world.clock.settle();
      const input = { QueueUrl: ref, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
      const got = (await world.call({ service: 'sqs', operation: 'ReceiveMessage', principal: OPERATOR, input })) as {
        Messages?: { Body: string; MessageAttributes?: Record<string, { StringValue: string }> }[];
      };
      return got.Messages ?? [];
    },
  };
}

describe('PutEvents', () => {
  test('reaches the rules that match, as an event', async () => {
    const [books, all, other] = [await queue('books'), await queue('all'), await queue('other')];
    await rule('books', { EventPattern: { source: ['shop'], detail: { kind: ['book'] } }, Targets: [{ Id: '1', Arn: books.Arn }] });
    await rule('all', { EventPattern: { source: [{ prefix: '' }] }, Targets: [{ Id: '1', Arn: all.Arn }] });
    await rule('other', { EventPattern: { source: ['bank'] }, Targets: [{ Id: '1', Arn: other.Arn }] });
    await rule('off', { State: 'DISABLED', EventPattern: { source: ['shop'] }, Targets: [{ Id: '1', Arn: other.Arn }] });
    const got = await put(entry({ Resources: ['arn:x'] }));
    expect(got).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) }] });
    const [message] = await books.messages();
    expect(JSON.parse(message.Body)).toEqual({
      version: '0',
      id: got.Entries?.[0].EventId,
      'detail-type': 'Order',
      source: 'shop',
      account: '123456789012',
      time: '2026-01-05T09:00:00Z',
      region: 'us-east-1',
      resources: ['arn:x'],
      detail: { id: 1, kind: 'book' },
    });
    expect((await all.messages()).length).toBe(1);
    expect(await other.messages()).toEqual([]);
  });

  test('refuses an entry and takes the others', async () => {
    const got = await put(
      entry(),
      entry({ Detail: '{' }),
      entry({ Detail: '[]' }),
      entry({ Source: undefined }),
      entry({ Source: 'aws.s3' }),
    );
    expect(got.FailedEntryCount).toBe(4);
    expect(got.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
    ]);
  });

  test('refuses more than ten entries or 256 KB', async () => {
    expect((await refusal(put(...Array.from({ length: 11 }, () => entry())))).name).toBe('ValidationException');
    const size = (characters: number) => put(entry({ Detail: JSON.stringify({ x: 'x'.repeat(characters) }) }));
    await size(262_144 - 'shopOrder{"x":""}'.length);
    expect((await refusal(size(262_145 - 'shopOrder{"x":""}'.length))).name).toBe('ValidationException');
  });

  test('needs events:PutEvents on the bus', async () => {
    const bus = await world.create('AWS::Events::EventBus', 'Bus', { Name: 'orders' });
    const target = await queue('q');
    await rule('r', { EventBusName: 'orders', EventPattern: { source: ['shop'] }, Targets: [{ Id: '1', Arn: target.Arn }] });
    const role = await world.role('Writer', { Effect: 'Allow', Action: 'events:PutEvents', Resource: bus.attributes?.Arn as string });
    const client = new EventBridgeClient(world.client(role));
    await client.send(
      new PutEventsCommand({ Entries: [entry({ EventBusName: 'orders' }), entry({ EventBusName: bus.attributes?.Arn as string })] }),
    );
    expect((await target.messages()).length).toBe(2);
    expect((await refusal(client.send(new PutEventsCommand({ Entries: [entry()] })))).message).toContain(
      'events:PutEvents on resource: arn:aws:events:us-east-1:123456789012:event-bus/default',
    );
  });
});

describe('targets', () => {
  const pattern = { EventPattern: { source: ['shop'] } };

  test('a state machine is started with the role of the target', async () => {
    const RoleArn = await world.role('Rule', { Effect: 'Allow', Action: 'states:StartExecution', Resource: MACHINE });
    await rule('r', { ...pattern, Targets: [{ Id: '1', Arn: MACHINE, RoleArn, InputPath: '$.detail' }] });
    await put(entry());
    await world.clock.settle();
    expect(started).toEqual([
      { input: { stateMachineArn: MACHINE, input: '{"id":1,"kind":"book"}' }, caller: { kind: 'role', arn: RoleArn } },
    ]);
  });

  test('a function is invoked if its policy allows the rule', async () => {
    await world.create('AWS::Lambda::Function', 'F', functionProperties('f', 'arn:aws:iam::123456789012:role/FnRole'));
    runtime.handlers.set('f', () => null);
    const Arn = 'arn:aws:lambda:us-east-1:123456789012:function:f';
    const { attributes } = await rule('r', { ...pattern, Targets: [{ Id: '1', Arn, Input: '{"fixed":true}' }] });
    await put(entry());
    await world.clock.settle();
    expect(runtime.invocations).toEqual([]);
    const permission = {
      FunctionName: 'f',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: attributes?.Arn,
    };
    await world.create('AWS::Lambda::Permission', 'P', permission);
    await put(entry());
    await world.clock.settle();
    expect(runtime.invocations).toEqual([{ name: 'f', event: { fixed: true } }]);
  });

  test('a topic gets the text that a template makes', async () => {
    const { ref } = await world.create('AWS::SNS::Topic', 'T', { TopicName: 't', Subscription: [{ Protocol: 'email', Endpoint: 'a' }] });
    const statement = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: ref };
    await world.create('AWS::SNS::TopicPolicy', 'TP', { Topics: [ref], PolicyDocument: { Statement: [statement] } });
    const InputTransformer = { InputPathsMap: { kind: '$.detail.kind' }, InputTemplate: '"A <kind> was ordered."' };
    await rule('r', { ...pattern, Targets: [{ Id: '1', Arn: ref, InputTransformer }] });
    await put(entry());
    await world.clock.settle();
    expect(sns.outbox.map(({ body }) => body)).toEqual(['"A book was ordered."']);
  });

  test('another bus gets the event with its own source', async () => {
    const bus = await world.create('AWS::Events::EventBus', 'Bus', { Name: 'second' });
    const target = await queue('q');
    const RoleArn = await world.role('Rule', { Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' });
    await rule('r', { ...pattern, Targets: [{ Id: '1', Arn: bus.attributes?.Arn, RoleArn }] });
    await rule('s', { ...pattern, EventBusName: 'second', Targets: [{ Id: '1', Arn: target.Arn }] });
    await put(entry());
    expect(JSON.parse((await target.messages())[0].Body)).toMatchObject({ source: 'shop', 'detail-type': 'Order', detail: { id: 1 } });
  });

  test('what is not allowed goes to the dead-letter queue at once', async () => {
    const [dead, RoleArn] = [await queue('dead'), await world.role('Rule')];
    const { attributes } = await rule('r', {
      ...pattern,
      Targets: [{ Id: '1', Arn: MACHINE, RoleArn, DeadLetterConfig: { Arn: dead.Arn } }],
    });
    await put(entry());
    const [message] = await dead.messages();
    expect(JSON.parse(message.Body)).toMatchObject({ source: 'shop' });
    expect(
      Object.fromEntries(Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue])),
    ).toMatchObject({
      RULE_ARN: attributes?.Arn,
      TARGET_ARN: MACHINE,
      ERROR_CODE: 'AccessDeniedException',
      RETRY_ATTEMPTS: '0',
    });
  });

  test('throttling is tried again, as often as allowed', async () => {
    const throttled = () => new ApiError('ThrottlingException', 'Rate exceeded');
    const [dead, RoleArn] = [await queue('dead'), await world.role('Rule', { Effect: 'Allow', Action: '*', Resource: '*' })];
    const target = { Id: '1', Arn: MACHINE, RoleArn, DeadLetterConfig: { Arn: dead.Arn }, RetryPolicy: { MaximumRetryAttempts: 2 } };
    await rule('r', { ...pattern, Targets: [target] });
    failures = [throttled(), throttled()];
    await put(entry());
    await world.clock.advance(60_000);
    expect(started).toHaveLength(1);
    failures = [throttled(), throttled(), throttled()];
    await put(entry());
    await world.clock.advance(60_000);
    expect(started).toHaveLength(1);
    expect((await dead.messages())[0].MessageAttributes).toMatchObject({
      RETRY_ATTEMPTS: { StringValue: '2' },
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
    });
  });

  test("an AWS service's event goes to the default bus", async () => {
    const target = await queue('q');
    await rule('r', { EventPattern: { source: ['aws.states'], detail: { status: ['FAILED'] } }, Targets: [{ Id: '1', Arn: target.Arn }] });
    for (const status of ['RUNNING', 'FAILED']) {
      world.emit({ source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', resources: ['e'], detail: { status } });
    }
    expect((await target.messages()).map(({ Body }) => JSON.parse(Body).detail)).toEqual([{ status: 'FAILED' }]);
  });
});

describe('input transformers', () => {
  const event: Json = { id: 'e', source: 's', detail: { name: 'A "B"\n', n: 5, o: { x: [1] } } };
  const make = (
    InputTemplate: string,
    InputPathsMap: Record<string, string> = { name: '$.detail.name', n: '$.detail.n', o: '$.detail.o', none: '$.detail.none' },
  ) =>
    inputFor({ InputTransformer: { InputPathsMap, InputTemplate } }, event, {
      ruleArn: 'arn:rule',
      ruleName: 'rule',
      ingestedAt: '2026-01-05T09:00:00Z',
    });

  test.each([
    ['values by themselves are JSON', '{"name": <name>, "n": <n>, "o": <o>}', '{"name": "A \\"B\\"\\n", "n": 5, "o": {"x":[1]}}'],
    ['in quotes they are text', '"<name> has <n> of <o>"', '"A \\"B\\"\\n has 5 of {\\"x\\":[1]}"'],
    ['a quoted quote does not end the quotes', '"\\"<n>\\""', '"\\"5\\""'],
    ['nothing in quotes where there is none', '"<none>!"', '"!"'],
    [
      'the rule and the event',
      '{"r": <aws.events.rule-name>, "e": <aws.events.event>, "at": "<aws.events.event.ingestion-time>"}',
      '{"r": "rule", "e": {"id":"e","source":"s"}, "at": "2026-01-05T09:00:00Z"}',
    ],
    ['what is no variable stays', '"a <b> c"', '"a <b> c"'],
  ])('%s', (_name, template, expected) => {
    expect(make(template)).toBe(expected);
  });

  test('a path that is not known is named', () => {
    expect(() => make('<x>', { x: '$.detail[?(@.a)]' })).toThrow('the EventBridge input path $.detail[?(@.a)]');
  });
});

describe('schedules', () => {
  const times = (expression: string, from: string, count: number) => {
    const next = parseSchedule(expression);
    const found: string[] = [];
    for (let at: number | undefined = Date.parse(from); found.length < count; ) {
      at = next(at as number);
      if (at === undefined) break;
      found.push(new Date(at).toISOString().slice(0, 16));
    }
    return found;
  };

  // 2026-01-01 is a Thursday.
  test.each([
    ['rate(5 minutes)', '2026-01-01T00:00Z', ['2026-01-01T00:05', '2026-01-01T00:10']],
    ['rate(1 day)', '2026-01-01T12:00Z', ['2026-01-02T12:00']],
    ['cron(0 10 * * ? *)', '2026-01-01T10:00Z', ['2026-01-02T10:00', '2026-01-03T10:00']],
    ['cron(15 12 * * ? *)', '2026-01-01T12:14Z', ['2026-01-01T12:15']],
    ['cron(0/15 8-9 ? * MON-FRI *)', '2026-01-02T09:31Z', ['2026-01-02T09:45', '2026-01-05T08:00']],
    ['cron(0 8 1 * ? *)', '2026-01-01T08:00Z', ['2026-02-01T08:00']],
    ['cron(0 0 L * ? *)', '2026-02-01T00:00Z', ['2026-02-28T00:00', '2026-03-31T00:00']],
    ['cron(0 0 1W * ? *)', '2026-01-15T00:00Z', ['2026-02-02T00:00', '2026-03-02T00:00']],
    ['cron(0 0 15W * ? *)', '2026-01-31T00:00Z', ['2026-02-16T00:00', '2026-03-16T00:00']],
    ['cron(0 0 31W * ? *)', '2026-01-01T00:00Z', ['2026-01-30T00:00', '2026-03-31T00:00']],
    ['cron(0 9 ? * 2#1 *)', '2026-01-01T00:00Z', ['2026-01-05T09:00', '2026-02-02T09:00']],
    ['cron(0 9 ? * FRIL *)', '2026-01-01T00:00Z', ['2026-01-30T09:00', '2026-02-27T09:00']],
    ['cron(0 9 ? * L *)', '2026-01-01T00:00Z', ['2026-01-03T09:00']],
    ['cron(0 0 29 FEB ? *)', '2026-01-01T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['cron(0 0 1 JAN,JUL ? 2026-2027)', '2026-01-01T00:00Z', ['2026-07-01T00:00', '2027-01-01T00:00', '2027-07-01T00:00']],
    ['cron(0 0 1 1 ? 2020)', '2026-01-01T00:00Z', []],
  ])('%s', (expression, from, expected) => {
    expect(times(expression, from, Math.max(expected.length, 1)).slice(0, expected.length || 1)).toEqual(expected);
  });

  test.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 days)',
    'cron(0 10 * * * *)',
    'cron(0 10 ? * ? *)',
    'cron(60 * * * ? *)',
    'cron(* * * * ?)',
    'daily',
  ])('%s is refused', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(`Parameter ScheduleExpression is not valid: ${expression}`);
  });

  test('a rule fires on virtual time, until the cloud is disposed of', async () => {
    const target = await queue('q');
    const { attributes } = await rule('r', { ScheduleExpression: 'rate(1 hour)', Targets: [{ Id: '1', Arn: target.Arn }] });
    await world.clock.advance(3 * 3_600_000 - 1);
    const messages = await target.messages();
    expect(messages.map(({ Body }) => JSON.parse(Body).time)).toEqual(['2026-01-05T10:00:00Z', '2026-01-05T11:00:00Z']);
    expect(JSON.parse(messages[0].Body)).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [attributes?.Arn],
      detail: {},
    });
    events.dispose();
    await world.clock.advance(3_600_000);
    expect(world.callsOf('sqs', 'SendMessage')).toHaveLength(2);
  });
});
