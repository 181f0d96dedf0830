import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  Duration,
  aws_ec2 as ec2,
  aws_ecs as ecs,
  aws_glue as glue,
  aws_iam as iam,
  aws_lambda as lambda,
  Stack,
  aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HandlerFunction, type IJob, Job, JobError, ObservedStateMachine } from '../../../../lib';
import { type Assembly, JobFailure, type Json, LocalCloud } from '../../../../local';
import { loadAssembly } from '../../../../local/assembly';
import { synthesized } from '../../../../local/synthesized';
import { nagFindings } from '../../../support/nag';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

// Stood in for by the tests.
const CODE = mkdtempSync(join(tmpdir(), 'stepworks-job-'));
writeFileSync(join(CODE, 'index.js'), 'exports.handler = async () => 1');
afterAll(() => rmSync(CODE, { recursive: true, force: true }));

const TIMEOUT = Duration.minutes(30);

class JobsStack extends Stack {
  constructor() {
    super(new App(), 'Jobs');
    const role = (id: string, service: string) => new iam.Role(this, id, { assumedBy: new iam.ServicePrincipal(service) });
    const work = new HandlerFunction(this, 'Work', { code: lambda.Code.fromAsset(CODE) });
    const clean = new glue.CfnJob(this, 'Clean', {
      role: role('GlueRole', 'glue.amazonaws.com').roleArn,
      command: { name: 'pythonshell', scriptLocation: 's3://scripts/clean.py' },
      defaultArguments: { '--mode': 'full' },
    });
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'own', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    const definition = new ecs.FargateTaskDefinition(this, 'Render', { family: 'render' });
    definition.addContainer('main', {
      image: ecs.ContainerImage.fromRegistry('public/render:1'),
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'r' }),
    });
    const container = Job.ecs({
      cluster: new ecs.Cluster(this, 'Cluster', { vpc }),
      taskDefinition: definition,
      timeout: TIMEOUT,
      containerName: 'main',
      command: ['render', '{% $states.input.day %}'],
      environment: { DAY: '{% $states.input.day %}' },
    });
    this.machine('Invoke', Job.invoke(work.alias, { timeout: Duration.seconds(20), payload: '{% { "day": $states.input.day } %}' }));
    this.machine('Glue', Job.glue(clean, { timeout: TIMEOUT, arguments: { '--day': '{% $states.input.day %}' } }));
    this.machine('Ecs', container);
    // The same job a second time, with steps for what fails.
    const onFailed = sfn.Pass.jsonata(this, 'Noted');
    this.machine('Noting', Job.glue(clean, { timeout: TIMEOUT }), onFailed);
  }

  private machine(id: string, job: IJob, onFailed?: sfn.IChainable): void {
    new ObservedStateMachine(this, id, { definition: job.step(this, `${id}Step`, { onFailed }).next(sfn.Pass.jsonata(this, `${id}Done`)) });
  }
}

const stack = new JobsStack();
const template = Template.fromStack(stack);
let assembly: Assembly;
beforeAll(async () => {
  assembly = await loadAssembly(synthesized(stack).directory);
});

let cloud: LocalCloud;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly, { warm });
});
afterEach(() => cloud.dispose());

async function run(machine: string): Promise<{ status: string; output?: Json; error?: string; cause?: string }> {
  const started = await cloud.stateMachine(machine).start({ day: '2026-01-05', other: [1] });
  await started.finished();
  await cloud.clock.settle();
  const { status, output, error, cause } = started;
  return { status, output, error, cause };
}

const states = (machine: string) => {
  const [id] = Object.keys(template.findResources('AWS::StepFunctions::StateMachine')).filter((name) => name.startsWith(machine));
  const parts = template.toJSON().Resources[id].Properties.DefinitionString['Fn::Join'][1];
  return JSON.parse(parts.map((part: unknown) => (typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', "'"))).join(''))
    .States;
};
const statements = (machine: string) =>
  Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref.startsWith(`${machine}Role`)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Resource }) => Resource !== '*');
