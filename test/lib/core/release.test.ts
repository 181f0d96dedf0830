import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_lambda as lambda,
  Stack,
  aws_s3 as s3,
  aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import {
  BulkProcess,
  BulkSource,
  BulkWork,
  HandlerFunction,
  ObservedStateMachine,
  Release,
  TransientRetry,
  Trigger,
  TriggerSource,
} from '../../../lib';
import { LocalCloud, loadAssembly } from '../../../local';
import { nagFindings } from '../../support/nag';

function call(scope: Construct, id: string, lambdaFunction: lambda.IFunction) {
  return tasks.LambdaInvoke.jsonata(scope, id, {
    lambdaFunction,
    payload: sfn.TaskInput.fromText('{% $states.input %}'),
    taskTimeout: sfn.Timeout.duration(Duration.seconds(20)),
    retryOnServiceExceptions: false,
    outputs: '{% $states.result.Payload %}',
  }).addRetry(TransientRetry.forLambda());
}

const priceCode = lambda.Code.fromInline('exports.handler = async ({ item }) => ({ item, price: 7 });');

/** Asks for a price, waits an hour, asks again. */
function workflow(stack: Stack, release?: Release, code = priceCode): { price: HandlerFunction; observed: ObservedStateMachine } {
  const price = new HandlerFunction(stack, 'Price', { code });
  const definition = call(stack, 'Ask', price.alias)
    .next(sfn.Wait.jsonata(stack, 'AnHour', { time: sfn.WaitTime.duration(Duration.hours(1)) }))
    .next(call(stack, 'AskAgain', price.alias));
  const stateMachineType = sfn.StateMachineType.STANDARD;
  return { price, observed: new ObservedStateMachine(stack, 'Workflow', { definition, stateMachineType, release }) };
}

const outdir = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));
const app = new App({ outdir });
const stack = new Stack(app, 'Test');
const dropped = new cloudwatch.Alarm(stack, 'OrdersDropped', {
  metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'OrdersDropped' }),
  threshold: 1,
  evaluationPeriods: 1,
});
const { price, observed } = workflow(
  stack,
  Release.canary({ percent: 10, interval: Duration.minutes(15), failedThreshold: 2, alarms: [dropped] }),
);
// What the next deployment publishes.
new lambda.Version(stack, 'NextPrice', { lambda: price.function });
new Trigger(stack, 'Daily', {
  stateMachine: observed.stateMachine,
  source: TriggerSource.schedule(scheduler.ScheduleExpression.at(new Date('2026-01-06T09:00:00Z'))),
  input: { item: 'pear' },
});
const findings = nagFindings(stack);
app.synth();
const template = Template.fromStack(stack);

