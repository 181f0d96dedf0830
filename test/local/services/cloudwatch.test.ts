import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricDatum,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  App,
  aws_cloudwatch_actions as actions,
  aws_cloudwatch as cloudwatch,
  Duration,
  Stack,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import { Check, ParallelChecks } from '../../../lib';
import { LocalCloud } from '../../../local';
import { type CloudWatchService, createCloudWatch } from '../../../local/services/cloudwatch';
import { stateOf } from '../../../local/services/cloudwatch/evaluate';
import { parseExpression } from '../../../local/services/cloudwatch/expression';
import { Metrics } from '../../../local/services/cloudwatch/metrics';
import { standInFunction } from './stand-in';
import { refusal, World } from './world';

const MINUTE = 60_000;

describe('metrics and alarms through the SDK', () => {
  let world: World;
  let service: CloudWatchService;
  let client: CloudWatchClient;
  beforeEach(async () => {
    world = await World.start((cloud) => {
      service = createCloudWatch(cloud, new Metrics(() => cloud.clock.now()));
      return [service];
    });
    client = new CloudWatchClient(world.client());
  });
  afterEach(async () => {
    service.dispose();
    await world.gateway.close();
  });

  const data = (...MetricData: Partial<MetricDatum>[]) =>
    client.send(
      new PutMetricDataCommand({ Namespace: 'Shop', MetricData: MetricData.map((datum) => ({ MetricName: 'Orders', ...datum })) }),
    );
  const statistics = async (more: object) =>
    (
      await client.send(
        new GetMetricStatisticsCommand({
          Namespace: 'Shop',
          MetricName: 'Orders',
          StartTime: new Date(world.clock.now() - 10 * MINUTE),
          EndTime: new Date(world.clock.now() + MINUTE),
          Period: 60,
          ...more,
        }),
      )
    ).Datapoints;
  const alarm = (more: Partial<PutMetricAlarmCommandInput> = {}) =>
    client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'a',
        Namespace: 'Shop',
        MetricName: 'Orders',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 3,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        ...more,
      }),
    );
  const described = async () => (await client.send(new DescribeAlarmsCommand({ AlarmNames: ['a'] }))).MetricAlarms?.[0];
  const state = async () => (await described())?.StateValue;

  test('statistics by period, dimension and unit', async () => {
    await data({ Value: 1 }, { Value: 2 }, { Values: [10, 20], Counts: [3, 1] });
    await data({ Value: 100, Dimensions: [{ Name: 'Kind', Value: 'book' }] }, { Value: 7, Unit: 'Seconds' });
    await world.clock.advance(MINUTE);
    await data({ Value: 5 });
    const Statistics = ['Sum' as const, 'Average' as const, 'Minimum' as const, 'Maximum' as const, 'SampleCount' as const];
    expect(await statistics({ Statistics, Unit: 'None' })).toEqual([
      { Timestamp: new Date(world.clock.now() - MINUTE), Sum: 53, Average: 53 / 6, Minimum: 1, Maximum: 20, SampleCount: 6 },
      { Timestamp: new Date(world.clock.now()), Sum: 5, Average: 5, Minimum: 5, Maximum: 5, SampleCount: 1 },
    ]);
    expect(await statistics({ Statistics: ['Sum'], Dimensions: [{ Name: 'Kind', Value: 'book' }] })).toMatchObject([{ Sum: 100 }]);
    expect(await statistics({ ExtendedStatistics: ['p50'], Unit: 'None' })).toMatchObject([
      { ExtendedStatistics: { p50: 10 } },
      { ExtendedStatistics: { p50: 5 } },
    ]);
  });

  test('a large request is compressed, and understood', async () => {
    await data(...Array.from({ length: 500 }, () => ({ Value: 1, Dimensions: [{ Name: 'Long', Value: 'x'.repeat(100) }] })));
    expect(await statistics({ Statistics: ['Sum'], Dimensions: [{ Name: 'Long', Value: 'x'.repeat(100) }] })).toMatchObject([{ Sum: 500 }]);
  });

  test('what is not allowed is refused', async () => {
    expect((await refusal(data({ Value: 1, Values: [1] }))).name).toMatch('InvalidParameterValue');
    const aws = new PutMetricDataCommand({ Namespace: 'AWS/States', MetricData: [{ MetricName: 'x', Value: 1 }] });
    expect((await refusal(client.send(aws))).name).toMatch('InvalidParameterValue');
    const own = {
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': 'Own' } },
    } as const;
    const limited = new CloudWatchClient(world.client(await world.role('limited', own)));
    const put = (Namespace: string) => limited.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'x', Value: 1 }] }));
    await put('Own');
    expect((await refusal(put('Shop'))).message).toMatch('cloudwatch:PutMetricData');
  });

  test('an alarm is evaluated each minute, and goes back when the data does', async () => {
    await alarm({ TreatMissingData: 'notBreaching' });
    expect(await described()).toMatchObject({ StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' });
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('OK');
    await data({ Value: 2 });
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('OK');
    await data({ Value: 1 }, { Value: 2 });
    await world.clock.advance(MINUTE);
    expect(await described()).toMatchObject({
      StateValue: 'ALARM',
      StateReason: 'Threshold Crossed: 1 datapoint [3.0 (05/01/26 09:02:00)] was greater than or equal to the threshold (3.0).',
      StateUpdatedTimestamp: new Date(world.clock.now()),
    });
    await world.clock.advance(10 * MINUTE);
    expect(await state()).toBe('OK');
    expect(world.events.map(({ detail }) => (detail as { state: { value: string } }).state.value)).toEqual(['OK', 'ALARM', 'OK']);
    expect(world.events[1]).toMatchObject({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:a'],
    });
    // It looks no more when there is nothing to be seen.
    await expect(world.clock.runUntil(() => false, 'the test')).rejects.toThrow('nothing will ever bring');
  });

  test('several periods, some of which must breach', async () => {
    await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    for (const Value of [5, 0, 0]) {
      await data({ Value });
      await world.clock.advance(MINUTE);
    }
    expect(await state()).toBe('OK');
    await data({ Value: 5 });
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('OK');
    await data({ Value: 5 });
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('ALARM');
  });

  test('metric math: a rate of errors', async () => {
    const stat = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    await alarm({
      Namespace: undefined,
      MetricName: undefined,
      Statistic: undefined,
      Period: undefined,
      Threshold: 10,
      Metrics: [stat('failed', 'Failed'), stat('all', 'Orders'), { Id: 'rate', Expression: '100 * failed / all', ReturnData: true }],
    });
    await data({ Value: 50 }, { Value: 4, MetricName: 'Failed' });
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('OK');
    await data({ Value: 50 }, { Value: 5, MetricName: 'Failed' });
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('ALARM');
  });

  test('a state that is set lasts until the next evaluation; a deleted alarm is gone', async () => {
    await alarm({ TreatMissingData: 'notBreaching' });
    await world.clock.advance(MINUTE);
    await client.send(new SetAlarmStateCommand({ AlarmName: 'a', StateValue: 'ALARM', StateReason: 'a drill' }));
    expect(await described()).toMatchObject({ StateValue: 'ALARM', StateReason: 'a drill' });
    const told = world.events.length;
    await client.send(new SetAlarmStateCommand({ AlarmName: 'a', StateValue: 'ALARM', StateReason: 'again' }));
    expect(world.events).toHaveLength(told); // no change, no actions
    await world.clock.advance(MINUTE);
    expect(await state()).toBe('OK');
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] }));
    expect(await described()).toBeUndefined();
    expect((await refusal(client.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] })))).name).toBe('ResourceNotFound');
  });

  test.each([
    ['composite alarms', 'AWS::CloudWatch::CompositeAlarm', { AlarmRule: 'ALARM(x)' }],
    ['anomaly detection', 'AWS::CloudWatch::Alarm', { ThresholdMetricId: 'ad1', ComparisonOperator: 'LessThanLowerThreshold' }],
    [
      'the metric math expression "SEARCH(1)"',
      'AWS::CloudWatch::Alarm',
      { ComparisonOperator: 'GreaterThanThreshold', Metrics: [{ Id: 'e', Expression: 'SEARCH(1)' }] },
    ],
  ])('%s: may be deployed, and is refused by name when asked for', async (what, type, properties) => {
    await world.create(type, 'a', { AlarmName: 'a', ...properties });
    expect((await refusal(described())).message).toMatch(what);
  });
});

