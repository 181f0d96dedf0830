import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand, StopBuildCommand } from '@aws-sdk/client-codebuild';
import { createCodeBuild } from '../../../../local/services/codebuild';
import { Jobs } from '../../../../local/services/jobs';
import type { JobFunction, JobOptions } from '../../../../local/services/jobs/types';
import { refusal, World } from '../world';

const MINUTE = 60_000;

let world: World;
let jobs: Jobs;
let client: CodeBuildClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    jobs = new Jobs(cloud, cloud.gateway.url);
    return [createCodeBuild(cloud, jobs)];
  });
  client = new CodeBuildClient(world.client());
});
afterEach(() => {
  client.destroy();
  return world.gateway.close();
});

const project = (properties: Record<string, unknown> = {}) =>
  world.create('AWS::CodeBuild::Project', 'Project', {
    Name: 'site',
    ServiceRole: 'arn:aws:iam::123456789012:role/Builder',
    Source: { Type: 'NO_SOURCE', BuildSpec: 'version: 0.2' },
    Environment: { Type: 'LINUX_CONTAINER', Image: 'standard', EnvironmentVariables: [{ Name: 'STAGE', Value: 'test' }] },
    ...properties,
  });
const supply = (run: JobFunction<'codebuild'>, options: JobOptions = {}) => jobs.supply('codebuild', 'site', run, options);
const start = async (more = {}) => (await client.send(new StartBuildCommand({ projectName: 'site', ...more }))).build?.id as string;
const get = async (id: string) => (await client.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0];
const phases = async (id: string) => (await get(id))?.phases?.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus}`);

const BEFORE = ['SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD'].map((type) => `${type} SUCCEEDED`);
const AFTER = ['POST_BUILD', 'UPLOAD_ARTIFACTS', 'FINALIZING'].map((type) => `${type} SUCCEEDED`);

test('a build passes through its phases', async () => {
  await project();
  const seen: unknown[] = [];
  supply(
    async (args, job) => {
      seen.push(args);
      await job.sleep(2 * MINUTE);
      return { VERSION: '1' };
    },
    { startAfter: MINUTE },
  );
  const startTime = new Date(world.clock.now());
  const id = await start({ sourceVersion: 'main', environmentVariablesOverride: [{ name: 'STAGE', value: 'prod' }] });
  expect(await get(id)).toMatchObject({
    id,
    buildStatus: 'IN_PROGRESS',
    buildComplete: false,
    buildNumber: 1,
    startTime,
    projectName: 'site',
  });
  await world.clock.advance(MINUTE);
  expect((await get(id))?.currentPhase).toBe('BUILD');
  await world.clock.advance(2 * MINUTE);
  expect(await get(id)).toMatchObject({
    buildStatus: 'SUCCEEDED',
    buildComplete: true,
    currentPhase: 'COMPLETED',
    endTime: new Date(+startTime + 3 * MINUTE),
    exportedEnvironmentVariables: [{ name: 'VERSION', value: '1' }],
    timeoutInMinutes: 60,
  });
  expect(await phases(id)).toEqual([...BEFORE, 'BUILD SUCCEEDED', ...AFTER, 'COMPLETED undefined']);
  expect((await get(id))?.phases?.[6].durationInSeconds).toBe(120);
  expect(seen).toEqual([{ environment: { STAGE: 'prod' }, sourceVersion: 'main', buildspec: 'version: 0.2' }]);
});

test('the events of a build', async () => {
  await project();
  supply((_args, job) => job.sleep(MINUTE));
  const id = await start();
  await world.clock.advance(MINUTE);
  const arn = `arn:aws:codebuild:us-east-1:123456789012:build/${id}`;
  expect(world.events.map(({ detail }) => (detail as Record<string, unknown>)['build-status'])).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
  expect(world.events[1]).toMatchObject({
    source: 'aws.codebuild',
    'detail-type': 'CodeBuild Build State Change',
    resources: [arn],
    detail: {
      'build-id': arn,
      'project-name': 'site',
      'current-phase': 'COMPLETED',
      version: '1',
      'additional-information': {
        'build-complete': true,
        'build-start-time': 'Jan 5, 2026 9:00:00 AM',
        'timeout-in-minutes': 60,
        environment: { 'environment-variables': [{ name: 'STAGE', type: 'PLAINTEXT', value: 'test' }] },
      },
    },
  });
});

test('a failed build goes on after its BUILD phase, and says why it failed', async () => {
  await project();
  supply(() => {
    throw new Error('exit status 2');
  });
  const id = await start();
  await world.clock.settle();
  expect((await get(id))?.buildStatus).toBe('FAILED');
  expect(await phases(id)).toEqual([...BEFORE, 'BUILD FAILED', ...AFTER, 'COMPLETED undefined']);
  expect((await get(id))?.phases?.[6].contexts).toEqual([
    { statusCode: 'COMMAND_EXECUTION_ERROR', message: 'Error while executing command: exit status 2' },
  ]);
});

test('a time limit and a stop end it all', async () => {
  await project({ TimeoutInMinutes: 5 });
  supply((_args, job) => job.sleep(Infinity), { startAfter: MINUTE });
  const [late, early, running] = [await start(), await start(), await start({ timeoutInMinutesOverride: 50 })];
  await client.send(new StopBuildCommand({ id: early }));
  await world.clock.advance(6 * MINUTE);
  await client.send(new StopBuildCommand({ id: running }));
  await world.clock.settle();
  expect((await get(late))?.buildStatus).toBe('TIMED_OUT');
  expect((await phases(late))?.slice(6)).toEqual(['BUILD TIMED_OUT', 'COMPLETED undefined']);
  expect((await get(running))?.buildStatus).toBe('STOPPED');
  expect((await phases(running))?.slice(6)).toEqual(['BUILD STOPPED', 'COMPLETED undefined']);
  expect(await phases(early)).toEqual(['SUBMITTED SUCCEEDED', 'QUEUED STOPPED', 'COMPLETED undefined']);
});

test('what is refused', async () => {
  await project({ ConcurrentBuildLimit: 1 });
  supply((_args, job) => job.sleep(MINUTE));
  const of = async (work: Promise<unknown>) => {
    const { name, message } = await refusal(work);
    return `${name}: ${message}`;
  };
  expect(await of(start({ projectName: 'other' }))).toBe(
    'ResourceNotFoundException: Project cannot be found: arn:aws:codebuild:us-east-1:123456789012:project/other',
  );
  const id = await start();
  expect(await of(start())).toContain('AccountLimitExceededException: Cannot have more than 1 builds');
  await world.clock.advance(MINUTE);
  await start();
  expect(await of(start({ fleetOverride: { fleetArn: 'x' } }))).toContain('codebuild:StartBuild with fleetOverride');
  expect(await of(client.send(new StopBuildCommand({ id: 'site:none' })))).toContain('ResourceNotFoundException');
  expect(await client.send(new BatchGetBuildsCommand({ ids: [id, 'site:none'] }))).toMatchObject({
    builds: [{ id }],
    buildsNotFound: ['site:none'],
  });
});

test('a service role that takes the place of the project’s must be passed', async () => {
  await project();
  supply(() => {});
  const role = await world.role('Starter', { Effect: 'Allow', Action: 'codebuild:*', Resource: '*' });
  client.destroy();
  client = new CodeBuildClient(world.client(role));
  expect((await refusal(start({ serviceRoleOverride: 'arn:aws:iam::123456789012:role/Other' }))).message).toContain(
    'iam:PassRole on resource: arn:aws:iam::123456789012:role/Other',
  );
  expect(await start()).toMatch(/^site:/);
});