describe('the template', () => {
  const logicalId = (type: string, props: object = {}) => {
    const [id] = Object.keys(template.findResources(type, Match.objectLike({ Properties: props })));
    return id;
  };
  const machineId = logicalId('AWS::StepFunctions::StateMachine');
  const functionId = logicalId('AWS::Lambda::Function', { Code: { ZipFile: Match.anyValue() } });

  test('has a version for each revision, which stays when the next takes its place', () => {
    template.hasResource('AWS::StepFunctions::StateMachineVersion', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { StateMachineArn: { Ref: machineId }, StateMachineRevisionId: { 'Fn::GetAtt': [machineId, 'StateMachineRevisionId'] } },
    });
  });

  test('shifts the alias, and returns when an alarm goes off, which it knows by name', () => {
    const alarms = ['ExecutionsFailed', 'ExecutionsTimedOut'].map((MetricName) => {
      const props = {
        MetricName,
        Namespace: 'AWS/States',
        Dimensions: [
          { Name: 'Alias', Value: 'live' },
          { Name: 'StateMachineArn', Value: { Ref: machineId } },
        ],
        Statistic: 'Sum',
        Period: 60,
        Threshold: 2,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      };
      return { Ref: logicalId('AWS::CloudWatch::Alarm', props) };
    });
    const StateMachineVersionArn = { 'Fn::GetAtt': [logicalId('AWS::StepFunctions::StateMachineVersion'), 'Arn'] };
    const Alarms = [...alarms, { Ref: logicalId('AWS::CloudWatch::Alarm', { MetricName: 'OrdersDropped' }) }];
    expect(Object.values(template.findResources('AWS::StepFunctions::StateMachineAlias')).map(({ Properties }) => Properties)).toEqual([
      { Name: 'live', DeploymentPreference: { Type: 'CANARY', Percentage: 10, Interval: 15, StateMachineVersionArn, Alarms } },
    ]);
  });

  test('calls a published version of the function, which stays, and may call every version of it', () => {
    const [[versionId, version]] = Object.entries(template.findResources('AWS::Lambda::Version')).filter(([id]) =>
      id.startsWith('PriceFunctionCurrentVersion'),
    );
    expect(version).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    const definition = JSON.stringify(template.findResources('AWS::StepFunctions::StateMachine')[machineId].Properties.DefinitionString);
    expect(definition).toContain(`{"Ref":"${versionId}"}`);
    expect(definition).not.toContain('PriceLive');
    const invoking = Object.entries(template.findResources('AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
      Properties.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) => Action === 'lambda:InvokeFunction').map(
        (statement: object) => ({ id, statement }),
      ),
    );
    expect(invoking.map(({ statement }) => statement)).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [functionId, 'Arn'] }, ':*']] } },
    ]);
    template.hasResource('AWS::StepFunctions::StateMachine', { DependsOn: Match.arrayWith([invoking[0].id]) });
  });

  test('lets a trigger start the alias, and nothing but the alias', () => {
    const aliasArn = { 'Fn::GetAtt': [logicalId('AWS::StepFunctions::StateMachineAlias'), 'Arn'] };
    expect(stack.resolve(observed.startArn)).toEqual(aliasArn);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ STATE_MACHINE_ARN: aliasArn }) },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: 'states:StartExecution',
            Resource: { Ref: machineId },
            Condition: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
          },
        ]),
      },
    });
  });

  test('leaves cdk-nag nothing to find', () => {
    expect(findings).toEqual([]);
  });
});