describe('missing data', () => {
  const points = (text: string) => text.split(' ').map((point) => ({ X: true, '0': false, '-': undefined })[point]);
  const of = (text: string, needed: number) =>
    (['missing', 'ignore', 'breaching', 'notBreaching'] as const).map((treatment) => stateOf(points(text), 3, needed, treatment) ?? 'kept');
  // The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  test.each([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, ['INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', 'kept', 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, ['ALARM', 'kept', 'ALARM', 'OK']],
  ])('%s, %i of 3', (text, needed, expected) => {
    expect(of(text, needed)).toEqual(expected);
  });
});

test.each([
  ['(a + b) * 2 - -1', 7],
  ['a - b - 1', -2],
  ['100 * a / (a + b)', 100 / 3],
  ['a / 0', undefined],
  ['none + 1', undefined],
  ['FILL(none, 4) / b', 2],
])('metric math: %s', (text, expected) => {
  expect(parseExpression(text)?.((id) => ({ a: 1, b: 2 })[id])).toBe(expected);
});

test.each(['SUM(METRICS())', 'a +', 'IF(a > 1, 1, 0)', 'ANOMALY_DETECTION_BAND(a, 2)'])('metric math that is not known: %s', (text) => {
  expect(parseExpression(text)).toBeUndefined();
});

