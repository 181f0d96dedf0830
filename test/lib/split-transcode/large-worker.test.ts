import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Duration, aws_ec2 as ec2, aws_ecs as ecs, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  BulkConcurrency,
  type FargateWorkerProps,
  Rendition,
  SplitTranscode,
  type SplitTranscodeProps,
  TranscodeWorker,
} from '../../../lib';
import { type Assembly, JobFailure, type JobFunction, LocalCloud, type LocalRun } from '../../../local';
import { loadAssembly } from '../../../local/assembly';
import { synthesized } from '../../../local/synthesized';
import { inContainer, runWorker } from '../../../patterns/split-transcode/container';
import { nagFindings } from '../../support/nag';
import { warmStart } from '../../support/warm-start';
import { describeWithFfmpeg, makeSource, once, temporaryFolder, whereIs } from './support/ffmpeg';

const warm = warmStart();
const folder = temporaryFolder();

function stackWith(props: Partial<SplitTranscodeProps> = {}, worker: Partial<FargateWorkerProps> = {}): Stack {
  const stack = new Stack(new App(), 'Test');
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'own', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  const transcode = new SplitTranscode(stack, 'Transcode', {
    source: new s3.Bucket(stack, 'Source', { versioned: true, enforceSSL: true }),
    destination: new s3.Bucket(stack, 'Destination', { enforceSSL: true }),
    renditions: [Rendition.mp4({ height: 90, preset: 'ultrafast' }), Rendition.mp4({ height: 1080, preset: 'fast' })],
    segmentDuration: Duration.seconds(1),
    workerMemory: 512,
    largeWorker: TranscodeWorker.fargate({
      cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
      image: ecs.ContainerImage.fromRegistry('ours/transcode-worker:1'),
      ...worker,
    }),
    ...props,
  });
  expect(transcode.largeTaskDefinition).toBeInstanceOf(ecs.FargateTaskDefinition);
  return stack;
}

const stack = stackWith();
const assemblyOf = (own: Stack) => loadAssembly(synthesized(own).directory);

describe('the template', () => {
  const template = Template.fromStack(stack);

  test('the container has what the function has: settings and permissions', () => {
    const [transcode] = Object.values(template.findResources('AWS::Lambda::Function')).filter(({ Properties }) =>
      /^Encodes a segment/.test(Properties.Description),
    );
    const { TRANSCODE } = transcode.Properties.Environment.Variables;
    expect(JSON.stringify(TRANSCODE)).toContain(String.raw`\"smallWorker\":{\"memoryMiB\":512,\"diskMiB\":2048,\"seconds\":600}`);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '4096',
      Memory: '16384',
      EphemeralStorage: { SizeInGiB: 50 },
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      ContainerDefinitions: [
        {
          Name: 'worker',
          Image: 'ours/transcode-worker:1',
          Environment: [
            { Name: 'TRANSCODE', Value: TRANSCODE },
            { Name: 'RECIPE', Value: '1' },
          ],
        },
      ],
    });
    const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
    const statementsOf = (name: string) =>
      policies.find(([id]) => id.includes(`Functions${name}Policy`))?.[1].Properties.PolicyDocument.Statement;
    expect(statementsOf('Large')).toEqual(statementsOf('Transcode'));
  });

  test('cdk-nag has nothing to say of what the construct makes', () => {
    // Of the network, the cluster and the buckets that the test brings.
    expect(nagFindings(stack)).toEqual(['AwsSolutions-VPC7: ', 'AwsSolutions-S1: , ', 'AwsSolutions-ECS4: ']);
  });

  test('without it there is no container, and no segment has a choice', () => {
    const without = Template.fromStack(stackWithout());
    without.resourceCountIs('AWS::ECS::TaskDefinition', 0);
    expect(JSON.stringify(without.toJSON())).not.toMatch(/smallWorker|ecs:/);
  });
});

function stackWithout(): Stack {
  const own = new Stack(new App(), 'Test');
  new SplitTranscode(own, 'Transcode', {
    source: new s3.Bucket(own, 'Source'),
    destination: new s3.Bucket(own, 'Destination'),
    renditions: [Rendition.mp4({ height: 90 })],
  });
  return own;
}

test.each<[string, Partial<FargateWorkerProps>, RegExp]>([
  ['no time for Lambda', { lambdaUpTo: Duration.hours(1) }, /lambdaUpTo is 1 hour: give whole seconds from 1 to 900/],
  ['no time at all', { timeout: Duration.seconds(5) }, /timeout is 5 seconds: give whole seconds from 60/],
  ['no disk', { ephemeralStorageGiB: 500 }, /ephemeralStorageGiB is 500: give a number from 21 to 200/],
])('%s is refused', (_, worker, message) => {
  expect(() => stackWith({}, worker)).toThrow(message);
});