describe('run here', () => {
  let cloud: LocalCloud;
  let machineArn: string;
  let aliasArn: string;
  beforeEach(async () => {
    cloud = await LocalCloud.deploy(await loadAssembly(outdir));
    machineArn = cloud.stateMachine('Workflow/StateMachine').arn;
    aliasArn = cloud.find('AWS::StepFunctions::StateMachineAlias', 'Workflow/Release/Alias').attributes.Arn as string;
  });
  afterEach(() => cloud.dispose());

  const sfnCall = <T>(operation: string, input: Readonly<Record<string, unknown>>) => cloud.operate<T>('sfn', operation, input);
  const start = () => cloud.stateMachine('Workflow/StateMachine').start({ item: 'pear' }, { qualifier: 'live' });
  /** Which versions of the function a run called. */
  const versionsCalled = (from = 0) =>
    cloud.calls.slice(from).flatMap(({ service, operation, input }) =>
      service === 'lambda' && operation === 'Invoke'
        ? [
            String((input as { FunctionName: string }).FunctionName)
              .split(':')
              .at(-1),
          ]
        : [],
    );
  /** As CloudFormation does: state machine, version, alias. */
  async function change(edit: (definition: string) => string, weightOfNew: number): Promise<void> {
    const { definition } = await sfnCall<{ definition: string }>('DescribeStateMachine', { stateMachineArn: machineArn });
    await sfnCall('UpdateStateMachine', { stateMachineArn: machineArn, definition: edit(definition) });
    const { stateMachineVersionArn } = await sfnCall<{ stateMachineVersionArn: string }>('PublishStateMachineVersion', {
      stateMachineArn: machineArn,
    });
    const routes = [
      { stateMachineVersionArn, weight: weightOfNew },
      { stateMachineVersionArn: `${machineArn}:1`, weight: 100 - weightOfNew },
    ];
    await sfnCall('UpdateStateMachineAlias', {
      stateMachineAliasArn: aliasArn,
      routingConfiguration: routes.filter(({ weight }) => weight > 0),
    });
  }
  const toNext = (definition: string) =>
    definition.replace(/(function:[\w-]*Price[\w-]*):1/g, '$1:2').replace('"Seconds":3600', '"Seconds":7200');

  test('a run that began before a change ends with the old definition and the old function; those after it have the new', async () => {
    const before = await start();
    await change(toNext, 100);
    const after = await start();
    await cloud.clock.advance(Duration.minutes(61));
    expect([before.status, after.status]).toEqual(['SUCCEEDED', 'RUNNING']);
    expect(versionsCalled()).toEqual(['1', '2', '1']);
    await cloud.clock.advance(Duration.minutes(60));
    expect(after.status).toBe('SUCCEEDED');
    expect(versionsCalled()).toEqual(['1', '2', '1', '2']);
    expect(cloud.access.denied).toEqual([]);
  });

  test('a canary gets its share of the new runs', async () => {
    await change(toNext, 10);
    for (let i = 0; i < 60; i++) await start();
    const canaries = versionsCalled().filter((version) => version === '2').length;
    expect(canaries).toBeGreaterThan(0);
    expect(canaries).toBeLessThan(20);
  });

  test('after the return new runs have the old version, and the canaries end as what they are', async () => {
    await change(toNext, 100);
    const canary = await start();
    await sfnCall('UpdateStateMachineAlias', {
      stateMachineAliasArn: aliasArn,
      routingConfiguration: [{ stateMachineVersionArn: `${machineArn}:1`, weight: 100 }],
    });
    await start();
    await cloud.clock.advance(Duration.hours(3));
    expect(canary.status).toBe('SUCCEEDED');
    expect(versionsCalled().sort()).toEqual(['1', '1', '2', '2']);
  });

  test('runs through the alias that fail raise the alarm that sends the release back, other runs do not', async () => {
    const stateOfAlarm = async () => {
      const { Ref } = stack.resolve(observed.release?.alarms[0].alarmName) as { Ref: string };
      const alarm = cloud.find('AWS::CloudWatch::Alarm', Ref).ref;
      const { MetricAlarms } = await cloud.operate<{ MetricAlarms: { StateValue: string }[] }>('cloudwatch', 'DescribeAlarms', {
        AlarmNames: [alarm],
      });
      return MetricAlarms.map(({ StateValue }) => StateValue);
    };
    cloud.function('Price').replaceWith(() => {
      throw new Error('no price');
    });
    for (let i = 0; i < 3; i++) await cloud.stateMachine('Workflow/StateMachine').start({ item: 'pear' });
    const first = await start();
    await cloud.clock.advance(Duration.minutes(2));
    expect(first.status).toBe('FAILED');
    expect(await stateOfAlarm()).toEqual(['OK']);
    await start();
    await start();
    await cloud.clock.advance(Duration.minutes(1));
    expect(await stateOfAlarm()).toEqual(['ALARM']);
  });

  test('the trigger starts runs through the alias', async () => {
    await cloud.clock.advance(Duration.hours(26));
    const [run] = cloud.executions(machineArn);
    expect(await sfnCall('DescribeExecution', { executionArn: run.arn })).toMatchObject({
      stateMachineAliasArn: aliasArn,
      stateMachineVersionArn: `${machineArn}:1`,
      status: 'SUCCEEDED',
    });
    expect(cloud.access.denied).toEqual([]);
  });
});