const arn = (service: string, ...rest: unknown[]) => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${service}:`, { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ...rest]],
});

/** The family out of a definition's ARN. */
const familyOf = (definition: string) => ({
  'Fn::Select': [0, { 'Fn::Split': [':', { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: definition }] }] }] }],
});

describe('what a state machine may do', () => {
  test('for a Glue job: this job only', () => {
    expect(statements('Glue')).toEqual([
      {
        Action: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
        Effect: 'Allow',
        Resource: arn('glue', ':job/', { Ref: 'Clean' }),
      },
    ]);
  });

  test('for an ECS task: this family, tasks of this cluster, its roles for ECS only, and the rule that tells of the end', () => {
    const [cluster] = Object.keys(template.findResources('AWS::ECS::Cluster'));
    const [taskRole] = Object.keys(template.findResources('AWS::IAM::Role')).filter((id) => id.startsWith('RenderTaskRole'));
    const [executionRole] = Object.keys(template.findResources('AWS::IAM::Role')).filter((id) => id.startsWith('RenderExecutionRole'));
    const [definition] = Object.keys(template.findResources('AWS::ECS::TaskDefinition'));
    expect(statements('Ecs')).toEqual([
      {
        Action: 'ecs:RunTask',
        Effect: 'Allow',
        Resource: arn('ecs', ':task-definition/', familyOf(definition), ':*'),
        Condition: { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': [cluster, 'Arn'] } } },
      },
      { Action: ['ecs:StopTask', 'ecs:DescribeTasks'], Effect: 'Allow', Resource: arn('ecs', ':task/', { Ref: cluster }, '/*') },
      {
        Action: 'iam:PassRole',
        Effect: 'Allow',
        Resource: [{ 'Fn::GetAtt': [taskRole, 'Arn'] }, { 'Fn::GetAtt': [executionRole, 'Arn'] }],
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      {
        Action: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
        Effect: 'Allow',
        Resource: arn('events', ':rule/StepFunctionsGetEventsForECSTaskRule'),
      },
    ]);
  });

  test('for a function: this function only', () => {
    expect(statements('Invoke').map(({ Action }) => Action)).toEqual(['lambda:InvokeFunction']);
  });
});

test.each([
  ['Invoke', 20],
  ['Glue', 40 * 60],
  ['Ecs', 30 * 60],
])('%s: one state with a limit, retries with jitter, and a Catch of everything', (machine, seconds) => {
  const { [`${machine}Step`]: state, [`${machine}StepFailed`]: failed, ...others } = states(machine);
  expect(state).toMatchObject({
    Type: 'Task',
    TimeoutSeconds: seconds,
    Catch: [{ ErrorEquals: ['States.ALL'], Next: `${machine}StepFailed` }],
  });
  expect(failed.Type).toBe('Fail');
  expect(Object.keys(others)).toEqual([`${machine}Done`]);
  for (const retry of state.Retry) {
    expect(retry).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: expect.any(Number), MaxAttempts: expect.any(Number) });
    expect(retry.ErrorEquals).not.toContain('States.TaskFailed');
    expect(retry.ErrorEquals).not.toContain('States.ALL');
  }
});

describe('Glue', () => {
  test('runs with the arguments, and the outcome stands beside the input', async () => {
    const seen: unknown[] = [];
    cloud.job('glue', 'Clean', async (args, job) => {
      seen.push(args);
      await job.sleep(Duration.minutes(5));
    });
    expect(await run('Glue')).toMatchObject({
      status: 'SUCCEEDED',
      output: { day: '2026-01-05', other: [1], job: { status: 'SUCCEEDED', run: expect.stringMatching(/^jr_/), seconds: 300 } },
    });
    expect(seen).toEqual([{ '--mode': 'full', '--day': '2026-01-05' }]);
    expect(cloud.access.denied).toEqual([]);
  });

  test.each<[string, string, RegExp, (job: { sleep(time: number): Promise<void> }) => unknown]>([
    [
      'a run that fails, whatever its message',
      JobError.FAILED,
      /^line 7: "Zoë's"\\ broken\n$/,
      () => {
        throw new Error('line 7: "Zoë\'s"\\ broken\n');
      },
    ],
    ['a run into its own time limit', JobError.TIMED_OUT, /TIMEOUT/, (job) => job.sleep(Number.POSITIVE_INFINITY)],
  ])('%s ends in %s', async (_, error, cause, work) => {
    cloud.job('glue', 'Clean', (_args, job) => work(job));
    expect(await run('Glue')).toMatchObject({ status: 'FAILED', error, cause: expect.stringMatching(cause) });
  });

  test('a run that waits for its resources for ever times out in the state', async () => {
    cloud.job('glue', 'Clean', () => {}, { startAfter: Duration.days(1) });
    expect(await run('Glue')).toMatchObject({ status: 'FAILED', error: JobError.TIMED_OUT, cause: 'it had not ended after 2400 seconds' });
  });

  test('a run that somebody stops ends in JobStopped', async () => {
    cloud.job('glue', 'Clean', (_args, job) => job.sleep(Number.POSITIVE_INFINITY));
    const started = await cloud.stateMachine('Glue').start({ day: '2026-01-05' });
    await cloud.clock.advance(Duration.minutes(1));
    const JobName = cloud.find('AWS::Glue::Job', 'Clean').ref;
    const { JobRuns } = await cloud.operate<{ JobRuns: { Id: string }[] }>('glue', 'GetJobRuns', { JobName });
    await cloud.operate('glue', 'BatchStopJobRun', { JobName, JobRunIds: [JobRuns[0].Id] });
    await started.finished();
    expect(started).toMatchObject({ status: 'FAILED', error: JobError.STOPPED, cause: expect.stringMatching(/STOPPED/) });
  });

  test('a throttled start and a job that is busy are tried again', async () => {
    cloud.job('glue', 'Clean', () => {});
    cloud.fail('glue:StartJobRun', { error: 'ThrottlingException', times: 2 });
    expect(await run('Glue')).toMatchObject({ status: 'SUCCEEDED', error: undefined, cause: undefined });
    cloud.fail('glue:StartJobRun', { error: 'ConcurrentRunsExceededException', times: 6 });
    expect(await run('Glue')).toMatchObject({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  });

  test('a start that is refused ends in JobFailed, with the reason', async () => {
    cloud.job('glue', 'Clean', () => {});
    cloud.fail('glue:StartJobRun', { error: 'EntityNotFoundException', message: 'no such job' });
    expect(await run('Glue')).toMatchObject({
      error: JobError.FAILED,
      cause: expect.stringMatching(/^Glue\.EntityNotFoundException: no such job/),
    });
  });

  test('when the execution is stopped, so is the job', async () => {
    let told = false;
    cloud.job('glue', 'Clean', async (_args, job) => {
      await job.sleep(Number.POSITIVE_INFINITY).catch(() => {
        told = true;
      });
    });
    const started = await cloud.stateMachine('Glue').start({ day: 'x' });
    await cloud.clock.advance(Duration.minutes(1));
    await started.stop();
    await cloud.clock.settle();
    expect(told).toBe(true);
    expect(cloud.access.denied).toEqual([]);
  });

  test('onFailed gets the input with the outcome', async () => {
    cloud.job('glue', 'Clean', () => {
      throw new Error('no');
    });
    expect(await run('Noting')).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        day: '2026-01-05',
        other: [1],
        job: { status: 'FAILED', error: JobError.FAILED, reason: 'no', run: expect.stringMatching(/^jr_/) },
      },
    });
  });
});

describe('ECS', () => {
  test('runs with command and environment', async () => {
    const seen: unknown[] = [];
    cloud.job('ecs', 'Render', (args) => void seen.push(args.command, args.environment));
    expect(await run('Ecs')).toMatchObject({
      status: 'SUCCEEDED',
      output: { other: [1], job: { status: 'SUCCEEDED', run: expect.stringMatching(/:task\//) } },
    });
    expect(seen).toEqual([['render', '2026-01-05'], { DAY: '2026-01-05' }]);
    expect(cloud.access.denied).toEqual([]);
    expect(
      cloud.access
        .unused()
        .filter(({ role }) => role === 'Jobs/Ecs/Role')
        .flatMap(({ actions }) => actions),
    ).toEqual(['ecs:StopTask']);
  });

  test('a container that fails: the exit code is in the cause', async () => {
    cloud.job('ecs', 'Render', () => {
      throw new JobFailure('out of ink', { exitCode: 42 });
    });
    expect(await run('Ecs')).toMatchObject({ error: JobError.FAILED, cause: 'Essential container in task exited, exit code 42' });
  });

  test('a task that takes too long is stopped', async () => {
    cloud.job('ecs', 'Render', (_args, job) => job.sleep(Number.POSITIVE_INFINITY));
    expect(await run('Ecs')).toMatchObject({ error: JobError.TIMED_OUT, cause: 'it had not ended after 1800 seconds' });
    expect(cloud.calls.some(({ operation }) => operation === 'StopTask')).toBe(true);
    expect(cloud.access.denied).toEqual([]);
  });
});

describe('a function', () => {
  test('gets the payload; its answer is the output', async () => {
    cloud.function('Work').replaceWith(async (event) => ({ got: event as Json }));
    expect(await run('Invoke')).toMatchObject({
      output: { day: '2026-01-05', other: [1], job: { status: 'SUCCEEDED', output: { got: { day: '2026-01-05' } } } },
    });
  });

  test('that throws: its error and message are in the cause', async () => {
    cloud.function('Work').replaceWith(async () => {
      throw new RangeError('no "such" day');
    });
    expect(await run('Invoke')).toMatchObject({ error: JobError.FAILED, cause: 'RangeError: no "such" day' });
  });

  test('that is throttled is called again', async () => {
    cloud.function('Work').replaceWith(async () => 1);
    cloud.fail('lambda:Invoke', { error: 'TooManyRequestsException', times: 3 });
    expect(await run('Invoke')).toMatchObject({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  });
});

test('nothing that cdk-nag finds is left but what the user of the jobs brought', () => {
  const own = nagFindings(stack).filter((finding) => /Step|Invoke|Glue[^R]|Ecs/.test(finding.split(': ')[1]));
  expect(own.filter((finding) => !/^AwsSolutions-IAM5/.test(finding))).toEqual([]);
});

test('bad properties are named', () => {
  const own = new Stack(new App(), 'Own');
  const job = new glue.CfnJob(own, 'Job', { role: 'r', command: {} });
  const cluster = ecs.Cluster.fromClusterAttributes(own, 'Cluster', {
    clusterName: 'c',
    vpc: ec2.Vpc.fromVpcAttributes(own, 'Vpc', { vpcId: 'v', availabilityZones: ['a'] }),
  });
  const taskDefinition = ecs.FargateTaskDefinition.fromFargateTaskDefinitionArn(
    own,
    'Definition',
    'arn:aws:ecs:us-east-1:123456789012:task-definition/a:1',
  );
  expect(() => Job.glue(job, { timeout: Duration.seconds(90) })).toThrow(/1 minute 30 seconds: give whole minutes/);
  expect(() => Job.glue(job, { timeout: Duration.days(8) })).toThrow(/whole minutes, from 1 to 10080/);
  expect(() => Job.glue(job, { timeout: TIMEOUT, arguments: { day: '1' } })).toThrow(/arguments day would not reach the script/);
  expect(() => Job.ecs({ cluster, taskDefinition, timeout: TIMEOUT, command: ['x'] })).toThrow(/say which with containerName/);
  expect(() => Job.glue(job, { timeout: TIMEOUT }).step(own, 'Run', { outcomeField: 'a-b' })).toThrow(/outcomeField 'a-b'.*no field name/);
});
