import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  aws_cloudwatch_actions as actions,
  Duration,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  TimeZone,
} from 'aws-cdk-lib';
import { ObservedStateMachine, Trigger, TriggerSource } from '../../../../lib';
import { type Json, LocalCloud, type LocalRun, loadAssembly } from '../../../../local';
import '../../../../local/jest';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

const outdir = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));
const app = new App({ outdir });
const stack = new Stack(app, 'Test');
const machine = (id: string) =>
  new ObservedStateMachine(stack, id, {
    definition: sfn.Wait.jsonata(stack, `${id}Wait`, { time: sfn.WaitTime.duration(Duration.minutes(1)) }),
    stateMachineType: sfn.StateMachineType.STANDARD,
  }).stateMachine;
const bucket = new s3.Bucket(stack, 'Uploads', { enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY });
const topic = new sns.Topic(stack, 'Topic');
new Trigger(stack, 'OnUpload', {
  stateMachine: machine('Import'),
  source: TriggerSource.objectCreated(bucket, { prefix: 'in/', suffix: '.csv' }),
});
new Trigger(stack, 'OnContent', {
  stateMachine: machine('Contents'),
  source: TriggerSource.objectCreated(bucket, { prefix: 'content/' }),
  businessKey: ['$.detail.object.key', '$.detail.object.etag'],
});
new Trigger(stack, 'OnOrder', {
  stateMachine: machine('Order'),
  source: TriggerSource.eventPattern({ source: ['shop'], detailType: ['Ordered'] }),
  businessKey: ['$.detail.customer', '$.detail.orderId'],
  input: { order: '$.detail.orderId', total: '$.detail.total', lines: '$.detail.lines', channel: 'web' },
  maxAge: Duration.hours(1),
  alarms: { action: new actions.SnsAction(topic), deadLetterThreshold: 1, oldestEventThreshold: Duration.minutes(10) },
});
new Trigger(stack, 'Whole', {
  stateMachine: machine('WholeEvent'),
  source: TriggerSource.eventPattern({ source: ['whole'] }),
  businessKey: ['$.id'],
});
new Trigger(stack, 'Nightly', {
  stateMachine: machine('Report'),
  source: TriggerSource.schedule(scheduler.ScheduleExpression.cron({ hour: '2', minute: '0', timeZone: TimeZone.EUROPE_BERLIN })),
});
app.synth();
const assembly = loadAssembly(outdir);

let cloud: LocalCloud;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(await assembly, { warm });
});
afterEach(() => cloud.dispose());

const order = (detail: Record<string, Json> = {}): Promise<void> =>
  cloud.eventBus().put({ source: 'shop', detailType: 'Ordered', detail: { customer: 'c', orderId: 'o-1', total: 5, ...detail } });
const runs = (id: string): readonly LocalRun[] => cloud.stateMachine(`Test/${id}`).runs;
const deadLetters = () => cloud.queue('Test/OnOrder/DeadLetters').messages();
/** Until nothing is in the queue any more. */
const drained = () => cloud.clock.runUntil(() => cloud.queue('Test/OnOrder/Queue').messages().length === 0, 'the empty queue');
const soon = () => cloud.clock.advance(Duration.seconds(30));