describe('other kinds', () => {
  function preferenceOf(release: Release): object {
    const other = new Stack(new App(), 'Other');
    workflow(other, release);
    const [alias] = Object.values(Template.fromStack(other).findResources('AWS::StepFunctions::StateMachineAlias'));
    const { StateMachineVersionArn, ...preference } = alias.Properties.DeploymentPreference;
    return preference;
  }

  test('all at once needs no alarm', () => {
    expect(preferenceOf(Release.allAtOnce())).toEqual({ Type: 'ALL_AT_ONCE' });
  });

  test('linear', () => {
    const release = Release.linear({ percent: 20, interval: Duration.hours(10), failedThreshold: 1 });
    expect(preferenceOf(release)).toMatchObject({ Type: 'LINEAR', Percentage: 20, Interval: 600 });
  });

  test('without a release nothing of it is there, and the alias of the function is called', () => {
    const other = new Stack(new App(), 'Other');
    const { observed: plain } = workflow(other);
    const plainTemplate = Template.fromStack(other);
    for (const type of ['Version', 'Alias']) plainTemplate.resourceCountIs(`AWS::StepFunctions::StateMachine${type}`, 0);
    expect(JSON.stringify(plainTemplate.findResources('AWS::StepFunctions::StateMachine'))).toContain('PriceLive');
    plainTemplate.hasResource('AWS::Lambda::Version', { DeletionPolicy: Match.absent() });
    expect(plain.release).toBeUndefined();
    expect(plain.startArn).toBe(plain.stateMachine.stateMachineArn);
  });
});

test('other code alone makes another version of the state machine, under the same logical ids', () => {
  const [before, after] = [priceCode, lambda.Code.fromInline('exports.handler = async () => ({ price: 8 });')].map((code) => {
    const other = new Stack(new App(), 'Other');
    workflow(other, Release.allAtOnce(), code);
    const { Resources } = Template.fromStack(other).toJSON();
    return Resources as { [id: string]: { Type: string; Properties: { DefinitionString?: unknown } } };
  });
  const ofType = (resources: typeof before, type: RegExp) => Object.keys(resources).filter((id) => type.test(resources[id].Type));
  const stepFunctions = ofType(before, /^AWS::StepFunctions::/);
  expect(ofType(after, /^AWS::StepFunctions::/)).toEqual(stepFunctions);
  const [machineId] = ofType(before, /::StateMachine$/);
  const definitions = [before, after].map((resources) => JSON.stringify(resources[machineId].Properties.DefinitionString));
  const [old, next] = [before, after].map((resources) => ofType(resources, /^AWS::Lambda::Version$/)[0]);
  expect(old).not.toBe(next);
  expect(definitions[0].replaceAll(old, next)).toBe(definitions[1]);
});

test.each([
  ['an alias', 'arn:aws:states:us-east-1:123456789012:stateMachine:Orders:PROD'],
  ['a version', 'arn:aws:states:us-east-1:123456789012:stateMachine:Orders:7'],
  ['a state machine', 'arn:aws:states:us-east-1:123456789012:stateMachine:Orders'],
])("a trigger of %s elsewhere is allowed to start by the state machine's ARN", (_, arn) => {
  const other = new Stack(new App(), 'Other');
  const source = TriggerSource.schedule(scheduler.ScheduleExpression.rate(Duration.days(1)));
  new Trigger(other, 'Trigger', { stateMachine: sfn.StateMachine.fromStateMachineArn(other, 'Orders', arn), source });
  const otherTemplate = Template.fromStack(other);
  otherTemplate.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        {
          Effect: 'Allow',
          Action: 'states:StartExecution',
          Resource: 'arn:aws:states:us-east-1:123456789012:stateMachine:Orders',
        },
      ]),
    },
  });
  otherTemplate.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ STATE_MACHINE_ARN: arn }) },
  });
});

test("a trigger still sees what a released workflow's functions may write", () => {
  const other = new Stack(new App(), 'Other');
  const { price: writer, observed: released } = workflow(other, Release.allAtOnce());
  const bucket = new s3.Bucket(other, 'Bucket');
  bucket.grantPut(writer.role);
  new Trigger(other, 'Trigger', { stateMachine: released.stateMachine, source: TriggerSource.objectCreated(bucket) });
  expect(() => Template.fromStack(other)).toThrow(/runs would start runs for ever: Other\/Price\/Role may write/);
});

