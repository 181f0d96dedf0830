import { App, Duration, aws_dynamodb as dynamodb, aws_kms as kms, Stack, aws_s3 as s3, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DropComplete, ObjectGate, ObjectMatch, ObservedStateMachine, OnMissing } from '../../../../lib';
import { type Assembly, LocalCloud } from '../../../../local';
import { loadAssembly } from '../../../../local/assembly';
import { synthesized } from '../../../../local/synthesized';
import { nagFindings } from '../../../support/nag';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

const WEEK = Duration.days(7);

/** A bucket that tells EventBridge, without CDK's custom resource. */
function incoming(stack: Stack, encryptionKey?: kms.IKey): s3.Bucket {
  const bucket = new s3.Bucket(stack, 'Incoming', { encryptionKey, enforceSSL: true, serverAccessLogsPrefix: 'logs/' });
  (bucket.node.defaultChild as s3.CfnBucket).addPropertyOverride(
    'NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled',
    true,
  );
  return bucket;
}

class GateStack extends Stack {
  constructor(context = {}) {
    super(new App({ context }), 'Gate');
    const bucket = incoming(this);
    const gate = new ObjectGate(this, 'Gate', { sweepInterval: Duration.hours(6) });
    const sales = gate.step('AwaitSales', {
      bucket,
      match: ObjectMatch.key("{% 'sales/' & $states.input.week & '.csv' %}", {
        within: 'sales/',
        newerThan: '{% $states.context.Execution.StartTime %}',
      }),
      timeout: WEEK,
      onMissing: OnMissing.fail(),
    });
    const drop = gate.step('AwaitDrop', {
      bucket,
      match: ObjectMatch.drop('drop/', DropComplete.manifest()),
      timeout: WEEK,
      outcomeField: 'drop',
      onMissing: OnMissing.continueWith(sfn.Pass.jsonata(this, 'Without')),
    });
    const quiet = gate.step('AwaitQuiet', {
      bucket,
      match: ObjectMatch.drop('quiet/', DropComplete.quietFor(Duration.minutes(90)), { suffix: '.csv' }),
      timeout: WEEK,
      onMissing: OnMissing.fail(),
    });
    for (const [id, definition] of Object.entries({ Sales: sales, Drop: drop, Quiet: quiet })) {
      gate.grantTaskResponse(new ObservedStateMachine(this, id, { definition }).stateMachine);
    }
  }
}

const stack = new GateStack();
const template = Template.fromStack(stack);
const idOf = (type: string, pattern: RegExp) => Object.keys(template.findResources(type)).filter((id) => pattern.test(id))[0];
const statements = (role: RegExp) =>
  Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action, Resource }) => Resource !== '*' && !JSON.stringify(Action).includes('logs:'));

