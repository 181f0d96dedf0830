import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { createEcs } from '../../../../local/services/ecs';
import { Jobs } from '../../../../local/services/jobs';
import { JobFailure, type JobFunction, type JobOptions } from '../../../../local/services/jobs/types';
import { refusal, World } from '../world';

const MINUTE = 60_000;
const DEFINITION = 'arn:aws:ecs:us-east-1:123456789012:task-definition/report:1';

let world: World;
let jobs: Jobs;
let client: ECSClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    jobs = new Jobs(cloud, cloud.gateway.url);
    return [createEcs(cloud, jobs)];
  });
  client = new ECSClient(world.client());
  await world.create('AWS::ECS::Cluster', 'Cluster', { ClusterName: 'work' });
});
afterEach(() => {
  client.destroy();
  return world.gateway.close();
});

const define = (properties: Record<string, unknown> = {}) =>
  world.create('AWS::ECS::TaskDefinition', 'Report', {
    Family: 'report',
    NetworkMode: 'bridge',
    ContainerDefinitions: [
      { Name: 'proxy', Image: 'proxy', Essential: false },
      { Name: 'main', Image: 'report', Command: ['make'], Environment: [{ Name: 'LANG', Value: 'en' }], StopTimeout: 60 },
    ],
    ...properties,
  });
const supply = (run: JobFunction<'ecs'>, options: JobOptions = {}, ref = DEFINITION) => jobs.supply('ecs', ref, run, options);
const run = async (more = {}) => {
  const { tasks } = await client.send(new RunTaskCommand({ cluster: 'work', taskDefinition: 'report', ...more }));
  return tasks?.[0].taskArn as string;
};
const describeTask = async (task: string) => (await client.send(new DescribeTasksCommand({ cluster: 'work', tasks: [task] }))).tasks?.[0];

test('a task passes through its statuses, each an event', async () => {
  await define();
  supply((_args, job) => job.sleep(MINUTE), { startAfter: MINUTE });
  const task = await run();
  await world.clock.settle();
  expect(await describeTask(task)).toMatchObject({ lastStatus: 'PENDING', desiredStatus: 'RUNNING', version: 2, group: 'family:report' });
  await world.clock.advance(MINUTE);
  expect(await describeTask(task)).toMatchObject({ lastStatus: 'RUNNING', startedAt: new Date(world.clock.now()) });
  await world.clock.advance(MINUTE);
  expect(await describeTask(task)).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    containers: [
      { name: 'proxy', exitCode: 0 },
      { name: 'main', exitCode: 0 },
    ],
  });
  expect(world.events.map((event) => [event['detail-type'], event.resources, (event.detail as { version: number }).version])).toEqual(
    [1, 2, 3, 4, 5].map((version) => ['ECS Task State Change', [task], version]),
  );
  expect(world.events[4].detail).toMatchObject({
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/work',
    stoppedAt: new Date(world.clock.now()).toISOString(),
    updatedAt: new Date(world.clock.now()).toISOString(),
  });
});

test('the first essential container is the one whose command and environment count first', async () => {
  await define();
  const seen: unknown[] = [];
  supply((args) => seen.push(args));
  await run({ overrides: { containerOverrides: [{ name: 'main', command: ['check'], environment: [{ name: 'DAY', value: '5' }] }] } });
  await world.clock.settle();
  const main = { command: ['check'], environment: { LANG: 'en', DAY: '5' } };
  expect(seen).toEqual([{ ...main, containers: { main, proxy: { command: [], environment: {} } } }]);
});

