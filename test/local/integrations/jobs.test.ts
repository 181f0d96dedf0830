/** Workflows of CDK's own tasks that run jobs, from the synthesized stack, under the roles that it gives them. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type JobContext, JobFailure, LocalCloud } from '../../../local';
import { loadAssembly } from '../../../local/assembly';
import type { Assembly } from '../../../local/assembly/types';
import { LocalDriver } from '../../../local/scenario/local-driver';
import { synthesized } from '../../../local/synthesized';
import { JobStack, type JobStackProps } from './job-stack';

const START = Date.parse('2026-01-05T09:00:00.000Z');
const MINUTE = 60_000;
const INPUT = { date: '2026-01-05', kind: 'weekly', runs: '500', stage: 'prod' };

const assemblies = new Map<string, Promise<Assembly>>();
const clouds: LocalCloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.dispose();
});

/** The stack is synthesized once for each set of props. */
async function cloudOf(props: JobStackProps = {}): Promise<LocalCloud> {
  const key = JSON.stringify(props);
  const assembly = assemblies.get(key) ?? loadAssembly(synthesized(new JobStack(props)).directory);
  assemblies.set(key, assembly);
  const cloud = await LocalCloud.deploy(await assembly);
  clouds.push(cloud);
  return cloud;
}

const JOBS = {
  Glue: ['glue', 'ProcessSales'],
  Ecs: ['ecs', 'Report'],
  Batch: ['batch', 'Simulate'],
  CodeBuild: ['codebuild', 'Build'],
} as const;
type Machine = keyof typeof JOBS;

// biome-ignore lint/suspicious/noExplicitAny: each service has arguments of its own
function supply(cloud: LocalCloud, machine: Machine, run: (args: any, job: JobContext) => unknown): void {
  const [service, job] = JOBS[machine];
  cloud.job(service, job, run);
}

async function play(cloud: LocalCloud, machine: Machine) {
  const run = await cloud.stateMachine(machine).start(INPUT);
  await run.finished();
  await cloud.clock.settle();
  return run;
}

const eventsOf = (cloud: LocalCloud) =>
  cloud
    .queue('Events')
    .messages()
    .map(({ body }) => JSON.parse(body));
const unusedBy = (cloud: LocalCloud, machine: Machine) =>
  cloud.access
    .unused()
    .filter(({ role }) => role === `Jobs/${machine}/Role`)
    .flatMap(({ actions }) => actions);
const usedBy = (cloud: LocalCloud, machine: Machine) =>
  cloud.access
    .used()
    .filter(({ role }) => role === `Jobs/${machine}/Role`)
    .map(({ action }) => action);