describe('alarms of the CDK on the local cloud', () => {
  const clouds: LocalCloud[] = [];
  afterEach(async () => {
    for (const cloud of clouds.splice(0)) await cloud.dispose();
  });
  async function deploy(stack: Stack): Promise<LocalCloud> {
    const cloud = await LocalCloud.fromStack(stack);
    clouds.push(cloud);
    return cloud;
  }
  /** ParallelChecks is Express, so that only alarms can tell of its failures. */
  function checks(topicProps: sns.TopicProps = {}) {
    const stack = new Stack(new App(), 'S');
    const topic = new sns.Topic(stack, 'Failures', topicProps);
    new ParallelChecks(stack, 'Checks', {
      checks: { sane: Check.invoke(standInFunction(stack, 'Sane')) },
      onPassed: sfn.Pass.jsonata(stack, 'Passed'),
      onFlagged: sfn.Fail.jsonata(stack, 'Flagged', { error: 'Flagged' }),
      notificationTopic: topic,
    });
    return stack;
  }

  test('a failed run of an Express workflow reaches the topic: ParallelChecks with a notificationTopic', async () => {
    const cloud = await deploy(checks());
    cloud.function('Sane').replaceWith(({ bad }) => ({ flagged: bad }));
    await cloud.clock.advance(2 * MINUTE);
    const run = await cloud.stateMachine('Checks').start({ bad: true });
    expect((await run.finished()).status).toBe('FAILED');
    expect(cloud.topic('Failures').messages()).toEqual([]);
    await cloud.clock.advance(2 * MINUTE);
    const [{ message, subject }, ...others] = cloud.topic('Failures').messages();
    expect(others).toEqual([]);
    expect(subject).toMatch(/^ALARM: ".+" in US East \(N\. Virginia\)$/);
    expect(JSON.parse(message)).toMatchObject({
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      AWSAccountId: '123456789012',
      Trigger: {
        MetricName: 'ExecutionsFailed',
        Namespace: 'AWS/States',
        Statistic: 'SUM',
        Period: 60,
        Dimensions: [{ name: 'StateMachineArn', value: cloud.stateMachine('Checks').arn }],
        TreatMissingData: 'notBreaching',
      },
    });
    expect(cloud.access.denied).toEqual([]);
  });

  test('a run that succeeds tells nobody', async () => {
    const cloud = await deploy(checks());
    cloud.function('Sane').replaceWith(({ bad }) => ({ flagged: bad }));
    const run = await cloud.stateMachine('Checks').start({ bad: false });
    expect((await run.finished()).status).toBe('SUCCEEDED');
    await cloud.clock.advance(10 * MINUTE);
    expect(cloud.topic('Failures').messages()).toEqual([]);
  });

  test('a topic with a policy of its own is told too: the construct lets the alarms in', async () => {
    const cloud = await deploy(checks({ enforceSSL: true }));
    cloud.function('Sane').replaceWith(() => ({ flagged: true }));
    await (await cloud.stateMachine('Checks').start({ bad: true })).finished();
    await cloud.clock.advance(5 * MINUTE);
    expect(cloud.topic('Failures').messages()).toHaveLength(1);
    expect(cloud.access.denied).toEqual([]);
  });

  test('a function has its errors counted, and another is told', async () => {
    const stack = new Stack(new App(), 'S');
    const worker = standInFunction(stack, 'Worker');
    const responder = standInFunction(stack, 'Responder');
    const alarm = worker.metricErrors({ period: Duration.minutes(5) }).createAlarm(stack, 'Errors', { threshold: 2, evaluationPeriods: 1 });
    alarm.addAlarmAction(new actions.LambdaAction(responder));
    const cloud = await deploy(stack);
    cloud.function('Responder').replaceWith(() => 'ok');
    cloud.function('Worker').replaceWith(({ fail }) => {
      if (fail) throw new Error('no');
    });
    for (const fail of [true, false, true])
      await cloud
        .function('Worker')
        .invoke({ fail })
        .catch(() => {});
    await cloud.clock.advance(6 * MINUTE);
    expect(cloud.function('Responder').invocations.map(({ payload }) => payload)).toMatchObject([
      {
        source: 'aws.cloudwatch',
        accountId: '123456789012',
        alarmData: {
          state: { value: 'ALARM' },
          configuration: { metrics: [{ metricStat: { metric: { namespace: 'AWS/Lambda', name: 'Errors' }, period: 300, stat: 'Sum' } }] },
        },
      },
    ]);
  });

  test('a message in a dead-letter queue, and one that waits too long', async () => {
    const stack = new Stack(new App(), 'S');
    const topic = new sns.Topic(stack, 'Topic');
    const queue = new sqs.Queue(stack, 'Jobs');
    const treatMissingData = cloudwatch.TreatMissingData.IGNORE;
    const visible = queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' });
    const old = queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: 'Maximum' });
    const some = visible.createAlarm(stack, 'Some', { threshold: 1, evaluationPeriods: 1, alarmName: 'some', treatMissingData });
    const late = old.createAlarm(stack, 'Late', { threshold: 600, evaluationPeriods: 1, alarmName: 'late', treatMissingData });
    for (const alarm of [some, late]) {
      alarm.addAlarmAction(new actions.SnsAction(topic));
      alarm.addOkAction(new actions.SnsAction(topic));
    }
    const cloud = await deploy(stack);
    const told = () =>
      cloud
        .topic('Topic')
        .messages()
        .map(({ subject }) => subject?.split(' in ')[0]);
    await cloud.clock.advance(5 * MINUTE);
    expect(told()).toEqual(['OK: "some"', 'OK: "late"']);
    await cloud.clock.advance(24 * 60 * MINUTE); // the queue has fallen asleep
    await cloud.queue('Jobs').send('m');
    await cloud.clock.advance(2 * MINUTE);
    expect(told().slice(2)).toEqual(['ALARM: "some"']);
    await cloud.clock.advance(10 * MINUTE);
    expect(told().slice(3)).toEqual(['ALARM: "late"']);
    await cloud.operate('sqs', 'PurgeQueue', { QueueUrl: cloud.queue('Jobs').url });
    await cloud.clock.advance(5 * MINUTE);
    expect(told().slice(4)).toEqual(['OK: "some"', 'OK: "late"']);
  });
});