test('a failure may say how the container ended', async () => {
  await define();
  supply(() => {
    throw new JobFailure('killed', { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' });
  });
  const task = await run();
  await world.clock.settle();
  expect((await describeTask(task))?.containers?.[1]).toMatchObject({ exitCode: 137, reason: expect.stringContaining('OutOfMemoryError') });
});

test('StopTask before and after it runs', async () => {
  await define();
  supply((_args, job) => job.sleep(Infinity), { startAfter: MINUTE });
  const [early, late] = [await run(), await run()];
  await client.send(new StopTaskCommand({ cluster: 'work', task: early }));
  await world.clock.advance(2 * MINUTE);
  const { task } = await client.send(new StopTaskCommand({ cluster: 'work', task: late, reason: 'enough' }));
  expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED', stopCode: 'UserInitiated' });
  await world.clock.settle();
  const [first, second] = [await describeTask(early), await describeTask(late)];
  expect(first).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'Task stopped by user' });
  expect([first?.startedAt, first?.containers?.[1].exitCode]).toEqual([undefined, undefined]);
  expect(second).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'enough', containers: [{}, { exitCode: 143 }] });
});

test('a family means its newest revision', async () => {
  await define();
  const { ref } = await define();
  expect(ref).toBe(DEFINITION.replace(/1$/, '2'));
  supply(() => {}, {}, ref);
  expect((await describeTask(await run()))?.taskDefinitionArn).toBe(ref);
});

test('what is refused', async () => {
  await define({ NetworkMode: 'awsvpc' });
  supply(() => {});
  const of = async (work: Promise<unknown>) => {
    const { name, message } = await refusal(work);
    return [name, message];
  };
  expect(await of(run({ taskDefinition: 'nothing' }))).toEqual(['ClientException', 'TaskDefinition not found.']);
  expect(await of(run({ cluster: 'other' }))).toEqual(['ClusterNotFoundException', 'Cluster not found.']);
  expect(await of(run())).toEqual(['InvalidParameterException', expect.stringContaining("networkMode 'awsvpc'")]);
  const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
  expect(await of(run({ networkConfiguration, count: 11 }))).toEqual(['InvalidParameterException', expect.stringContaining('Count')]);
  expect(await of(run({ networkConfiguration, overrides: { containerOverrides: [{ name: 'x' }] } }))).toEqual([
    'InvalidParameterException',
    'Override for container named x is not a container in the TaskDefinition.',
  ]);
  expect((await client.send(new DescribeTasksCommand({ cluster: 'work', tasks: ['none'] }))).failures).toEqual([
    { arn: 'arn:aws:ecs:us-east-1:123456789012:task/work/none', reason: 'MISSING' },
  ]);
  expect(await of(client.send(new StopTaskCommand({ cluster: 'work', task: 'none' })))).toEqual([
    'InvalidParameterException',
    'The referenced task was not found.',
  ]);
});

test("roles are passed to ecs-tasks.amazonaws.com, an override's in place of the definition's; tasks are the cluster's", async () => {
  await define({ TaskRoleArn: 'arn:aws:iam::123456789012:role/Task', ExecutionRoleArn: 'arn:aws:iam::123456789012:role/Start' });
  supply(() => {});
  const cluster = { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/work' } };
  const to = (service: string) => ({ StringEquals: { 'iam:PassedToService': service } });
  const runner = await world.role(
    'Runner',
    { Effect: 'Allow', Action: ['ecs:RunTask', 'ecs:DescribeTasks'], Resource: '*', Condition: cluster },
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::123456789012:role/Start', Condition: to('ecs-tasks.amazonaws.com') },
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::123456789012:role/Task', Condition: to('lambda.amazonaws.com') },
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::123456789012:role/Other', Condition: to('ecs-tasks.amazonaws.com') },
  );
  const operator = client;
  client = new ECSClient(world.client(runner));
  expect(await refusal(run())).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('iam:PassRole on resource: arn:aws:iam::123456789012:role/Task'),
  });
  const task = await run({ overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/Other' } });
  expect(await describeTask(task)).toMatchObject({ overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/Other' } });
  await world.create('AWS::ECS::Cluster', 'Else', { ClusterName: 'elsewhere' });
  expect((await refusal(run({ cluster: 'elsewhere' }))).message).toContain('ecs:RunTask');
  operator.destroy();
});
