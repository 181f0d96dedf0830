import { BatchStopJobRunCommand, GetJobRunCommand, GetJobRunsCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue';
import { createGlue } from '../../../../local/services/glue';
import { Jobs } from '../../../../local/services/jobs';
import type { JobFunction, JobOptions } from '../../../../local/services/jobs/types';
import { refusal, World } from '../world';

const MINUTE = 60_000;
const JobName = 'nightly';

let world: World;
let jobs: Jobs;
let client: GlueClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    jobs = new Jobs(cloud, cloud.gateway.url);
    return [createGlue(cloud, jobs)];
  });
  client = new GlueClient(world.client());
});
afterEach(() => {
  client.destroy();
  return world.gateway.close();
});

const job = (properties: Record<string, unknown> = {}) =>
  world.create('AWS::Glue::Job', 'Nightly', { Name: JobName, Role: 'GlueRole', Command: { Name: 'glueetl' }, ...properties });
const supply = (run: JobFunction<'glue'>, options: JobOptions = {}) => jobs.supply('glue', JobName, run, options);
const start = async (more = {}) => (await client.send(new StartJobRunCommand({ JobName, ...more }))).JobRunId as string;
const get = async (RunId: string) => (await client.send(new GetJobRunCommand({ JobName, RunId }))).JobRun;
const detail = ({ detail }: { detail: unknown }) => detail as Record<string, unknown>;

test('a run starts, runs and succeeds', async () => {
  await job({ Timeout: 30 });
  supply((_args, run) => run.sleep(5 * MINUTE), { startAfter: MINUTE });
  const id = await start({ Arguments: { '--a': '1' } });
  const StartedOn = new Date(world.clock.now());
  expect(await get(id)).toMatchObject({
    Id: id,
    JobName,
    JobRunState: 'STARTING',
    StartedOn,
    Arguments: { '--a': '1' },
    Timeout: 30,
    Attempt: 0,
  });
  await world.clock.advance(3 * MINUTE);
  expect(await get(id)).toMatchObject({ JobRunState: 'RUNNING', ExecutionTime: 120 });
  expect((await get(id))?.CompletedOn).toBeUndefined();
  await world.clock.advance(3 * MINUTE);
  expect(await get(id)).toMatchObject({ JobRunState: 'SUCCEEDED', ExecutionTime: 300, CompletedOn: new Date(+StartedOn + 6 * MINUTE) });
  expect(world.events).toEqual([
    {
      source: 'aws.glue',
      'detail-type': 'Glue Job State Change',
      resources: [],
      detail: { jobName: JobName, severity: 'INFO', state: 'SUCCEEDED', jobRunId: id, message: 'Job run succeeded' },
    },
  ]);
});

test('a failure and a time limit have their events', async () => {
  await job();
  supply(() => {
    throw new Error('bad row');
  });
  const failed = await start();
  await world.clock.settle();
  expect(await get(failed)).toMatchObject({ JobRunState: 'FAILED', ErrorMessage: 'bad row' });
  supply((_args, run) => run.sleep(Infinity));
  const late = await start({ Timeout: 10 });
  await world.clock.advance(10 * MINUTE);
  expect(await get(late)).toMatchObject({ JobRunState: 'TIMEOUT', Timeout: 10 });
  expect(world.events.map((event) => [detail(event).severity, detail(event).state, detail(event).message])).toEqual([
    ['ERROR', 'FAILED', `JobName:${JobName} and JobRunId:${failed} failed to execute with exception bad row`],
    ['WARN', 'TIMEOUT', 'Job run timed out'],
  ]);
});

test('BatchStopJobRun stops what runs and refuses the rest, run by run', async () => {
  await job({ ExecutionProperty: { MaxConcurrentRuns: 2 } });
  supply((_args, run) => run.sleep(5 * MINUTE));
  const ended = await start();
  await world.clock.advance(5 * MINUTE);
  const running = await start();
  await world.clock.advance(MINUTE);
  supply((_args, run) => run.sleep(5 * MINUTE), { startAfter: MINUTE });
  const starting = await start();
  const { SuccessfulSubmissions, Errors } = await client.send(
    new BatchStopJobRunCommand({ JobName, JobRunIds: [running, starting, ended, 'jr_none'] }),
  );
  expect(SuccessfulSubmissions).toEqual([
    { JobName, JobRunId: running },
    { JobName, JobRunId: starting },
  ]);
  expect(Errors).toEqual([
    expect.objectContaining({ JobRunId: ended, ErrorDetail: expect.objectContaining({ ErrorCode: 'InvalidInputException' }) }),
    expect.objectContaining({ JobRunId: 'jr_none', ErrorDetail: expect.objectContaining({ ErrorCode: 'EntityNotFoundException' }) }),
  ]);
  await world.clock.settle();
  expect(await get(running)).toMatchObject({ JobRunState: 'STOPPED', ExecutionTime: 60 });
  expect(await get(starting)).toMatchObject({ JobRunState: 'STOPPED', ExecutionTime: 0 });
});