describe('an event', () => {
  test('starts a run with the input that is mapped, under a name made of its key', async () => {
    await order({ lines: [{ sku: 1 }] });
    await soon();
    const [run] = runs('Order');
    expect(run.input).toEqual({ order: 'o-1', total: 5, lines: [{ sku: 1 }], channel: 'web' });
    expect(run.name).toMatch(/^OnOrder-[0-9a-f]{40}$/);
    expect(cloud).toHaveDeniedNothing();
  });

  test('is the input itself unless told otherwise', async () => {
    await cloud.eventBus().put({ source: 'whole', detailType: 'Any', detail: { a: 1 } });
    await soon();
    expect(runs('WholeEvent').map(({ input }) => input)).toMatchObject([{ source: 'whole', 'detail-type': 'Any', detail: { a: 1 } }]);
  });

  test('a field that it lacks is left out', async () => {
    await order();
    await soon();
    expect(runs('Order')[0].input).toEqual({ order: 'o-1', total: 5, channel: 'web' });
  });

  test('told twice, while the run goes on, after it, and with other data, starts nothing twice', async () => {
    await order();
    await order();
    await soon();
    await runs('Order')[0].finished();
    await order({ total: 6 });
    await cloud.clock.advance(Duration.days(60));
    await order();
    await soon();
    expect(runs('Order')).toHaveLength(1);
    expect(deadLetters()).toEqual([]);
  });

  test('whose key only reads the same when put together is another one', async () => {
    await order({ customer: 'ab', orderId: 'c' });
    await order({ customer: 'a', orderId: 'bc' });
    await order({ customer: 1, orderId: '1' });
    await order({ customer: '1', orderId: '1' });
    await soon();
    expect(new Set(runs('Order').map(({ name }) => name)).size).toBe(4);
  });

  test('delivered twice by the rule and by the queue starts nothing twice', async () => {
    cloud.deliverTwice('sqs:SendMessage');
    cloud.deliverTwice('lambda:Invoke', { times: 2 });
    await order();
    await soon();
    await drained();
    expect(runs('Order')).toHaveLength(1);
    expect(deadLetters()).toEqual([]);
  });

  test('of a burst: each starts one run', async () => {
    for (let n = 0; n < 25; n++) await order({ orderId: `o-${n % 20}` });
    await soon();
    await drained();
    expect(new Set(runs('Order').map(({ input }) => (input as { order: string }).order)).size).toBe(20);
    expect(runs('Order')).toHaveLength(20);
  });
});

describe('starting fails', () => {
  test.each([
    ['crashes after the run was started', { error: 'InternalFailure', statusCode: 500, afterEffect: true, times: 3 }],
    ['is throttled', { error: 'ThrottlingException', times: 7 }],
    ['finds too many runs', { error: 'ExecutionLimitExceeded', times: 4 }],
  ])('%s: the event comes again, and the run is one', async (_, fault) => {
    cloud.fail('sfn:StartExecution', fault);
    await order();
    await soon();
    await drained();
    expect(runs('Order')).toHaveLength(1);
    expect(deadLetters()).toEqual([]);
  });

  test('of one event of a batch: the others start once', async () => {
    cloud.fail('sfn:StartExecution', { error: 'AccessDeniedException', statusCode: 403 });
    cloud.deliverLate('sqs:SendMessage', 1000, { times: 3 });
    await Promise.all(['a', 'b', 'c'].map((orderId) => order({ orderId })));
    await soon();
    await drained();
    expect(runs('Order')).toHaveLength(3);
  });

  test('for good: the event ends in the dead-letter queue, and somebody is told', async () => {
    cloud.fail('sfn:StartExecution', { error: 'AccessDeniedException', statusCode: 403, times: 10 });
    await order();
    await cloud.clock.advance(Duration.hours(1));
    expect(runs('Order')).toEqual([]);
    expect(deadLetters().map(({ body }) => JSON.parse(body).detail.orderId)).toEqual(['o-1']);
    expect(cloud.topic('Test/Topic').messages().length).toBeGreaterThan(0);
  });
});

