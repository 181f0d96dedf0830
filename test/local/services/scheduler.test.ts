import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import {
  App,
  Duration,
  aws_dynamodb as dynamodb,
  Stack,
  aws_scheduler as scheduler,
  aws_sqs as sqs,
  TimeZone,
  aws_scheduler_targets as targets,
} from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';
import { ApiError, type PolicyStatement } from '../../../local/cloud-types';
import { createEvents, type EventsService } from '../../../local/services/events';
import { createLambda } from '../../../local/services/lambda';
import { createScheduler, type SchedulerService } from '../../../local/services/scheduler';
import { occurrences } from '../../../local/services/scheduler/expression';
import { createSns, type SnsService } from '../../../local/services/sns';
import { createSqs } from '../../../local/services/sqs';
import { standInFunction } from './stand-in';
import { functionProperties, refusal, TestRuntime, World } from './world';

let world: World;
let service: SchedulerService;
let events: EventsService;
let sns: SnsService;
let runtime: TestRuntime;
let started: unknown[];
/** Whether StartExecution is. */
let throttle: boolean;
let client: SchedulerClient;
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:M';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:q';
const HOUR = 3_600_000;

beforeEach(async () => {
  runtime = new TestRuntime();
  started = [];
  throttle = false;
  world = await World.start((cloud) => {
    events = createEvents(cloud);
    sns = createSns(cloud, () => undefined);
    service = createScheduler(cloud, cloud.access);
    const sfn = {
      name: 'sfn',
      operations: {
        StartExecution: {
          access: (input: { stateMachineArn: string }) => [{ action: 'states:StartExecution', resource: input.stateMachineArn }],
          run(input: object, caller: unknown) {
            started.push({ ...input, caller });
            if (throttle) throw new ApiError('ThrottlingException', 'slow down');
          },
        },
      },
    };
    return [service, events, sns, sfn, createLambda(cloud, runtime), createSqs(cloud, cloud.gateway.url, () => undefined)];
  });
  client = new SchedulerClient(world.client());
});
afterEach(async () => {
  service.dispose();
  events.dispose();
  await world.gateway.close();
});

/** A role that Scheduler may assume. */
async function role(name: string, ...statements: PolicyStatement[]): Promise<string> {
  const { attributes } = await world.create('AWS::IAM::Role', name, {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: {
            'aws:SourceAccount': '123456789012',
            'aws:SourceArn': 'arn:aws:scheduler:us-east-1:123456789012:schedule-group/default',
          },
        },
      },
    },
    Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  });
  return attributes?.Arn as string;
}
const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource }) as const;
const toQueue = () => role('ToQueue', allow('sqs:SendMessage', QUEUE));
const create = (Name: string, ScheduleExpression: string, Target: { Arn: string; RoleArn: string }, more = {}) =>
  client.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target,
      ...more,
    } as CreateScheduleCommandInput),
  );
const queue = (name = 'q') => world.create('AWS::SQS::Queue', name, { QueueName: name });
/** When the queue was sent something. */
const sentAt = () => world.callsOf('sqs', 'SendMessage').map(({ at }) => new Date(at).toISOString().replace('.000Z', ''));