describe('what is synthesized', () => {
  const bucket = { 'Fn::GetAtt': [idOf('AWS::S3::Bucket', /^Incoming/), 'Arn'] };
  const table = { 'Fn::GetAtt': [idOf('AWS::DynamoDB::Table', /^GateWaiters/), 'Arn'] };
  const list = (prefix: string) => ({
    Action: 's3:ListBucket',
    Effect: 'Allow',
    Resource: bucket,
    Condition: { StringLike: { 's3:prefix': `${prefix}*` } },
  });
  const looks = [
    list('sales/'),
    list('drop/'),
    { Action: 's3:GetObject', Effect: 'Allow', Resource: { 'Fn::Join': ['', [bucket, '/drop/*manifest.json']] } },
    list('quiet/'),
  ];
  const answers = (action: string) =>
    ['Sales', 'Drop', 'Quiet'].map((id) => ({
      Action: action,
      Effect: 'Allow',
      Resource: { Ref: idOf('AWS::StepFunctions::StateMachine', new RegExp(`^${id}`)) },
    }));

  test.each([
    ['Wait', ['dynamodb:PutItem', 'dynamodb:DeleteItem'], answers('states:SendTaskSuccess')],
    ['Arrived', ['dynamodb:Query', 'dynamodb:DeleteItem'], answers('states:SendTaskSuccess')],
    ['Sweep', ['dynamodb:Scan', 'dynamodb:DeleteItem'], [...answers('states:SendTaskSuccess'), ...answers('states:SendTaskHeartbeat')]],
  ])('%s may list what is waited for, keep its rows and answer, and no more', (name, actions, answering) => {
    const found = statements(new RegExp(`^Gate${name}Role`));
    const wanted = [{ Action: actions, Effect: 'Allow', Resource: table }, ...answering, ...looks];
    for (const statement of wanted) expect(found).toContainEqual(statement);
    expect(found).toHaveLength(wanted.length);
  });

  test('one rule for the bucket, with what is waited for', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [{ Ref: idOf('AWS::S3::Bucket', /^Incoming/) }] },
          object: { key: [{ prefix: 'sales/' }, { prefix: 'drop/' }, { prefix: 'quiet/' }] },
        },
      },
    });
    template.resourceCountIs('AWS::Events::Rule', 2);
  });

  test('nothing that cdk-nag finds is left, with a key and without', () => {
    expect(nagFindings(stack)).toEqual([]);
    const own = new Stack(new App(), 'Own');
    const key = new kms.Key(own, 'Key', { enableKeyRotation: true });
    const gate = new ObjectGate(own, 'Gate', { encryptionKey: key });
    const match = ObjectMatch.drop('a/', DropComplete.manifest());
    const definition = gate.step('Await', { bucket: incoming(own, key), match, timeout: WEEK, onMissing: OnMissing.fail() });
    gate.grantTaskResponse(new ObservedStateMachine(own, 'Machine', { definition }).stateMachine);
    expect(nagFindings(own)).toEqual([]);
  });

  test('a table may be supplied', () => {
    const own = new Stack(new App(), 'Own');
    const table = dynamodb.Table.fromTableName(own, 'Waiters', 'waiters');
    new ObjectGate(own, 'Gate', { table });
    Template.fromStack(own).resourceCountIs('AWS::DynamoDB::Table', 0);
    expect(() => new ObjectGate(own, 'Other', { table, encryptionKey: new kms.Key(own, 'Key') })).toThrow(
      /encryptionKey would change nothing/,
    );
  });

  test('without grantTaskResponse the app does not synthesize', () => {
    const own = new Stack(new App(), 'Own');
    const match = ObjectMatch.key('a');
    new ObjectGate(own, 'Gate').step('Await', { bucket: incoming(own), match, timeout: WEEK, onMissing: OnMissing.fail() });
    expect(() => Template.fromStack(own)).toThrow(/has the steps 'Await' but may not answer any state machine/);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['an empty prefix', () => ObjectMatch.prefix(''), /would have to list everything/],
  ['an expression alone', () => ObjectMatch.key('{% $states.input.key %}'), /known only when it runs: give `within`/],
  ['within another folder', () => ObjectMatch.key('a/b', { within: 'c/' }), /'a\/b' does not begin with 'c\/'/],
  ['half a byte', () => ObjectMatch.key('a', { minSize: 0.5 }), /minSize is 0.5: give whole bytes/],
  ['a marker with a star', () => DropComplete.marker('*'), /'\*' is no name/],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
});

test('a timeout that is none, and a field that is none, are refused', () => {
  const own = new Stack(new App(), 'Own');
  const gate = new ObjectGate(own, 'Gate');
  const props = { bucket: incoming(own), match: ObjectMatch.key('a'), timeout: WEEK, onMissing: OnMissing.fail() };
  expect(() => gate.step('A', { ...props, timeout: Duration.seconds(59) })).toThrow(/timeout of the object step 'A' is 59 seconds/);
  expect(() => gate.step('B', { ...props, outcomeField: 'a b' })).toThrow(/outcomeField 'a b' .* is no field name/);
});