describe('what can start nothing goes to the dead-letter queue at once', () => {
  const reasons = () =>
    cloud.calls
      .filter(({ service, operation, input }) => service === 'sqs' && operation === 'SendMessage' && input.MessageAttributes?.reason)
      .map(({ input }) => input.MessageAttributes.reason.StringValue);

  test.each<[string, Record<string, Json>, string]>([
    ['no key', { orderId: null }, 'the business key has nothing at $.detail.orderId: a text, number or boolean is needed'],
    ['an empty key', { customer: '' }, 'the business key has nothing at $.detail.customer'],
    ['a key that is an object', { orderId: { a: 1 } }, 'the business key has nothing at $.detail.orderId'],
  ])('%s', async (_, detail, reason) => {
    await order(detail);
    await soon();
    expect(runs('Order')).toEqual([]);
    expect(deadLetters()).toHaveLength(1);
    expect(reasons()).toEqual([expect.stringContaining(reason)]);
  });

  test('an event that is too old', async () => {
    cloud.deliverLate('sqs:SendMessage', Duration.minutes(61));
    await order();
    await cloud.clock.advance(Duration.minutes(62));
    expect(runs('Order')).toEqual([]);
    expect(reasons()).toEqual(['the event is 3660 seconds old, more than 3600']);
  });

  test('what is no JSON; and it comes again if giving it up fails', async () => {
    cloud.fail('sqs:SendMessage', { error: 'ServiceUnavailable', statusCode: 503, times: 3, role: 'Test/OnOrder' });
    await cloud.queue('Test/OnOrder/Queue').send('<order/>');
    await soon();
    expect(deadLetters()).toEqual([]);
    await drained();
    expect(deadLetters()).toMatchObject([{ body: '<order/>' }]);
  });

  test('an input that is too large', async () => {
    await cloud.queue('Test/OnOrder/Queue').send({
      time: new Date(cloud.clock.now()).toISOString(),
      detail: { customer: 'c', orderId: 'o', lines: 'x'.repeat(262_145) },
    });
    await soon();
    expect(reasons()).toEqual([expect.stringMatching(/^(InvalidExecutionInput|ValidationException): /)]);
  });
});

describe('an object', () => {
  test('starts a run with what it is', async () => {
    await cloud.bucket('Test/Uploads').put('in/ä ö+%20.csv', 'a,b');
    await soon();
    expect(runs('Import').map(({ input }) => input)).toEqual([
      { bucket: cloud.bucket('Test/Uploads').name, key: 'in/ä ö+%20.csv', etag: expect.stringMatching(/^[0-9a-f]{32}$/), size: 3 },
    ]);
  });

  test('of another prefix or suffix starts nothing', async () => {
    for (const key of ['in/a.txt', 'out/a.csv', 'a.csv', 'in.csv']) await cloud.bucket('Test/Uploads').put(key, 'a');
    await soon();
    expect(runs('Import')).toEqual([]);
  });

  test('written again starts another run; the same content counts once where the key is the content', async () => {
    for (const prefix of ['in', 'content'])
      for (const body of ['1', '1', '2']) await cloud.bucket('Test/Uploads').put(`${prefix}/a.csv`, body);
    await soon();
    expect(runs('Import')).toHaveLength(3);
    expect(runs('Contents')).toHaveLength(2);
  });
});

describe('a schedule', () => {
  test('starts one run each time, also when it delivers twice', async () => {
    cloud.deliverTwice('sqs:SendMessage', { times: 2 });
    cloud.fail('sqs:SendMessage', { error: 'ServiceUnavailable', statusCode: 503 });
    await cloud.clock.advance(Duration.days(2));
    expect(runs('Report').map(({ input }) => input)).toEqual([
      { scheduledTime: '2026-01-06T01:00:00Z' },
      { scheduledTime: '2026-01-07T01:00:00Z' },
    ]);
    expect(cloud).toHaveDeniedNothing();
  });
});

test('no permission is never used', async () => {
  await order();
  await order({ orderId: null });
  await cloud.clock.advance(Duration.days(1));
  const own = cloud.access.unused().filter(({ role }) => /^Test\/OnOrder\/|SchedulerRole/.test(role));
  // EventBridge Scheduler gives up only after a day of failures.
  expect(own.filter(({ role, actions }) => !(role.includes('SchedulerRole') && actions.includes('sqs:SendMessage')))).toEqual([]);
});