describe('a job that succeeds', () => {
  test('Glue: GetJobRun is the output, default arguments and those of the run reach the job', async () => {
    const cloud = await cloudOf();
    const seen: unknown[] = [];
    supply(cloud, 'Glue', async (args, job) => {
      seen.push(args, job.roleArn);
      await job.sleep(5 * MINUTE);
    });
    const run = await play(cloud, 'Glue');
    expect(seen).toEqual([{ '--mode': 'full', '--date': '2026-01-05' }, cloud.find('AWS::IAM::Role', 'GlueRole').attributes.Arn]);
    expect(run.output).toEqual({
      AllocatedCapacity: 2,
      Arguments: { '--date': '2026-01-05' },
      Attempt: 0,
      CompletedOn: START + 5 * MINUTE,
      ExecutionClass: 'STANDARD',
      ExecutionTime: 300,
      GlueVersion: '4.0',
      Id: expect.stringMatching(/^jr_[0-9a-f]{64}$/),
      JobName: 'process-sales',
      JobRunState: 'SUCCEEDED',
      LastModifiedOn: START + 5 * MINUTE,
      LogGroupName: '/aws-glue/jobs',
      MaxCapacity: 2,
      NumberOfWorkers: 2,
      PredecessorRuns: [],
      StartedOn: START,
      Timeout: 2880,
      WorkerType: 'G.1X',
    });
    const submitted = run.history.find(({ type }) => type === 'TaskSubmitted')?.taskSubmittedEventDetails;
    expect(JSON.parse(submitted.output)).toMatchObject({ JobName: 'process-sales', JobRunId: expect.stringMatching(/^jr_/) });
    expect(eventsOf(cloud)).toEqual([
      expect.objectContaining({ 'detail-type': 'Glue Job State Change', detail: expect.objectContaining({ state: 'SUCCEEDED' }) }),
    ]);
    expect(cloud.access.denied).toEqual([]);
    expect(usedBy(cloud, 'Glue')).toEqual(['glue:StartJobRun', 'glue:GetJobRun']);
    expect(unusedBy(cloud, 'Glue')).toEqual(['glue:GetJobRuns', 'glue:BatchStopJobRun']);
  });

  test('ECS: DescribeTasks is the output; the container sees command and environment, the machine passes both roles', async () => {
    const cloud = await cloudOf();
    const seen: unknown[] = [];
    supply(cloud, 'Ecs', async (args, job) => {
      seen.push(args);
      await job.sleep(MINUTE);
    });
    const run = await play(cloud, 'Ecs');
    const main = { command: ['make'], environment: { LANG: 'en', KIND: 'weekly' } };
    expect(seen).toEqual([{ ...main, containers: { main } }]);
    expect(run.output).toMatchObject({
      Attachments: [{ Type: 'eni', Status: 'DELETED', Details: [{ Name: 'subnetId', Value: expect.stringMatching(/^subnet-/) }] }],
      ClusterArn: cloud.find('AWS::ECS::Cluster', 'Cluster').attributes.Arn,
      Containers: [{ Name: 'main', ExitCode: 0, LastStatus: 'STOPPED', Image: 'public/report:1' }],
      CreatedAt: START,
      DesiredStatus: 'STOPPED',
      Group: 'family:report',
      LastStatus: 'STOPPED',
      LaunchType: 'FARGATE',
      StartedBy: 'AWS Step Functions',
      StartedAt: START,
      StopCode: 'EssentialContainerExited',
      StoppedAt: START + MINUTE,
      StoppedReason: 'Essential container in task exited',
      TaskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/report:1',
      Version: 5,
    });
    expect(eventsOf(cloud).map(({ detail }) => detail.lastStatus)).toEqual([
      'PROVISIONING',
      'PENDING',
      'RUNNING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    expect(cloud.access.denied).toEqual([]);
    const managedRule = ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'];
    expect(usedBy(cloud, 'Ecs')).toEqual([...managedRule, 'ecs:RunTask', 'iam:PassRole', 'iam:PassRole', 'ecs:DescribeTasks']);
    expect(unusedBy(cloud, 'Ecs')).toEqual(['ecs:StopTask']);
  });

  test('Batch: the job is the output, though CDK lets the role not describe it', async () => {
    const cloud = await cloudOf();
    const seen: { command: string[]; environment: Record<string, string> }[] = [];
    supply(cloud, 'Batch', async (args, job) => {
      seen.push(args);
      await job.sleep(MINUTE);
    });
    const run = await play(cloud, 'Batch');
    expect(seen[0].command).toEqual(['run', '500']);
    expect(seen[0].environment).toMatchObject({ SEED: '1', MANAGED_BY_AWS: 'STARTED_BY_STEP_FUNCTIONS', AWS_BATCH_JOB_ATTEMPT: '1' });
    expect(run.output).toMatchObject({
      Attempts: [
        { StartedAt: START, StoppedAt: START + MINUTE, Container: { ExitCode: 0 }, StatusReason: 'Essential container in task exited' },
      ],
      Container: { ExitCode: 0, Image: 'public/simulate:1', Command: ['run', 'Ref::runs'] },
      CreatedAt: START,
      JobDefinition: 'arn:aws:batch:us-east-1:123456789012:job-definition/simulate:1',
      JobName: 'simulation',
      Parameters: { runs: '500' },
      Status: 'SUCCEEDED',
      StoppedAt: START + MINUTE,
    });
    expect(eventsOf(cloud).map(({ detail }) => detail.status)).toEqual(['RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED']);
    expect(cloud.access.denied).toEqual([]);
    expect(unusedBy(cloud, 'Batch')).toEqual([]);
  });

  test('CodeBuild: the output is the Build, with the variables that it exported', async () => {
    const cloud = await cloudOf();
    supply(cloud, 'CodeBuild', async ({ environment }, job) => {
      await job.sleep(2 * MINUTE);
      return { VERSION: `1.2-${environment.STAGE}`, COUNT: 3 };
    });
    const run = await play(cloud, 'CodeBuild');
    expect(run.output).toEqual({
      Build: expect.objectContaining({
        BuildComplete: true,
        BuildNumber: 1,
        BuildStatus: 'SUCCEEDED',
        CurrentPhase: 'COMPLETED',
        EndTime: START + 2 * MINUTE,
        ExportedEnvironmentVariables: [{ Name: 'VERSION', Value: '1.2-prod' }],
        Id: expect.stringMatching(/^build-it:[0-9a-f-]{36}$/),
        ProjectName: 'build-it',
        StartTime: START,
      }),
    });
    expect(eventsOf(cloud).map(({ detail }) => detail['build-status'])).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(cloud.access.denied).toEqual([]);
    expect(unusedBy(cloud, 'CodeBuild')).toEqual(['codebuild:StopBuild', 'codebuild:BatchGetReports']);
  });
});

describe('a job that fails is States.TaskFailed with its description', () => {
  test.each<[Machine, object]>([
    ['Glue', { JobRunState: 'FAILED', ErrorMessage: 'no such column' }],
    ['Ecs', { StopCode: 'EssentialContainerExited', Containers: [{ ExitCode: 3 }] }],
    ['Batch', { Status: 'FAILED', Container: { ExitCode: 3 }, StatusReason: 'Essential container in task exited' }],
    ['CodeBuild', { Build: { BuildStatus: 'FAILED' } }],
  ])('%s', async (machine, cause) => {
    const cloud = await cloudOf();
    supply(cloud, machine, () => {
      throw new JobFailure('no such column', { exitCode: 3 });
    });
    const run = await play(cloud, machine);
    expect([run.status, run.error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(JSON.parse(run.cause ?? '')).toMatchObject(cause);
    expect(cloud.jobLogs.map(({ service, line }) => [service, line.split('\n')[0]])).toEqual([
      [JOBS[machine][0], 'JobFailure: no such column'],
    ]);
  });

  test('Batch tries again as its retry strategy says', async () => {
    const cloud = await cloudOf({ batchAttempts: 3 });
    const attempts: number[] = [];
    supply(cloud, 'Batch', async (_args, job) => {
      attempts.push(job.attempt);
      if (job.attempt === 1) throw new Error('lost');
      throw new JobFailure('gone', { reason: 'CannotPullContainerError: no such image' });
    });
    const run = await play(cloud, 'Batch');
    expect(attempts).toEqual([1, 2]);
    expect(JSON.parse(run.cause ?? '').Attempts).toHaveLength(2);
  });
});

describe('a job that lasts too long', () => {
  const forever = (_args: unknown, job: JobContext) => job.sleep(Infinity);

  test.each<[Machine, object, number]>([
    ['Glue', { JobRunState: 'TIMEOUT', Timeout: 10 }, 10],
    [
      'Batch',
      { Status: 'FAILED', StatusReason: 'Job attempt duration exceeded timeout', Attempts: [{ Container: { ExitCode: 143 } }] },
      10,
    ],
    ['CodeBuild', { Build: { BuildStatus: 'TIMED_OUT' } }, 10],
  ])("%s: the service's own limit", async (machine, cause, minutes) => {
    const cloud = await cloudOf({ jobTimeout: Duration.minutes(10), batchAttempts: 2 });
    supply(cloud, machine, forever);
    const run = await play(cloud, machine);
    expect(run.error).toBe('States.TaskFailed');
    expect(JSON.parse(run.cause ?? '')).toMatchObject(cause);
    expect(cloud.clock.now()).toBe(START + minutes * MINUTE);
  });

  test.each<[Machine, string, string]>([
    ['Ecs', 'StopTask', 'ecs:StopTask'],
    ['CodeBuild', 'StopBuild', 'codebuild:StopBuild'],
  ])('%s: TimeoutSeconds of the state stops it', async (machine, operation, action) => {
    const cloud = await cloudOf({ taskTimeout: Duration.minutes(3) });
    const ends: unknown[] = [];
    supply(cloud, machine, (args, job) => {
      job.signal.addEventListener('abort', () => ends.push([job.now(), (job.signal.reason as Error).message]));
      return forever(args, job);
    });
    const run = await play(cloud, machine);
    expect(run.error).toBe('States.Timeout');
    expect(ends).toEqual([[START + 3 * MINUTE, 'the job was stopped']]);
    expect(cloud.calls.filter((call) => call.operation === operation)).toHaveLength(1);
    expect(usedBy(cloud, machine)).toContain(action);
    expect(cloud.access.denied).toEqual([]);
  });

  test.each([
    ['heeds SIGTERM may clear up', 10, 0, 10],
    ['does not is killed after its stop timeout', 300, 137, 30],
  ])('a container that %s', async (_what, clearsUpFor, exitCode, stopsAfter) => {
    const cloud = await cloudOf();
    supply(cloud, 'Ecs', async (args, job) => {
      await forever(args, job).catch(() => job.sleep(clearsUpFor * 1000));
    });
    const run = await cloud.stateMachine('Ecs').start(INPUT);
    await cloud.clock.advance(MINUTE);
    await run.stop();
    expect(eventsOf(cloud).at(-1).detail.lastStatus).toBe('RUNNING');
    await cloud.clock.advance(MINUTE);
    const { detail } = eventsOf(cloud).at(-1);
    expect(detail).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: 'Stopped by AWS Step Functions',
      containers: [{ exitCode }],
      stoppedAt: new Date(START + MINUTE + stopsAfter * 1000).toISOString(),
    });
  });
});

describe('an execution that is stopped', () => {
  test.each<[Machine, (detail: Record<string, string>) => string, string]>([
    ['Glue', ({ state }) => state, 'STOPPED'],
    ['Ecs', ({ stopCode }) => stopCode, 'UserInitiated'],
    ['CodeBuild', (detail) => detail['build-status'], 'STOPPED'],
  ])('stops its job: %s', async (machine, tell, told) => {
    const cloud = await cloudOf();
    supply(cloud, machine, (_args, job) => job.sleep(Infinity));
    const run = await cloud.stateMachine(machine).start(INPUT);
    await cloud.clock.advance(MINUTE);
    await run.stop();
    await cloud.clock.advance(MINUTE);
    expect(run.status).toBe('ABORTED');
    expect(tell(eventsOf(cloud).at(-1).detail)).toBe(told);
    expect(cloud.access.denied).toEqual([]);
  });

  test('may not stop a Batch job: CDK grants no TerminateJob, and that is told', async () => {
    const cloud = await cloudOf();
    supply(cloud, 'Batch', (_args, job) => job.sleep(10 * MINUTE));
    const run = await cloud.stateMachine('Batch').start(INPUT);
    await cloud.clock.advance(MINUTE);
    await run.stop();
    await cloud.clock.advance(20 * MINUTE);
    expect(eventsOf(cloud).at(-1).detail).toMatchObject({ status: 'SUCCEEDED', stoppedAt: START + 10 * MINUTE });
    expect(cloud.access.denied).toMatchObject([
      { role: 'Jobs/Batch/Role', action: 'batch:TerminateJob', resource: expect.stringContaining(':job/') },
    ]);
  });
});

describe('permissions', () => {
  const TASK_ROLE = 'Jobs/Report/TaskRole';

  test('a role that may not be passed is named', async () => {
    const cloud = await cloudOf();
    supply(cloud, 'Ecs', () => {});
    const taskRole = cloud.find('AWS::IAM::Role', TASK_ROLE).attributes.Arn as string;
    cloud.access.takeAway({ role: 'Jobs/Ecs/Role', action: 'iam:PassRole', resource: taskRole });
    const run = await play(cloud, 'Ecs');
    expect(run.error).toBe('ECS.AccessDeniedException');
    expect(run.cause).toContain(`is not authorized to perform: iam:PassRole on resource: ${taskRole}`);
    expect(run.cause).toContain('(Service: AmazonECS; Status Code: ');
    expect(cloud.access.denied).toMatchObject([{ role: 'Jobs/Ecs/Role', action: 'iam:PassRole', resource: taskRole }]);
  });

  test.each<[Machine, string, string, string]>([
    ['Glue', 'glue:StartJobRun', 'arn:aws:glue:us-east-1:123456789012:job/process-sales', 'Glue.AccessDeniedException'],
    ['Glue', 'glue:GetJobRun', 'arn:aws:glue:us-east-1:123456789012:job/process-sales', 'Glue.AccessDeniedException'],
    ['Batch', 'batch:SubmitJob', 'arn:aws:batch:us-east-1:123456789012:job-definition/simulate:1', 'Batch.AWSBatchException'],
    ['CodeBuild', 'codebuild:StartBuild', 'arn:aws:codebuild:us-east-1:123456789012:project/build-it', 'CodeBuild.AWSCodeBuildException'],
  ])('%s without %s', async (machine, action, resource, error) => {
    const cloud = await cloudOf();
    supply(cloud, machine, () => {});
    cloud.access.takeAway({ role: `Jobs/${machine}/Role`, action, resource });
    const run = await play(cloud, machine);
    expect(run.error).toBe(error);
    expect(run.cause).toContain(`is not authorized to perform: ${action} on resource: ${resource}`);
  });

  test.each([
    ['ecs:runTask.sync', 'StepFunctionsGetEventsForECSTaskRule'],
    ['batch:submitJob.sync', 'StepFunctionsGetEventsForBatchJobsRule'],
    ['codebuild:startBuild.sync', 'StepFunctionsGetEventForCodeBuildStartBuildRule'],
  ])('%s needs the rule that tells of the end', async (task, rule) => {
    const cloud = await cloudOf();
    const Parameters = { TaskDefinition: 't' };
    const definition = { StartAt: 'T', States: { T: { Type: 'Task', Resource: `arn:aws:states:::${task}`, Parameters, End: true } } };
    const roleArn = cloud.find('AWS::IAM::Role', 'GlueRole').attributes.Arn as string;
    await expect(
      cloud.operate('sfn', 'CreateStateMachine', { name: 'Poor', roleArn, definition: JSON.stringify(definition) }),
    ).rejects.toThrow(
      new RegExp(
        `^'${roleArn}' is not authorized to create managed-rule\\. .* events:PutRule on resource: arn:aws:events:us-east-1:123456789012:rule/${rule} `,
      ),
    );
  });

  test("a job's calls are made in its role's name, by job.call and by an SDK client", async () => {
    const cloud = await cloudOf();
    const [TableName, Bucket] = [cloud.find('AWS::DynamoDB::Table', 'Table').ref, cloud.find('AWS::S3::Bucket', 'Bucket').ref];
    supply(cloud, 'Glue', async (_args, job) => {
      await job.call('dynamodb', 'PutItem', { TableName, Item: { id: { S: 'a' } } });
      const s3 = new S3Client({ ...job.clientConfig, forcePathStyle: true });
      await s3.send(new PutObjectCommand({ Bucket, Key: 'report.csv', Body: 'a,b' }));
      s3.destroy();
      await job.call('dynamodb', 'Scan', { TableName });
    });
    const run = await play(cloud, 'Glue');
    expect(await cloud.table('Table').items()).toEqual([{ id: 'a' }]);
    expect(cloud.bucket('Bucket').text('report.csv')).toBe('a,b');
    expect(JSON.parse(run.cause ?? '').ErrorMessage).toContain('is not authorized to perform: dynamodb:Scan');
    expect(cloud.access.denied).toEqual([expect.objectContaining({ role: 'Jobs/GlueRole', action: 'dynamodb:Scan' })]);
    expect(cloud.clock.now()).toBe(START);
  });

  test("a Batch job's role is its container's", async () => {
    const cloud = await cloudOf();
    const roles: unknown[] = [];
    supply(cloud, 'Batch', (_args, job) => roles.push(job.roleArn));
    await play(cloud, 'Batch');
    expect(roles).toEqual([cloud.find('AWS::IAM::Role', 'BatchJobRole').attributes.Arn]);
  });
});

describe('the other patterns', () => {
  test.each<[Machine, string]>([
    ['Glue', 'JobRunId'],
    ['Ecs', 'Tasks'],
    ['Batch', 'JobId'],
    ['CodeBuild', 'Build'],
  ])('%s: request and response do not wait', async (machine, member) => {
    const cloud = await cloudOf({ pattern: sfn.IntegrationPattern.REQUEST_RESPONSE });
    supply(cloud, machine, (_args, job) => job.sleep(MINUTE));
    const run = await cloud.stateMachine(machine).start(INPUT);
    expect(run.status).toBe('SUCCEEDED');
    expect(run.output).toMatchObject({ [member]: expect.anything(), SdkHttpMetadata: { HttpStatusCode: 200 } });
    await cloud.clock.advance(MINUTE);
    expect(eventsOf(cloud).length).toBeGreaterThan(0);
  });

  test('ECS: a container answers with the token that it was given, and goes on', async () => {
    const cloud = await cloudOf({ ecsToken: true });
    const tokens: string[] = [];
    supply(cloud, 'Ecs', async ({ environment }, job) => {
      await job.sleep(MINUTE);
      tokens.push(environment.TOKEN);
      await job.sleep(MINUTE);
    });
    const run = await cloud.stateMachine('Ecs').start(INPUT);
    await cloud.clock.advance(MINUTE);
    await cloud.operate('sfn', 'SendTaskSuccess', { taskToken: tokens[0], output: '{"rows":7}' });
    expect(run.output).toEqual({ rows: 7 });
    await cloud.clock.advance(MINUTE);
    expect(eventsOf(cloud).at(-1).detail).toMatchObject({ lastStatus: 'STOPPED', containers: [{ exitCode: 0 }] });
  });
});

test('Glue runs as many at once as the job allows', async () => {
  const cloud = await cloudOf();
  supply(cloud, 'Glue', (_args, job) => job.sleep(MINUTE));
  const first = await cloud.stateMachine('Glue').start(INPUT);
  const second = await cloud.stateMachine('Glue').start(INPUT);
  expect([second.error, second.cause]).toEqual([
    'Glue.ConcurrentRunsExceededException',
    expect.stringMatching(
      /^Concurrent runs exceeded for process-sales \(Service: AWSGlue; Status Code: 400; Error Code: ConcurrentRunsExceeded/,
    ),
  ]);
  await first.finished();
  const third = await play(cloud, 'Glue');
  expect([first.status, third.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
});

describe('what runs in a job’s place', () => {
  test('is supplied by construct path, logical id or physical name', async () => {
    const cloud = await cloudOf();
    const by: string[] = [];
    for (const name of ['ProcessSales', 'Jobs/ProcessSales', 'process-sales']) {
      cloud.job('glue', name, () => by.push(name));
      await play(cloud, 'Glue');
    }
    expect(by).toEqual(['ProcessSales', 'Jobs/ProcessSales', 'process-sales']);
    expect(() => cloud.job('glue', 'Nobody', () => {})).toThrow(
      "no AWS::Glue::Job has the construct path or logical id 'Nobody'; there are: Jobs/ProcessSales",
    );
  });

  test('a scenario supplies it through its driver', async () => {
    const cloud = await cloudOf();
    const driver = new LocalDriver(cloud);
    expect(driver.capabilities.has('jobs')).toBe(true);
    await driver.job('codebuild', 'Jobs/Build', ({ environment }) => ({ OF: environment.STAGE }));
    const run = await driver.start('Jobs/CodeBuild', INPUT);
    await driver.finished(run);
    expect(run.output).toMatchObject({ Build: { ExportedEnvironmentVariables: [{ Name: 'OF', Value: 'prod' }] } });
  });

  test('is missed loudly', async () => {
    const cloud = await cloudOf();
    const run = await play(cloud, 'Ecs');
    expect(run.error).toBe('Stepworks.InternalError');
    expect(run.cause).toContain(
      "The ecs job report (Jobs/Report) was started, and nothing was supplied to run in its place: cloud.job('ecs', 'Jobs/Report', async (args, job) => { … }).",
    );
    expect(eventsOf(cloud)).toEqual([]);
  });

  test('asks for what the local runner has not: no job has failed then', async () => {
    const cloud = await cloudOf();
    supply(cloud, 'Glue', (_args, job) => job.call('dynamodb', 'RestoreTableToPointInTime', {}));
    const run = await play(cloud, 'Glue');
    expect(run.error).toBe('Stepworks.InternalError');
    expect(run.cause).toContain('Not served by the local runner (stepworks): dynamodb:RestoreTableToPointInTime');
  });

  test('takes no virtual time by working', async () => {
    const cloud = await cloudOf({ taskTimeout: Duration.minutes(3) });
    supply(cloud, 'Ecs', () => new Promise((resolve) => setTimeout(resolve, 50)));
    const run = await play(cloud, 'Ecs');
    expect([run.status, cloud.clock.now()]).toEqual(['SUCCEEDED', START]);
  });

  test('may wait for what the test brings', async () => {
    const cloud = await cloudOf();
    let bring: (value: string) => void = () => {};
    const brought = new Promise<string>((resolve) => {
      bring = resolve;
    });
    supply(cloud, 'Glue', async (_args, job) => job.log(await job.until(brought)));
    const run = await cloud.stateMachine('Glue').start(INPUT);
    await cloud.clock.advance(MINUTE);
    expect(run.status).toBe('RUNNING');
    bring('the file is there');
    await run.finished();
    expect(cloud.jobLogs.map(({ line }) => line)).toEqual(['the file is there']);
    expect(run.output).toMatchObject({ ExecutionTime: 60 });
  });
});
