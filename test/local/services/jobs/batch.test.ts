import { BatchClient, DescribeJobsCommand, SubmitJobCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { createBatch } from '../../../../local/services/batch';
import { mayRetry } from '../../../../local/services/batch/retry';
import { Jobs } from '../../../../local/services/jobs';
import { JobFailure, type JobFunction, type JobOptions } from '../../../../local/services/jobs/types';
import { refusal, World } from '../world';

const MINUTE = 60_000;
const DEFINITION = 'arn:aws:batch:us-east-1:123456789012:job-definition/simulate:1';

let world: World;
let jobs: Jobs;
let client: BatchClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    jobs = new Jobs(cloud, cloud.gateway.url);
    return [createBatch(cloud, jobs)];
  });
  client = new BatchClient(world.client());
  await world.create('AWS::Batch::JobQueue', 'Queue', { JobQueueName: 'queue' });
});
afterEach(() => {
  client.destroy();
  return world.gateway.close();
});

const define = (properties: Record<string, unknown> = {}) =>
  world.create('AWS::Batch::JobDefinition', 'Simulate', {
    JobDefinitionName: 'simulate',
    Type: 'container',
    ContainerProperties: { Image: 'simulate', Command: ['run', 'Ref::runs', 'Ref::none'], Environment: [{ Name: 'SEED', Value: '1' }] },
    Parameters: { runs: '10' },
    ...properties,
  });
const supply = (run: JobFunction<'batch'>, options: JobOptions = {}) => jobs.supply('batch', DEFINITION, run, options);
const submit = async (more = {}) =>
  (await client.send(new SubmitJobCommand({ jobName: 'one', jobQueue: 'queue', jobDefinition: 'simulate', ...more }))).jobId as string;
const describeJob = async (id: string) => (await client.send(new DescribeJobsCommand({ jobs: [id, 'none'] }))).jobs?.[0];
const statuses = () => world.events.map(({ detail }) => (detail as { status: string }).status);

test('a job passes through its statuses, each but the submission an event', async () => {
  await define();
  const seen: unknown[] = [];
  supply(
    (args, job) => {
      seen.push(args);
      return job.sleep(MINUTE);
    },
    { startAfter: MINUTE },
  );
  const createdAt = world.clock.now();
  const id = await submit({ parameters: { runs: '7' }, containerOverrides: { environment: [{ name: 'SEED', value: '2' }] } });
  expect(await describeJob(id)).toMatchObject({ jobId: id, createdAt, jobDefinition: DEFINITION });
  await world.clock.settle();
  expect(statuses()).toEqual(['RUNNABLE', 'STARTING']);
  await world.clock.advance(2 * MINUTE);
  expect(await describeJob(id)).toMatchObject({
    status: 'SUCCEEDED',
    startedAt: createdAt + MINUTE,
    stoppedAt: createdAt + 2 * MINUTE,
    statusReason: 'Essential container in task exited',
    attempts: [{ container: { exitCode: 0 }, startedAt: createdAt + MINUTE }],
  });
  expect(statuses()).toEqual(['RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED']);
  expect(world.events[0]).toMatchObject({
    source: 'aws.batch',
    'detail-type': 'Batch Job State Change',
    resources: [`arn:aws:batch:us-east-1:123456789012:job/${id}`],
    detail: { jobName: 'one', jobId: id, jobQueue: 'arn:aws:batch:us-east-1:123456789012:job-queue/queue', parameters: { runs: '7' } },
  });
  expect(seen).toEqual([
    {
      command: ['run', '7', 'Ref::none'],
      environment: { SEED: '2', AWS_BATCH_JOB_ID: id, AWS_BATCH_JOB_ATTEMPT: '1', AWS_BATCH_JQ_NAME: 'queue' },
      parameters: { runs: '7' },
    },
  ]);
});

test('attempts: each begins anew, and a success ends them', async () => {
  await define({ RetryStrategy: { Attempts: 5 } });
  supply((_args, { attempt }) => {
    if (attempt < 3) throw new JobFailure('again', { exitCode: attempt, statusReason: 'Host EC2 (instance i-1) terminated.' });
  });
  const id = await submit();
  await world.clock.settle();
  const job = await describeJob(id);
  expect(job?.status).toBe('SUCCEEDED');
  expect(job?.attempts?.map(({ container, statusReason }) => [container?.exitCode, statusReason])).toEqual([
    [1, 'Host EC2 (instance i-1) terminated.'],
    [2, 'Host EC2 (instance i-1) terminated.'],
    [0, 'Essential container in task exited'],
  ]);
});