describe('run', () => {
  let assembly: Assembly;
  let cloud: LocalCloud;
  beforeAll(async () => {
    assembly = await loadAssembly(synthesized(stack).directory);
  });
  beforeEach(async () => {
    cloud = await LocalCloud.deploy(assembly, { warm });
  });
  afterEach(async () => {
    expect(cloud.access.denied).toEqual([]);
    expect(cloud.functionLogs.map(({ line }) => line).join()).not.toContain('AQCEAAAAKg');
    await cloud.dispose();
  });

  const waiters = () => cloud.table('Gate/Waiters').items();
  const put = (key: string, body = 'a,b') => cloud.bucket('Incoming').put(key, body);

  test('data that comes while the run waits; two runs wait for it', async () => {
    const runs = [await cloud.stateMachine('Sales').start({ week: 'W02' }), await cloud.stateMachine('Sales').start({ week: 'W02' })];
    const other = await cloud.stateMachine('Sales').start({ week: 'W03' });
    await cloud.clock.advance(Duration.days(3));
    expect(await waiters()).toHaveLength(3);
    await put('sales/W02.csv');
    for (const run of runs) {
      await run.finished();
      expect(run.output).toEqual({
        week: 'W02',
        object: {
          status: 'FOUND',
          bucket: cloud.bucket('Incoming').name,
          key: 'sales/W02.csv',
          size: 3,
          etag: expect.stringMatching(/^[0-9a-f]{32}$/),
          lastModified: '2026-01-08T09:00:00.000Z',
        },
      });
    }
    expect(await waiters()).toHaveLength(1);
    expect(other.status).toBe('RUNNING');
    await other.stop();
    await cloud.clock.advance(Duration.hours(7));
    expect(await waiters()).toEqual([]);
  });

  test('data that was there before, and what an earlier period left', async () => {
    await put('sales/W02.csv');
    const run = await cloud.stateMachine('Sales').start({ week: 'W02' });
    await cloud.clock.advance(Duration.days(1));
    // As old as the run: not newer than its start.
    expect(run.status).toBe('RUNNING');
    await put('sales/W02.csv');
    await run.finished();
    expect(run).toMatchObject({ status: 'SUCCEEDED' });
    await put('drop/a.csv');
    await put('drop/manifest.json', '{"files":["a.csv"]}');
    const drop = await cloud.stateMachine('Drop').start({});
    await drop.finished();
    expect(drop.output).toMatchObject({ drop: { status: 'FOUND', objects: 1, bytes: 3 } });
  });

  test('an event that is lost: the sweep finds it', async () => {
    const run = await cloud.stateMachine('Sales').start({ week: 'W02' });
    await cloud.clock.advance(Duration.minutes(90));
    // Lost on the way: the function is called, and fails, also when Lambda tries again.
    cloud.fail('dynamodb:Query', { error: 'InternalServerError', statusCode: 500, times: 99 });
    await put('sales/W02.csv');
    await cloud.clock.advance(Duration.minutes(20));
    expect(run.status).toBe('RUNNING');
    await run.finished();
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: { object: { key: 'sales/W02.csv' } } });
  });

  test('nothing in time: the run fails, or goes on without; the rows go', async () => {
    const sales = await cloud.stateMachine('Sales').start({ week: 'W02' });
    const drop = await cloud.stateMachine('Drop').start({});
    await sales.finished();
    expect(sales).toMatchObject({
      status: 'FAILED',
      error: 'ObjectMissing',
      cause: "nothing that 'AwaitSales' waits for had arrived after 7 days",
    });
    await drop.finished();
    expect(drop).toMatchObject({ status: 'SUCCEEDED', output: { drop: { status: 'MISSING' } } });
    await cloud.clock.advance(Duration.hours(7));
    expect(await waiters()).toEqual([]);
  });

  test('a quiet time begins anew with each write', async () => {
    const run = await cloud.stateMachine('Quiet').start({});
    await put('quiet/1.csv');
    await cloud.clock.advance(Duration.hours(1));
    await put('quiet/2.csv');
    await cloud.clock.advance(Duration.minutes(61));
    expect(run.status).toBe('RUNNING');
    await run.finished();
    expect(run.output).toMatchObject({ object: { objects: 2, lastModified: '2026-01-05T10:00:00.000Z' } });
  });

  test('what leads out of its folder is refused', async () => {
    const run = await cloud.stateMachine('Drop').start({});
    expect(run.status).toBe('RUNNING');
    const bad = await cloud.stateMachine('Sales').start({ week: 'x'.repeat(2000) });
    await bad.finished();
    expect(bad).toMatchObject({ status: 'FAILED', error: 'InvalidObjectWait' });
  });

  test('throttled: it is tried again', async () => {
    cloud.fail('dynamodb:PutItem', { error: 'ThrottlingException', times: 4 });
    await put('drop/a.csv');
    await put('drop/manifest.json', '{"files":["a.csv"]}');
    const run = await cloud.stateMachine('Drop').start({});
    await run.finished();
    expect(run).toMatchObject({ status: 'SUCCEEDED' });
  });
});