describe('time', () => {
  const at = (expression: string, timeZone: string, from: string, count: number, more = {}) => {
    const next = occurrences({ expression, timeZone, createdAt: Date.parse(from), ...more });
    const found: string[] = [];
    for (let when = next(Date.parse(from)); when !== undefined && found.length < count; when = next(when)) {
      found.push(new Date(when).toISOString().slice(0, 16));
    }
    return found;
  };

  test.each([
    // Berlin: the clocks skip 02:00–03:00 on 29 March 2026, and repeat it on 25 October.
    ['cron(30 8 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00Z', ['2026-03-28T07:30', '2026-03-29T06:30', '2026-03-30T06:30']],
    ['cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00Z', ['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30']],
    ['cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30']],
    ['cron(0 9 ? * MON *)', 'America/New_York', '2026-01-05T00:00Z', ['2026-01-05T14:00', '2026-01-12T14:00', '2026-01-19T14:00']],
    ['cron(0 0 1 * ? *)', 'Pacific/Kiritimati', '2026-01-05T00:00Z', ['2026-01-31T10:00', '2026-02-28T10:00', '2026-03-31T10:00']],
    // A day of a rate has 24 hours.
    ['rate(1 day)', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-28T12:01', '2026-03-29T12:01', '2026-03-30T12:01']],
    ['rate(90 minutes)', 'UTC', '2026-01-05T09:00Z', ['2026-01-05T09:01', '2026-01-05T10:31', '2026-01-05T12:01']],
  ])('%s in %s', (expression, timeZone, from, expected) => {
    expect(at(expression, timeZone, from, 3)).toEqual(expected);
  });

  test('one time, in its zone', () => {
    expect(at('at(2026-07-01T09:00:00)', 'Europe/Berlin', '2026-01-05T09:00Z', 3)).toEqual(['2026-07-01T07:00']);
    expect(at('at(2025-07-01T09:00:00)', 'UTC', '2026-01-05T09:00Z', 3)).toEqual([]);
  });

  test('from its start to its end', () => {
    const [start, end] = [Date.parse('2026-02-01T00:10Z'), Date.parse('2026-02-01T02:10Z')];
    expect(at('rate(1 hour)', 'UTC', '2026-01-05T09:00Z', 9, { start, end })).toEqual([
      '2026-02-01T00:10',
      '2026-02-01T01:10',
      '2026-02-01T02:10',
    ]);
    expect(at('cron(0 * * * ? *)', 'UTC', '2026-01-05T09:00Z', 9, { start, end })).toEqual(['2026-02-01T01:00', '2026-02-01T02:00']);
  });

  test.each(['cron(0 9 * * * *)', 'rate(1 days)', 'at(2026-13-01T00:00:00)', 'at(tomorrow)', 'every day'])(
    '%s is refused',
    async (expression) => {
      const Target = { Arn: QUEUE, RoleArn: await toQueue() };
      expect(await refusal(create('s', expression, Target))).toMatchObject({
        name: 'ValidationException',
        message: `Invalid Schedule Expression ${expression}.`,
      });
    },
  );

  test('so is a time zone that nobody has, and an hour that the clocks skip', async () => {
    const Target = { Arn: QUEUE, RoleArn: await toQueue() };
    const inZone = (expression: string, zone: string) => refusal(create('s', expression, Target, { ScheduleExpressionTimezone: zone }));
    expect((await inZone('rate(1 hour)', 'Europe/Atlantis')).message).toMatch('Europe/Atlantis');
    expect((await inZone('at(2026-03-29T02:30:00)', 'Europe/Berlin')).message).toMatch('the clocks of Europe/Berlin skip');
  });
});