test.each([
  ['no conditions', [], {}, 1, true],
  ['the last attempt', [], {}, 3, false],
  ['EXIT by exit code', [{ action: 'EXIT', onExitCode: '2' }], {}, 1, false],
  ['another exit code', [{ action: 'EXIT', onExitCode: '3' }], {}, 1, true],
  [
    'a prefix of the reason, in any case',
    [{ action: 'exit', onReason: 'cannotpull*' }],
    { reason: 'CannotPullContainerError: x' },
    1,
    false,
  ],
  ['all conditions of an entry must hold', [{ action: 'EXIT', onExitCode: '2', onStatusReason: 'Host*' }], {}, 1, true],
  [
    'the first entry decides',
    [
      { action: 'RETRY', onStatusReason: 'Ess*' },
      { action: 'EXIT', onExitCode: '*' },
    ],
    {},
    1,
    true,
  ],
])('retry: %s', (_what, evaluateOnExit, more, made, retried) => {
  const end = { exitCode: 2, statusReason: 'Essential container in task exited', ...more };
  expect(mayRetry({ attempts: 3, evaluateOnExit }, made, end)).toBe(retried);
});

test('a time limit ends the job for good', async () => {
  await define({ RetryStrategy: { Attempts: 3 }, Timeout: { AttemptDurationSeconds: 600 } });
  supply((_args, job) => job.sleep(Infinity), { startAfter: 5 * MINUTE });
  const at = world.clock.now();
  const id = await submit({ timeout: { attemptDurationSeconds: 120 } });
  await world.clock.advance(20 * MINUTE);
  expect(await describeJob(id)).toMatchObject({
    status: 'FAILED',
    statusReason: 'Job attempt duration exceeded timeout',
    stoppedAt: at + 7 * MINUTE,
    attempts: [{ container: { exitCode: 143 } }],
    timeout: { attemptDurationSeconds: 120 },
  });
});

test('TerminateJob, before and while it runs', async () => {
  await define({ RetryStrategy: { Attempts: 3 } });
  supply((_args, job) => job.sleep(Infinity), { startAfter: MINUTE });
  const [early, late] = [await submit(), await submit()];
  await client.send(new TerminateJobCommand({ jobId: early, reason: 'too early' }));
  await world.clock.advance(2 * MINUTE);
  await client.send(new TerminateJobCommand({ jobId: late, reason: 'enough' }));
  await world.clock.settle();
  expect(await describeJob(early)).toMatchObject({ status: 'FAILED', statusReason: 'too early' });
  expect((await describeJob(early))?.startedAt).toBeUndefined();
  expect(await describeJob(late)).toMatchObject({ status: 'FAILED', statusReason: 'enough', attempts: [{ container: { exitCode: 143 } }] });
});

test('what is refused', async () => {
  await define();
  await world.create('AWS::Batch::JobDefinition', 'Eks', { JobDefinitionName: 'eks', Type: 'container', EksProperties: {} });
  supply(() => {});
  const of = async (more: object) => {
    const { name, message } = await refusal(submit(more));
    return `${name}: ${message}`;
  };
  expect(await of({ jobQueue: 'other' })).toMatch(
    /^ClientException: Error executing request, Exception : JobQueue other not found, RequestId: /,
  );
  expect(await of({ jobDefinition: 'other:3' })).toContain('JobDefinition other:3 not found');
  expect(await of({ jobName: '-x' })).toContain('Job name should match valid pattern');
  expect(await of({ timeout: { attemptDurationSeconds: 59 } })).toContain('attemptDurationSeconds 59 is not allowed');
  expect(await of({ retryStrategy: { attempts: 11 } })).toContain('attempts 11 is not allowed');
  expect(await of({ arrayProperties: { size: 3 } })).toContain(
    'Not served by the local runner (stepworks): batch:SubmitJob with arrayProperties',
  );
  expect(await of({ jobDefinition: 'eks' })).toContain('not of one container');
});

test('SubmitJob needs the queue and the definition', async () => {
  await define();
  supply(() => {});
  const role = await world.role('Submitter', { Effect: 'Allow', Action: 'batch:SubmitJob', Resource: DEFINITION });
  client.destroy();
  client = new BatchClient(world.client(role));
  expect((await refusal(submit())).message).toContain('batch:SubmitJob on resource: arn:aws:batch:us-east-1:123456789012:job-queue/queue');
});