test('a whole workflow is released with the functions of its blocks, those in a Distributed Map too', async () => {
  const other = new Stack(new App(), 'Other');
  const work = new HandlerFunction(other, 'Work', { code: priceCode });
  new BulkProcess(other, 'Bulk', {
    source: BulkSource.array('{% $states.input.items %}'),
    work: BulkWork.invoke(work.alias),
    release: Release.canary({ percent: 10, interval: Duration.minutes(5), failedThreshold: 1 }),
  });
  expect(nagFindings(other)).toEqual([]);
  const machines = JSON.stringify(Template.fromStack(other).findResources('AWS::StepFunctions::StateMachine'));
  expect(machines).toContain('WorkFunctionCurrentVersion');
  expect(machines).not.toMatch(/"Ref":"\w*Live/);
  const cloud = await LocalCloud.fromStack(other);
  cloud.function('Other/Work').replaceWith(() => ({}));
  const run = await cloud.stateMachine('Bulk').start({ items: [{ id: 1 }, { id: 2 }] }, { qualifier: 'live' });
  await cloud.clock.advance(Duration.minutes(10));
  expect(run.status).toBe('SUCCEEDED');
  expect(cloud.access.denied).toEqual([]);
  await cloud.dispose();
});

describe('functions of others', () => {
  const other = new Stack(new App(), 'Other');
  const theirs = (id: string) =>
    new lambda.Function(other, id, { code: priceCode, runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler' });

  test('a version is kept, and all of its function may be called', () => {
    const { node } = new ObservedStateMachine(other, 'Published', {
      definition: call(other, 'CallPublished', theirs('Published0').currentVersion),
      release: Release.allAtOnce(),
    });
    expect(node.metadata).toEqual([]);
    const theirTemplate = Template.fromStack(other);
    theirTemplate.hasResource('AWS::Lambda::Version', { DeletionPolicy: 'Retain' });
    theirTemplate.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('Published0'), 'Arn'] }, ':*']] },
          },
        ],
      },
    });
  });

  test('one that is not published is warned of', () => {
    const { node } = new ObservedStateMachine(other, 'Latest', {
      definition: call(other, 'CallLatest', theirs('Latest0')),
      release: Release.allAtOnce(),
    });
    expect(node.metadata.map(({ data }) => data)).toEqual([
      expect.stringMatching(/^runs under way will go over to new code of Other\/Latest0: call a published version of it/),
    ]);
  });
});

test.each<[string, () => Release, RegExp]>([
  [
    'no share',
    () => Release.canary({ percent: 0, interval: Duration.minutes(5), failedThreshold: 1 }),
    /percent is 0: give a whole number from 1 to 99/,
  ],
  ['all of it', () => Release.linear({ percent: 100, interval: Duration.minutes(5), failedThreshold: 1 }), /percent is 100/],
  [
    'seconds',
    () => Release.canary({ percent: 5, interval: Duration.seconds(90), failedThreshold: 1 }),
    /interval is 1 minute 30 seconds: give whole minutes from 1 to 2100/,
  ],
  ['too long', () => Release.linear({ percent: 5, interval: Duration.days(2), failedThreshold: 1 }), /interval is 2 days/],
  [
    'nothing that watches',
    () => Release.canary({ percent: 5, interval: Duration.minutes(5) }),
    /nothing would send it back: give a failedThreshold or alarms/,
  ],
  ['a threshold of none', () => Release.allAtOnce({ failedThreshold: 0 }), /failedThreshold is 0: give a whole number from 1/],
  ['too many alarms', () => Release.allAtOnce({ alarms: Array(99).fill(dropped) }), /alarms has 99: give 98 at most/],
])('refuses %s', (_, make, message) => {
  expect(make).toThrow(message);
});
