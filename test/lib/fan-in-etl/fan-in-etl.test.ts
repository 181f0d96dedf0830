import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  Duration,
  aws_kms as kms,
  aws_lambda as lambda,
  Stack,
  aws_s3 as s3,
  aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
  TimeZone,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  EtlPeriod,
  FanInEtl,
  type FanInEtlProps,
  type FanInSource,
  HandlerFunction,
  InputField,
  Job,
  ObjectMatch,
  OnSourceMissing,
} from '../../../lib';
import { type Json, LocalCloud } from '../../../local';
import { nagFindings } from '../../support/nag';
import { CODE_IN_PLACE, warmStart } from '../../support/warm-start';

// Stood in for by the tests.
const CODE = mkdtempSync(join(tmpdir(), 'stepworks-etl-'));
writeFileSync(join(CODE, 'index.js'), 'exports.handler = async () => 1');
afterAll(() => rmSync(CODE, { recursive: true, force: true }));

const MINUTE = Duration.minutes(1);

function stackWith(props: (stack: Stack) => Partial<FanInEtlProps> = () => ({}), id = 'Test'): Stack {
  const stack = new Stack(new App(CODE_IN_PLACE), id);
  const bucket = new s3.Bucket(stack, 'Incoming', { enforceSSL: true, serverAccessLogsPrefix: 'logs/' });
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  const job = (name: string, payload?: string) =>
    Job.invoke(new HandlerFunction(stack, name, { code: lambda.Code.fromAsset(CODE) }).alias, { timeout: MINUTE, payload });
  const source = (name: string): FanInSource => ({
    name,
    bucket,
    match: ObjectMatch.key(`{% "${name}/" & $states.input.period %}`, { within: `${name}/` }),
    job: job(name === 'a' ? 'WorkA' : 'WorkB', `{% { "key": $states.input.object.key, "to": ${FanInEtl.location(name).slice(2, -2)} } %}`),
  });
  new FanInEtl(stack, 'Etl', {
    sources: [source('a'), source('b')],
    join: job('Join', '{% { "missing": $states.input.missing, "statuses": $states.input.sources.*.status } %}'),
    deadline: Duration.days(7),
    onMissing: OnSourceMissing.fail(),
    sweepInterval: Duration.days(1),
    ...props(stack),
  });
  return stack;
}

describe('what is synthesized', () => {
  test('nothing that cdk-nag finds is left, with everything on', () => {
    const stack = stackWith(() => ({ schedule: scheduler.ScheduleExpression.rate(Duration.days(1)), window: Duration.days(3) }));
    expect(nagFindings(stack)).toEqual([]);
  });

  test('a key encrypts tables and output', () => {
    const template = Template.fromStack(stackWith((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })));
    template.resourcePropertiesCountIs(
      'AWS::DynamoDB::Table',
      { SSESpecification: { SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() } },
      2,
    );
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }] },
    });
  });

  test('output and periods are kept when the stack is deleted', () => {
    const template = Template.fromStack(stackWith());
    const retained = Object.entries(template.toJSON().Resources).filter(
      ([id, resource]) => /^Etl(Output|Periods)/.test(id) && (resource as { DeletionPolicy?: string }).DeletionPolicy === 'Retain',
    );
    expect(retained.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['EtlOutput', 'EtlPeriodsItems']);
  });

  test('two in one stack', () => {
    const stack = stackWith();
    const [first] = stack.node.children.filter((child): child is FanInEtl => child instanceof FanInEtl);
    const bucket = s3.Bucket.fromBucketName(stack, 'Other', 'other');
    const job = Job.invoke(lambda.Function.fromFunctionName(stack, 'F', 'f'), { timeout: MINUTE });
    new FanInEtl(stack, 'Second', {
      sources: [{ name: 'a', bucket, match: ObjectMatch.prefix('in/'), job }],
      join: job,
      deadline: Duration.days(1),
      onMissing: OnSourceMissing.joinPartial(),
      outputBucket: first.outputBucket,
    });
    Template.fromStack(stack).resourceCountIs('AWS::StepFunctions::StateMachine', 2);
  });

  test.each<[string, (stack: Stack) => Partial<FanInEtlProps>, RegExp]>([
    ['no sources', () => ({ sources: [] }), /sources is empty/],
    ['a deadline as long as the run', () => ({ timeout: Duration.days(7) }), /timeout is 7 days, and the deadline 7 days/],
    ['a field that is taken', () => ({ input: { output: InputField.ofString() } }), /the input field output is taken/],
    ['a prefix without a slash', () => ({ outputPrefix: 'etl' }), /outputPrefix 'etl' is none/],
    ['nothing as a window', () => ({ window: Duration.seconds(0) }), /window is nothing/],
    ['a period back without a schedule', () => ({ scheduledPeriodBack: MINUTE }), /there is no schedule/],
  ])('%s is refused', (_, props, message) => {
    expect(() => stackWith(props)).toThrow(message);
  });

  test('two sources of one name are refused', () => {
    const stack = new Stack(new App(), 'Own');
    const bucket = s3.Bucket.fromBucketName(stack, 'In', 'incoming');
    const job = Job.invoke(lambda.Function.fromFunctionName(stack, 'F', 'f'), { timeout: MINUTE });
    const source = { name: 'a', bucket, match: ObjectMatch.prefix('in/'), job };
    const props = { join: job, deadline: Duration.days(1), onMissing: OnSourceMissing.fail() };
    expect(() => new FanInEtl(stack, 'Etl', { ...props, sources: [source, source] })).toThrow(/two sources called a/);
  });

  test('a location with quotes is refused', () => {
    expect(() => FanInEtl.location('a"b')).toThrow(/leave quotes and backslashes out/);
  });
});