describe('schedules', () => {
  test('run until they are deleted', async () => {
    await queue();
    await create('s', 'rate(1 hour)', { Arn: QUEUE, RoleArn: await toQueue() });
    await world.clock.advance(2 * HOUR + 60_000);
    expect(sentAt()).toEqual(['2026-01-05T09:01:00', '2026-01-05T10:01:00', '2026-01-05T11:01:00']);
    await client.send(new DeleteScheduleCommand({ Name: 's' }));
    await world.clock.advance(24 * HOUR);
    expect(sentAt()).toHaveLength(3);
    expect((await refusal(client.send(new DeleteScheduleCommand({ Name: 's' })))).name).toBe('ResourceNotFoundException');
  });

  test('are described; updating replaces them whole', async () => {
    await queue();
    const Target = { Arn: QUEUE, RoleArn: await toQueue(), Input: 'hi' };
    const { ScheduleArn } = await create('s', 'rate(1 hour)', Target, { Description: 'hourly', State: 'DISABLED' });
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:123456789012:schedule/default/s');
    expect(await client.send(new GetScheduleCommand({ Name: 's' }))).toMatchObject({
      Arn: ScheduleArn,
      GroupName: 'default',
      State: 'DISABLED',
      Description: 'hourly',
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'NONE',
      CreationDate: new Date(world.clock.now()),
      Target,
    });
    await world.clock.advance(3 * HOUR);
    expect(sentAt()).toEqual([]);
    const FlexibleTimeWindow = { Mode: 'OFF' } as const;
    await client.send(new UpdateScheduleCommand({ Name: 's', ScheduleExpression: 'at(2026-01-05T15:00:00)', FlexibleTimeWindow, Target }));
    const updated = await client.send(new GetScheduleCommand({ Name: 's' }));
    expect(updated).toMatchObject({ State: 'ENABLED', CreationDate: new Date(world.clock.now() - 3 * HOUR) });
    expect(updated.Description).toBeUndefined();
    await world.clock.advance(24 * HOUR);
    expect(sentAt()).toEqual(['2026-01-05T15:00:00']);
    expect((await refusal(create('s', 'rate(1 hour)', Target))).name).toBe('ConflictException');
  });

  test('of which one-time ones may go when they are done', async () => {
    await queue();
    const Target = { Arn: QUEUE, RoleArn: await toQueue() };
    await create('gone', 'at(2026-01-05T10:00:00)', Target, { ActionAfterCompletion: 'DELETE' });
    await create('kept', 'at(2026-01-05T10:00:00)', Target);
    await world.clock.advance(2 * HOUR);
    const { Schedules } = await client.send(new ListSchedulesCommand({}));
    expect(Schedules?.map(({ Name }) => Name)).toEqual(['kept']);
    expect(sentAt()).toHaveLength(2);
  });

  test('a flexible window moves them, but not far, nor the next one', async () => {
    await queue();
    const FlexibleTimeWindow = { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 30 };
    await create('s', 'cron(0 * * * ? *)', { Arn: QUEUE, RoleArn: await toQueue() }, { FlexibleTimeWindow });
    await world.clock.advance(4 * HOUR);
    const minutes = world.callsOf('sqs', 'SendMessage').map(({ at }) => ((at - world.clock.now()) % HOUR) / 60_000 + 60);
    expect(minutes.length).toBeGreaterThanOrEqual(3);
    expect(minutes.every((minute) => minute % 60 >= 0 && minute % 60 < 30)).toBe(true);
    expect(new Set(minutes).size).toBeGreaterThan(1);
  });

  test('groups hold schedules, and take them with them', async () => {
    await client.send(new CreateScheduleGroupCommand({ Name: 'jobs' }));
    const { attributes } = await world.create('AWS::IAM::Role', 'R', {
      AssumeRolePolicyDocument: {
        Statement: { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' },
      },
    });
    const Target = { Arn: QUEUE, RoleArn: attributes?.Arn as string };
    await create('s', 'rate(1 hour)', Target, { GroupName: 'jobs' });
    expect((await refusal(client.send(new GetScheduleCommand({ Name: 's' })))).name).toBe('ResourceNotFoundException');
    expect(await client.send(new GetScheduleCommand({ Name: 's', GroupName: 'jobs' }))).toMatchObject({ GroupName: 'jobs' });
    await client.send(new DeleteScheduleGroupCommand({ Name: 'jobs' }));
    expect((await client.send(new ListScheduleGroupsCommand({}))).ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default']);
    await world.clock.advance(24 * HOUR);
    expect(sentAt()).toEqual([]);
    // The trust policy names the default group.
    await client.send(new CreateScheduleGroupCommand({ Name: 'other' }));
    const own = { Arn: QUEUE, RoleArn: await toQueue() };
    expect((await refusal(create('s', 'rate(1 hour)', own, { GroupName: 'other' }))).message).toBe(
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    );
  });

  test('whoever makes one passes its role', async () => {
    const RoleArn = await toQueue();
    const target = { Arn: QUEUE, RoleArn };
    const arn = 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/s';
    const input = { Name: 's', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' as const }, Target: target };
    const maker = await world.role('maker', allow('scheduler:CreateSchedule', arn));
    const denied = await refusal(new SchedulerClient(world.client(maker)).send(new CreateScheduleCommand(input)));
    expect(denied.message).toMatch(`iam:PassRole on resource: ${RoleArn}`);
    const passer = await world.role('passer', allow('scheduler:CreateSchedule', arn), {
      ...allow('iam:PassRole', RoleArn),
      Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    });
    await new SchedulerClient(world.client(passer)).send(new CreateScheduleCommand(input));
  });
});

describe('targets', () => {
  const soon = 'at(2026-01-05T10:00:00)';
  const later = () => world.clock.advance(2 * HOUR);

  test('a state machine, a function, a topic and a bus get the input', async () => {
    await world.create('AWS::Lambda::Function', 'F', functionProperties('f', 'arn:aws:iam::123456789012:role/F'));
    runtime.handlers.set('f', () => 'done');
    const topic = await world.create('AWS::SNS::Topic', 'T', {
      TopicName: 't',
      Subscription: [{ Protocol: 'email', Endpoint: 'a@example.com' }],
    });
    const F = 'arn:aws:lambda:us-east-1:123456789012:function:f';
    const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/default';
    await create('m', soon, { Arn: MACHINE, RoleArn: await role('M', allow('states:StartExecution', MACHINE)), Input: '{"a":1}' } as never);
    await create('f', soon, {
      Arn: F,
      RoleArn: await role('F2', allow('lambda:InvokeFunction', F)),
      Input: '{"b":"<aws.scheduler.scheduled-time>"}',
    } as never);
    await create('t', soon, { Arn: topic.ref, RoleArn: await role('T2', allow('sns:Publish', topic.ref)), Input: 'hello' } as never);
    await create('b', soon, {
      Arn: BUS,
      RoleArn: await role('B', allow('events:PutEvents', BUS)),
      EventBridgeParameters: { DetailType: 'Tick', Source: 'clock' },
      Input: '{"c":3}',
    } as never);
    await later();
    expect(started).toMatchObject([{ stateMachineArn: MACHINE, input: '{"a":1}' }]);
    expect(runtime.invocations).toEqual([{ name: 'f', event: { b: '2026-01-05T10:00:00Z' } }]);
    expect(sns.outbox).toMatchObject([{ to: 'a@example.com' }]);
    expect(world.callsOf('eventbridge', 'PutEvents')[0].input.Entries).toEqual([
      { EventBusName: BUS, DetailType: 'Tick', Source: 'clock', Detail: '{"c":3}' },
    ]);
  });

  test('any operation of any service', async () => {
    await queue();
    const Input = JSON.stringify({ QueueUrl: `${world.gateway.url}/123456789012/q`, MessageBody: 'number <aws.scheduler.attempt-number>' });
    await create('s', soon, { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage', RoleArn: await toQueue(), Input } as never);
    await later();
    expect(world.callsOf('sqs', 'SendMessage')[0].input.MessageBody).toBe('number 1');
    const reads = { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:receiveMessage', RoleArn: await toQueue(), Input };
    expect((await refusal(create('r', soon, reads as never))).message).toMatch('only reads');
  });

  test('what the role may not do goes to the dead-letter queue at once, what is throttled after its retries', async () => {
    await queue('dead');
    const DEAD = 'arn:aws:sqs:us-east-1:123456789012:dead';
    const DeadLetterConfig = { Arn: DEAD };
    const may = [allow('sqs:SendMessage', DEAD)];
    await create('denied', soon, { Arn: MACHINE, RoleArn: await role('A', ...may), Input: '{}', DeadLetterConfig } as never);
    await world.create('AWS::Lambda::Function', 'F', functionProperties('f', 'arn:aws:iam::123456789012:role/F'));
    throttle = true;
    const RetryPolicy = { MaximumRetryAttempts: 3 };
    const RoleArn = await role('B', ...may, allow('states:StartExecution', MACHINE));
    await create('throttled', soon, { Arn: MACHINE, RoleArn, Input: '{"x":1}', DeadLetterConfig, RetryPolicy } as never);
    await later();
    expect(started).toHaveLength(4);
    const [denied, exhausted] = world.callsOf('sqs', 'SendMessage').map(({ input }) => input);
    const values = (input: { MessageAttributes: Record<string, { StringValue: string }> }) =>
      Object.fromEntries(Object.entries(input.MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]));
    expect(values(denied)).toMatchObject({
      ERROR_CODE: 'AccessDeniedException',
      RETRY_ATTEMPTS: '0',
      SCHEDULED_TIME: '2026-01-05T10:00:00Z',
    });
    expect(exhausted.MessageBody).toBe('{"x":1}');
    expect(values(exhausted)).toEqual({
      ERROR_CODE: 'ThrottlingException',
      ERROR_MESSAGE: 'slow down',
      EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/),
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: '3',
      SCHEDULE_ARN: 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/throttled',
      SCHEDULED_TIME: '2026-01-05T10:00:00Z',
      TARGET_ARN: MACHINE,
    });
  });
});

test('schedules of the CDK run with the roles that it makes', async () => {
  const stack = new Stack(new App(), 'S');
  const fn = standInFunction(stack, 'Worker');
  const jobs = new sqs.Queue(stack, 'Jobs');
  const table = new dynamodb.TableV2(stack, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
  const group = new scheduler.ScheduleGroup(stack, 'Group');
  new scheduler.Schedule(stack, 'Daily', {
    schedule: scheduler.ScheduleExpression.cron({ hour: '8', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
    target: new targets.LambdaInvoke(fn, {
      input: scheduler.ScheduleTargetInput.fromObject({ at: scheduler.ContextAttribute.scheduledTime }),
    }),
    scheduleGroup: group,
  });
  new scheduler.Schedule(stack, 'Hourly', {
    schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)),
    start: new Date('2026-01-05T10:00:00Z'),
    end: new Date('2026-01-05T12:00:00Z'),
    target: new targets.SqsSendMessage(jobs, { input: scheduler.ScheduleTargetInput.fromText('tick') }),
  });
  new scheduler.Schedule(stack, 'Put', {
    schedule: scheduler.ScheduleExpression.at(new Date('2026-01-05T10:30:00Z')),
    target: new targets.Universal({
      service: 'dynamodb',
      action: 'putItem',
      input: scheduler.ScheduleTargetInput.fromObject({ TableName: table.tableName, Item: { id: { S: 'a' } } }),
      policyStatements: [],
    }),
  });
  const cloud = await LocalCloud.fromStack(stack);
  try {
    cloud.function('Worker').replaceWith(() => 'ok');
    await cloud.clock.advance(24 * HOUR);
    expect(cloud.function('Worker').invocations.map(({ payload }) => payload)).toEqual([{ at: '2026-01-06T07:00:00Z' }]);
    expect(
      cloud
        .queue('Jobs')
        .messages()
        .map(({ body }) => body),
    ).toEqual(['tick', 'tick', 'tick']);
    expect(cloud.table('Table').items()).toEqual([{ id: 'a' }]);
    expect(cloud.access.denied).toEqual([]);
  } finally {
    await cloud.dispose();
  }
});