describeWithFfmpeg('a run', () => {
  const small = once(() => makeSource(join(folder, 'small.mp4'), { seconds: 1, rate: '4', size: '324x180' }));
  const large = once(() => makeSource(join(folder, 'large.mp4'), { seconds: 1, rate: '2', size: '1920x1080' }));
  let assembly: Assembly;
  beforeAll(async () => {
    const ffmpegPath = join(folder, 'ffmpeg');
    writeFileSync(ffmpegPath, `#!/bin/sh\ncase "$*" in *scale=162:90*) kill -9 $$ ;; esac\nexec ${whereIs('ffmpeg')} "$@"\n`);
    chmodSync(ffmpegPath, 0o755);
    symlinkSync(whereIs('ffprobe'), join(dirname(ffmpegPath), 'ffprobe'));
    const own = { ffmpegPath, segmentDuration: Duration.seconds(60), concurrency: BulkConcurrency.of(1) };
    assembly = await assemblyOf(stackWith(own, { lambdaUpTo: Duration.seconds(1) }));
  });
  let cloud: LocalCloud;
  afterEach(() => cloud.dispose());

  async function run(
    assembly: Assembly,
    source: Uint8Array,
    worker: JobFunction<'ecs'> = inContainer,
    before?: () => void,
  ): Promise<{ run: LocalRun; items: string[] }> {
    cloud = await LocalCloud.deploy(assembly, { warm });
    const items: string[] = [];
    cloud.job('ecs', 'Test/Transcode/Functions/Large/Task', (args, job) => {
      items.push(JSON.parse(args.environment.ITEM).key.split('/').slice(3).join('/'));
      return worker(args, job);
    });
    await cloud.bucket('Test/Source').put('clip.mov', source);
    before?.();
    const started = await cloud.stateMachine('Test/Transcode').start({ key: 'clip.mov' });
    await started.finished();
    expect(cloud.access.denied).toEqual([]);
    return { run: started, items: items.toSorted() };
  }

  const failures = () => {
    const results = cloud.bucket('Test/Transcode/BulkMap/Results');
    const key = results.keys().find((one) => one.endsWith('failures.jsonl')) as string;
    return results
      .text(key)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  test('what is expected to need more memory than the function has is encoded in a container, by the same code; the rest is not, nor what is there', async () => {
    const { run: failed, items } = await run(assembly, large(), inContainer, () =>
      cloud.fail('s3:CopyObject', { error: 'AccessDenied', statusCode: 403 }),
    );
    expect(failed).toMatchObject({ status: 'FAILED', error: 'AccessDenied' });
    expect(items).toEqual(['1080p/000000.mp4']);
    cloud.job('ecs', 'Test/Transcode/Functions/Large/Task', () => {
      throw new Error('again');
    });
    const again = await cloud.stateMachine('Test/Transcode').start({ key: 'clip.mov' });
    await again.finished();
    expect(again.output).toMatchObject({ status: 'TRANSCODED', frames: 2, segments: 3, redone: 0 });
  });

  test('the sound goes there too when it is expected to take long', async () => {
    // What is expected goes by the picture's time.
    const long = makeSource(join(folder, 'long.mp4'), { seconds: 32, rate: '1', size: '160x90', soundSeconds: 1 });
    const { run: done, items } = await run(assembly, readFileSync(long));
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: { status: 'TRANSCODED', frames: 32 } });
    expect(items).toEqual(['audio.mp4']);
  });

  describe('where ffmpeg is killed in the function when it encodes 162 by 90', () => {
    test('its segments go over to a container', async () => {
      const { run: done, items } = await run(assembly, small());
      expect(done.output).toMatchObject({ status: 'TRANSCODED', frames: 4, segments: 3, redone: 0 });
      expect(items).toEqual(['90p/000000.mp4']);
    });

    test.each<[string, number, string, string]>([
      ['fails there too, by its own fault,', 65, 'EncodingFailed', 'REJECTED'],
      ['is too much there too', 137, 'WorkerTooSmall', 'CRASHED'],
      ['dies there', 1, 'JobFailed', 'CRASHED'],
    ])('one that %s has failed, with the reason of both', async (_, exitCode, error, kind) => {
      const { run: failed, items } = await run(assembly, small(), () => {
        throw new JobFailure('no', { exitCode });
      });
      expect(failed).toMatchObject({ status: 'FAILED', error: 'TooManyFailures' });
      // Once each: it is not tried again anywhere.
      expect(items.length).toBe(new Set(items).size);
      const found = failures().find(({ kind: one }) => one === kind);
      expect(found).toMatchObject({
        kind,
        error,
        cause: expect.stringMatching(
          new RegExp(
            `^Essential container in task exited, exit code ${exitCode}; its log: worker/worker/[0-9a-f]{32}; it had gone over after WorkerTooSmall: ffmpeg ended with SIGKILL`,
          ),
        ),
      });
    });
  });

  test('what the source itself is to blame for goes nowhere else', async () => {
    const own = stackWith({ renditions: [Rendition.mp4({ height: 90, preset: 'ultrafast' })], ffmpegPath: '/nowhere/ffmpeg' });
    const { run: failed, items } = await run(await assemblyOf(own), small());
    expect(failed).toMatchObject({ status: 'FAILED', error: 'FfmpegMissing' });
    expect(items).toEqual([]);
  });
});

describe('the worker alone', () => {
  const environment = { RECIPE: '1', TRANSCODE: JSON.stringify({ source: { bucket: 's' }, scratch: { bucket: 'w' } }), ITEM: '{}' };

  test('an image of another version is found out', async () => {
    expect(await runWorker({ ...environment, RECIPE: '0' })).toMatchObject({
      code: 1,
      said: expect.stringContaining('build the image of the same version'),
    });
  });

  test('a request that is none ends it', async () => {
    expect(await runWorker({ ...environment, ITEM: 'x' })).toMatchObject({ code: 1, said: expect.stringContaining('JSON') });
  });
});