describe('run', () => {
  const warm = warmStart();
  const clouds: LocalCloud[] = [];
  afterEach(async () => {
    for (const cloud of clouds.splice(0)) {
      expect(cloud.access.denied).toEqual([]);
      await cloud.dispose();
    }
  });

  /** What each function was given, in order. */
  const given: [string, Json][] = [];
  async function cloudOf(props?: (stack: Stack) => Partial<FanInEtlProps>): Promise<LocalCloud> {
    const cloud = await LocalCloud.fromStack(stackWith(props), { warm });
    clouds.push(cloud);
    given.length = 0;
    for (const name of ['WorkA', 'WorkB', 'Join']) {
      cloud.function(name).replaceWith(async (event) => {
        given.push([name, event as Json]);
        return name;
      });
    }
    return cloud;
  }
  const put = (cloud: LocalCloud, key: string) => cloud.bucket('Incoming').put(key, 'x');
  const PERIOD = { period: '2026-01-05' };

  test('jobs know where to read and to write; the join what there is', async () => {
    const cloud = await cloudOf();
    await put(cloud, 'b/2026-01-05');
    const run = await cloud.stateMachine('Etl').start(PERIOD, { name: 'first' });
    await put(cloud, 'a/2026-01-05');
    await run.finished();
    const folder = `s3://${cloud.bucket('Etl/Output').name}/etl/2026-01-05/first/`;
    expect(given).toEqual([
      ['WorkB', { key: 'b/2026-01-05', to: `${folder}b` }],
      ['WorkA', { key: 'a/2026-01-05', to: `${folder}a` }],
      ['Join', { missing: [], statuses: ['DONE', 'DONE'] }],
    ]);
    expect(run.output).toMatchObject({ period: '2026-01-05', missing: [], join: { status: 'SUCCEEDED', output: 'Join' } });
  });

  test('missing, fail: the run fails at the deadline', async () => {
    const cloud = await cloudOf();
    await put(cloud, 'a/2026-01-05');
    const run = await cloud.stateMachine('Etl').start(PERIOD);
    await run.finished();
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'ObjectMissing',
      cause: expect.stringMatching(/^the branch b: nothing that 'AwaitB'/),
    });
    expect(given.map(([name]) => name)).toEqual(['WorkA']);
  });

  test('missing, continueWith: own steps in the place of the join', async () => {
    const cloud = await cloudOf((stack) => ({
      onMissing: OnSourceMissing.continueWith(
        sfn.Pass.jsonata(stack, 'WithoutSome', {
          outputs: { without: '{% $states.input.missing %}', a: '{% $states.input.sources.a.status %}' },
        }),
      ),
    }));
    await put(cloud, 'a/2026-01-05');
    const run = await cloud.stateMachine('Etl').start(PERIOD);
    await run.finished();
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: { without: ['b'], a: 'DONE' } });
    expect(given.map(([name]) => name)).toEqual(['WorkA']);
    await put(cloud, 'b/2026-01-06');
    await put(cloud, 'a/2026-01-06');
    const whole = await cloud.stateMachine('Etl').start({ period: '2026-01-06' });
    await whole.finished();
    expect(whole.output).toMatchObject({ missing: [], join: { output: 'Join' } });
  });

  test('a window, and notBefore of an input before it', async () => {
    const cloud = await cloudOf(() => ({ window: Duration.days(2) }));
    await put(cloud, 'a/2026-01-05');
    await put(cloud, 'b/2026-01-05');
    await cloud.clock.advance(Duration.days(3));
    const stale = await cloud.stateMachine('Etl').start(PERIOD);
    await stale.finished();
    expect(stale).toMatchObject({ error: 'ObjectMissing' });
    const backfill = await cloud.stateMachine('Etl').start({ ...PERIOD, notBefore: '2026-01-01T00:00:00+01:00' });
    await backfill.finished();
    expect(backfill).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a run that was stopped: its rows go, and the period is done by the next', async () => {
    const cloud = await cloudOf();
    const run = await cloud.stateMachine('Etl').start(PERIOD);
    await cloud.clock.advance(Duration.hours(1));
    await run.stop();
    await put(cloud, 'a/2026-01-05');
    await put(cloud, 'b/2026-01-05');
    const next = await cloud.stateMachine('Etl').start(PERIOD);
    await next.finished();
    expect(next).toMatchObject({ status: 'SUCCEEDED' });
    await cloud.clock.advance(Duration.days(2));
    expect(cloud.table('Etl/Gate/Waiters').items()).toEqual([]);
  });

  test.each([
    ['a day', EtlPeriod.DAY, Duration.days(7), '2026-01-05'],
    ['a month', EtlPeriod.MONTH, Duration.days(20), '2025-12'],
  ])('a schedule names %s, and starts one run', async (_, period, scheduledPeriodBack, named) => {
    const cloud = await cloudOf(() => ({
      period,
      scheduledPeriodBack,
      schedule: scheduler.ScheduleExpression.cron({ weekDay: 'MON', hour: '6', minute: '0', timeZone: TimeZone.of('Europe/Amsterdam') }),
    }));
    cloud.deliverTwice('sqs:SendMessage');
    await put(cloud, `a/${named}`);
    await put(cloud, `b/${named}`);
    await cloud.clock.advance(Duration.days(7));
    const executions = cloud.executions();
    expect(executions.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(executions[0].output).toMatchObject({ period: named, scheduledTime: '2026-01-12T05:00:00Z' });
  });

  test.each<[string, Json]>([
    ['nothing', {}],
    ['no time', { scheduledTime: 'soon' }],
    ['no object', []],
  ])('with a schedule, %s names no period', async (_, input) => {
    const cloud = await cloudOf(() => ({ schedule: scheduler.ScheduleExpression.rate(Duration.days(30)) }));
    const run = await cloud.stateMachine('Etl').start(input);
    await run.finished();
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
  });

  test('fields of the input are checked, and reach the jobs', async () => {
    const cloud = await cloudOf((stack) => ({
      input: { region: InputField.ofString({ oneOf: ['eu', 'us'] }) },
      onJoined: sfn.Pass.jsonata(stack, 'Told', { outputs: { told: '{% $states.input.region %}' } }),
    }));
    const bad = await cloud.stateMachine('Etl').start({ ...PERIOD, region: 'moon' });
    await bad.finished();
    expect(bad).toMatchObject({ error: 'InvalidInput', cause: 'region: is none of: eu, us' });
    await put(cloud, 'a/2026-01-05');
    await put(cloud, 'b/2026-01-05');
    const run = await cloud.stateMachine('Etl').start({ ...PERIOD, region: 'eu' });
    await run.finished();
    expect(run.output).toEqual({ told: 'eu' });
  });
});