test('a delayed run is told once for each state', async () => {
  await job({ NotificationProperty: { NotifyDelayAfter: 2 } });
  supply((_args, run) => run.sleep(5 * MINUTE), { startAfter: 3 * MINUTE });
  const id = await start();
  const startedOn = new Date(world.clock.now()).toISOString();
  await world.clock.advance(10 * MINUTE);
  const late = world.events.filter((event) => event['detail-type'] === 'Glue Job Run Status');
  expect(late.map((event) => detail(event).state)).toEqual(['STARTING', 'RUNNING']);
  expect(detail(late[0])).toEqual({
    jobName: JobName,
    severity: 'INFO',
    notificationCondition: { NotifyDelayAfter: 2 },
    state: 'STARTING',
    jobRunId: id,
    message: 'Job is in STARTING state',
    startedOn,
  });
});

test('GetJobRuns lists the newest first, page by page', async () => {
  await job({ ExecutionProperty: { MaxConcurrentRuns: 3 } });
  supply(() => {});
  const ids = [await start(), await start(), await start()];
  const first = await client.send(new GetJobRunsCommand({ JobName, MaxResults: 2 }));
  const second = await client.send(new GetJobRunsCommand({ JobName, MaxResults: 2, NextToken: first.NextToken }));
  expect([...(first.JobRuns ?? []), ...(second.JobRuns ?? [])].map(({ Id }) => Id)).toEqual(ids.reverse());
  expect(second.NextToken).toBeUndefined();
});

test('what is refused', async () => {
  await job();
  supply((_args, run) => run.sleep(MINUTE));
  const name = async (work: Promise<unknown>) => (await refusal(work)).name;
  expect(await name(client.send(new StartJobRunCommand({ JobName: 'nobody' })))).toBe('EntityNotFoundException');
  expect(await name(get('jr_none'))).toBe('EntityNotFoundException');
  expect(await name(start({ Timeout: 0 }))).toBe('InvalidInputException');
  expect(await name(start({ Timeout: 10_081 }))).toBe('InvalidInputException');
  await start();
  expect(await name(start())).toBe('ConcurrentRunsExceededException');
  expect((await refusal(start({ JobRunQueuingEnabled: true }))).message).toContain("Glue's queue of job runs");
});

test("Glue's own retries are refused when the job is started", async () => {
  await job({ MaxRetries: 1 });
  supply(() => {});
  expect((await refusal(start())).message).toContain("Glue's own retries (MaxRetries) (job nightly)");
});

test('a job without a role can call nothing', async () => {
  await job({ Role: undefined });
  supply((_args, run) => run.call('dynamodb', 'PutItem', {}));
  const id = await start();
  await world.clock.settle();
  expect((await get(id))?.ErrorMessage).toBe('the glue job nightly has no role of its own, so it can call nothing');
});

test('a job that has ended makes no more calls, whatever it does with the interruption', async () => {
  await job({ Timeout: 1 });
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const later: Promise<unknown>[] = [];
  supply(async (_args, run) => {
    await run.sleep(Infinity).catch(() => {});
    await gate;
    later.push(run.call('glue', 'GetJobRuns', { JobName }), run.sleep(MINUTE));
    await Promise.allSettled(later);
  });
  const id = await start();
  await world.clock.advance(MINUTE);
  expect(await get(id)).toMatchObject({ JobRunState: 'TIMEOUT' });
  goOn();
  await world.clock.settle();
  expect(later).toHaveLength(2);
  for (const one of later) await expect(one).rejects.toThrow('the glue job nightly has ended');
  expect(world.callsOf('glue', 'GetJobRuns')).toEqual([]);
});
