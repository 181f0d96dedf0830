import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, aws_kms as kms, aws_lambda as lambda, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BulkConcurrency, Rendition, SplitTranscode, type SplitTranscodeProps } from '../../../lib';
import { problemsOf } from '../../../lib/split-transcode/handlers/check';
import { itemsOf, planOf } from '../../../lib/split-transcode/handlers/plan';
import { probe } from '../../../lib/split-transcode/handlers/probe';
import { samplesOf } from '../../../lib/split-transcode/handlers/recipe';
import type { TranscodeSettings } from '../../../lib/split-transcode/handlers/settings';
import { type Assembly, type Json, LocalCloud, type LocalRun } from '../../../local';
import { loadAssembly } from '../../../local/assembly';
import { synthesized } from '../../../local/synthesized';
import { nagFindings } from '../../support/nag';
import { warmStart } from '../../support/warm-start';
import { describeWithFfmpeg, ffmpeg, makeSource, once, temporaryFolder } from './support/ffmpeg';

const warm = warmStart();
const SMALL = Rendition.mp4({ height: 90, preset: 'ultrafast' });

function transcodeWith(props: Partial<SplitTranscodeProps> = {}, make: (stack: Stack) => Partial<SplitTranscodeProps> = () => ({})): Stack {
  const stack = new Stack(new App(), 'Test');
  new SplitTranscode(stack, 'Transcode', {
    source: new s3.Bucket(stack, 'Source', { versioned: true, enforceSSL: true }),
    destination: new s3.Bucket(stack, 'Destination', { enforceSSL: true }),
    renditions: [SMALL],
    ...props,
    ...make(stack),
  });
  return stack;
}

/** Statements of a function's own policy, references as names. */
function statementsOf(template: Template, name: string): unknown[] {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.includes(`Functions${name}Policy`));
  return policy[1].Properties.PolicyDocument.Statement.map(({ Effect: _, ...rest }: { Effect: string }) => readable(rest));
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join, Ref } = value as Record<string, unknown[]> & { Ref?: string };
  if (Ref) return short(Ref);
  if (attribute) return short(attribute[0] as string);
  if (join) return (join[1] as unknown[]).map(readable).join(join[0] as string);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, readable(member)]));
}

const short = (id: string): string => (/BulkMapResults/.test(id) ? 'Work' : id.replace(/[0-9A-F]{8}$/, ''));

describe('the template', () => {
  const stack = transcodeWith(
    { destinationPrefix: 'videos/', ffmpegPath: '/opt/ffmpeg/ffmpeg', workerMemory: 4096, concurrency: BulkConcurrency.of(200) },
    (scope) => ({
      source: new s3.Bucket(scope, 'Encrypted', { encryption: s3.BucketEncryption.KMS, encryptionKey: new kms.Key(scope, 'Key') }),
      ffmpegLayer: lambda.LayerVersion.fromLayerVersionArn(scope, 'Ffmpeg', 'arn:aws:lambda:us-east-1:123456789012:layer:ffmpeg:7'),
    }),
  );
  const template = Template.fromStack(stack);
  const list = (bucket: string, prefix: string) => ({
    Action: 's3:ListBucket',
    Resource: bucket,
    Condition: { StringLike: { 's3:prefix': `${prefix}*` } },
  });
  const work = (action: string) => ({ Action: action, Resource: 'Work/transcode/work/*' });
  const published = (action: string) => ({ Action: action, Resource: 'Destination/videos/*' });
  const readSource = [
    { Action: 's3:GetObject', Resource: 'Encrypted/*' },
    { Action: 'kms:Decrypt', Resource: 'Key' },
    { Action: 's3:GetObjectVersion', Resource: 'Encrypted/*' },
  ];

  test('each function may do what it does, below the prefixes, and use the keys that it needs', () => {
    const listed = list('Work', 'transcode/work/');
    const seen = [list('Destination', 'videos/'), published('s3:GetObject')];
    const versions = { Action: 's3:ListBucketVersions', Resource: 'Encrypted' };
    expect(statementsOf(template, 'Plan')).toEqual([
      { Action: 's3:ListBucket', Resource: 'Encrypted' },
      ...readSource,
      work('s3:PutObject'),
      ...seen,
      versions,
    ]);
    expect(statementsOf(template, 'Transcode')).toEqual([...readSource, listed, work('s3:PutObject')]);
    expect(statementsOf(template, 'Concat')).toEqual([listed, work('s3:GetObject'), work('s3:PutObject')]);
    expect(statementsOf(template, 'Verify')).toEqual([listed, work('s3:GetObject'), work('s3:DeleteObject')]);
    expect(statementsOf(template, 'Publish')).toEqual([
      work('s3:GetObject'),
      work('s3:DeleteObject'),
      ...seen,
      published('s3:PutObject'),
      versions,
    ]);
  });

  test('functions have ffmpeg, time, memory and disk for what they do', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function')).filter(
      ({ Properties }) => Properties.Environment?.Variables?.TRANSCODE !== undefined,
    );
    const sizes = functions.map(({ Properties }) => [Properties.Description, Properties.MemorySize, Properties.EphemeralStorage?.Size]);
    expect(sizes).toEqual([
      ['Looks at a video and plans its segments', 1024, undefined],
      ['Encodes a segment of a video, or its sound', 4096, 2048],
      ['Joins the segments of a rendition', 2048, 10_240],
      ['Compares a rendition with what was planned', 2048, 10_240],
      ['Copies verified renditions to where they are wanted', 512, undefined],
    ]);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Timeout: 900,
        Architectures: ['arm64'],
        Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:ffmpeg:7'],
        Environment: { Variables: { FFMPEG_PATH: '/opt/ffmpeg/ffmpeg' } },
      });
    }
  });

  test('what is kept meanwhile expires', () => {
    const [bucket] = Object.entries(template.findResources('AWS::S3::Bucket')).filter(([id]) => id.includes('BulkMapResults'));
    expect(bucket[1].Properties.LifecycleConfiguration.Rules).toEqual([
      { ExpirationInDays: 7, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
    ]);
  });

  test('cdk-nag has nothing to say of what the construct makes', () => {
    expect(nagFindings(stack).filter((finding) => /Transcode/.test(finding))).toEqual([]);
  });
});

describe('what can not be made is refused', () => {
  const rendition = (props: object) => () => Rendition.mp4({ height: 90, ...props });
  test.each<[string, () => unknown, RegExp]>([
    ['no renditions', () => transcodeWith({ renditions: [] }), /renditions is empty/],
    ['two of a name', () => transcodeWith({ renditions: [SMALL, SMALL] }), /two renditions are named '90p'/],
    ['an odd height', rendition({ height: 91 }), /height is 91: H\.264 takes an even one/],
    ['a height of none', rendition({ height: 0 }), /height is 0: give a whole number from 2 to 4320/],
    ['a quality of none', rendition({ quality: 52 }), /quality is 52: give a whole number from 1 to 51/],
    ['no bits', rendition({ videoBitrate: 1 }), /videoBitrate is 1: give a whole number from 10/],
    ['a strange preset', rendition({ preset: 'placebo' }), /preset 'placebo' is none of x264's: ultrafast, /],
    ['a path for a name', rendition({ name: '../x' }), /name '\.\.\/x' is none: up to 40 lower-case letters, digits and dashes/],
    [
      'endless segments',
      () => transcodeWith({ segmentDuration: Duration.hours(1) }),
      /segmentDuration is 1 hour: give whole seconds from 1 to 600/,
    ],
    ['half key frames', () => transcodeWith({ keyFrameInterval: Duration.millis(500) }), /keyFrameInterval is 500 millis/],
    ['no memory', () => transcodeWith({ workerMemory: 128 }), /workerMemory is 128: give a number from 512 to 10240/],
    ['a loud sound', () => transcodeWith({ audioBitrate: 9000 }), /audioBitrate is 9000: give a number from 16 to 512/],
    ['half a folder', () => transcodeWith({ destinationPrefix: 'videos' }), /destinationPrefix 'videos' is no folder/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describeWithFfmpeg('a run', () => {
  const folder = temporaryFolder();
  const video = once(() =>
    makeSource(join(folder, 'source.mp4'), { seconds: 6, rate: '5', size: '192x108', video: ['-g', '5', '-bf', '2'] }),
  );
  const stack = transcodeWith({ segmentDuration: Duration.seconds(2), destinationPrefix: 'out/', concurrency: BulkConcurrency.of(1) });
  let assembly: Assembly;
  let cloud: LocalCloud;
  beforeEach(async () => {
    assembly ??= await loadAssembly(synthesized(stack).directory);
    cloud = await LocalCloud.deploy(assembly, { warm });
    await cloud.bucket('Test/Source').put('clips/one.mov', video());
  });
  afterEach(() => cloud.dispose());

  async function run(input: Json = { key: 'clips/one.mov' }): Promise<LocalRun> {
    const started = await cloud.stateMachine('Test/Transcode').start(input);
    await started.finished();
    expect(cloud.access.denied).toEqual([]);
    return started;
  }

  /** The segments and sounds that were written since, without their folder. */
  const written = (since = 0) =>
    cloud.calls
      .slice(since)
      .filter(({ operation }) => operation === 'PutObject')
      .map(({ input }) => (input as { Key: string }).Key.split('/').slice(3).join('/'))
      .filter((key) => /\d\.mp4|audio/.test(key))
      .toSorted();
  const work = () => cloud.bucket('Test/Transcode/BulkMap/Results');
  const ALL = ['90p/000000.mp4', '90p/000001.mp4', '90p/000002.mp4', 'audio.mp4'];

  interface Kept {
    readonly Key: string;
    readonly Body: Uint8Array;
    readonly Metadata?: Record<string, string>;
  }
  let kept: readonly Kept[] | undefined;

  /** A run did all but publish. It is run once; each cloud after the first gets what it left. */
  async function unpublished(): Promise<void> {
    const Bucket = work().name;
    if (kept) {
      for (const one of kept) await cloud.operate('s3', 'PutObject', { Bucket, ...one });
      return;
    }
    cloud.fail('s3:CopyObject', { error: 'AccessDenied', statusCode: 403 });
    expect(await run()).toMatchObject({ status: 'FAILED', error: 'AccessDenied' });
    expect(written()).toEqual(ALL);
    kept = await Promise.all(
      work()
        .keys('transcode/work/')
        .map(async (Key) => {
          const { Metadata } = (await cloud.operate('s3', 'HeadObject', { Bucket, Key })) as Pick<Kept, 'Metadata'>;
          return { Key, Body: work().bytes(Key) as Uint8Array, Metadata };
        }),
    );
  }

  const keyOf = (part: string) =>
    work()
      .keys('transcode/work/')
      .find((key) => key.endsWith(part)) as string;

  test('a worker that dies when it has uploaded is called again, and finds what it made', async () => {
    let met = 0;
    cloud.intercept(async ({ operation, input, origin }, call) => {
      const answer = await call();
      if (operation !== 'PutObject' || !/90p\/000001\.mp4$/.test(input.Key) || origin?.kind !== 'client' || met++ > 0) return answer;
      cloud.interrupt(origin.traceId ?? '', 'crash');
      return new Promise<never>(() => {});
    });
    expect((await run()).output).toMatchObject({ status: 'TRANSCODED', redone: 0 });
    expect(met).toBe(1);
  });

  test('a restart encodes only what is missing', async () => {
    await unpublished();
    await cloud.operate('s3', 'DeleteObject', { Bucket: work().name, Key: keyOf('90p/000001.mp4') });
    const before = cloud.calls.length;
    expect((await run()).output).toMatchObject({ status: 'TRANSCODED', redone: 0 });
    expect(written(before)).toEqual(['90p/000001.mp4']);
  });

  test.each<[string, (part: string) => Promise<Uint8Array>]>([
    ['no video', async () => Buffer.from('nothing to be seen')],
    [
      'another segment, which is shorter',
      async () => readFileSync(makeSource(join(folder, 'short.mp4'), { seconds: 1, rate: '5', size: '160x90', audio: false })),
    ],
  ])('a segment that is %s is found and made again, and no other', async (_, damage) => {
    await unpublished();
    const key = keyOf('90p/000001.mp4');
    await work().put(key, await damage(key));
    const before = cloud.calls.length;
    expect((await run()).output).toMatchObject({ status: 'TRANSCODED', frames: 30, redone: 1 });
    expect(written(before)).toEqual(['90p/000001.mp4']);
    const output = join(folder, 'published.mp4');
    writeFileSync(output, cloud.bucket('Test/Destination').bytes('out/clips/one/90p.mp4') as Buffer);
    expect(
      await problemsOf(output, {
        width: 160,
        height: 90,
        frames: 30,
        seconds: 6,
        lastFrame: 29 / 5,
        step: '1/5',
        samples: await samplesOf(output),
      }),
    ).toEqual([]);
  });

  test('what never comes out right ends the run, with what is wrong', async () => {
    const verdict = { problems: ['frames: 29, 30 expected'], redo: 1 };
    await unpublished();
    cloud.function('Test/Transcode/Functions/Verify').replaceWith(() => verdict);
    expect(await run()).toMatchObject({
      status: 'FAILED',
      error: 'NotVerified',
      cause: 'made 3 times, and still not what a serial encode gives: 90p: frames: 29, 30 expected',
    });
    expect(cloud.bucket('Test/Destination').keys()).toEqual([]);
  });

  test('a source that is written to meanwhile is not mixed with what it was', async () => {
    const file = join(folder, 'source.mp4');
    const bucket = work().name;
    const settings = settingsOf(stack, {
      source: cloud.bucket('Test/Source').name,
      destination: cloud.bucket('Test/Destination').name,
      scratch: bucket,
    });
    const plan = planOf(await probe(file), { key: 'clips/one.mov', etag: '"what it was"', bytes: 1000 }, settings);
    const items = `${plan.folder}items.jsonl`;
    const lines = itemsOf(plan).map((item) => JSON.stringify(item));
    await work().put(items, lines.join('\n'));
    const renditions = [{ name: '90p', key: 'x' }];
    const planned = {
      plan: `${plan.folder}plan.json`,
      items,
      published: false,
      joins: ['90p'],
      renditions,
      frames: 30,
      seconds: 6,
      segments: 4,
    };
    cloud.function('Test/Transcode/Functions/Plan').replaceWith(() => planned);
    const failed = await run();
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: expect.stringMatching(/^\d of 4 items failed: \d rejected, 0 crashed/),
    });
    const [failures] = work()
      .keys()
      .filter((key) => key.endsWith('failures.jsonl'));
    expect(work().text(failures)).toContain('"error":"SourceChanged"');
    expect(
      work()
        .keys('transcode/work/')
        .filter((key) => key.endsWith('.mp4')),
    ).toEqual([]);
  });

  test('a version is transcoded, whatever came after it', async () => {
    const { Versions = [] } = (await cloud.operate('s3', 'ListObjectVersions', { Bucket: cloud.bucket('Test/Source').name })) as {
      Versions?: { VersionId: string }[];
    };
    await cloud.bucket('Test/Source').put('clips/one.mov', 'no longer a video');
    expect((await run({ key: 'clips/one.mov', versionId: Versions[0].VersionId })).output).toMatchObject({
      status: 'TRANSCODED',
      frames: 30,
    });
  });

  test.each<[string, Uint8Array | string | undefined, string, RegExp]>([
    ['nothing', undefined, 'NoSuchSource', /^s3:.*odd\.mp4 is not there, or may not be read/],
    ['no bytes', '', 'EmptySource', /odd\.mp4 has no bytes$/],
    ['a text', 'a text', 'UnreadableSource', /^the source can't be read: ffprobe ended with code 1: .*Invalid data/s],
    [
      'a playlist',
      '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9001/other.ts\n#EXT-X-ENDLIST\n',
      'UnreadableSource',
      /whitelist/,
    ],
    ['a script of ffmpeg', 'ffconcat version 1.0\nfile file:/proc/self/environ\n', 'UnreadableSource', /whitelist/],
  ])('%s for a source', async (_, body, error, cause) => {
    if (body !== undefined) await cloud.bucket('Test/Source').put('odd.mp4', body);
    expect(await run({ key: 'odd.mp4' })).toMatchObject({ status: 'FAILED', error, cause: expect.stringMatching(cause) });
  });

  test('a video stream without a frame', async () => {
    const empty = join(folder, 'empty.avi');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=5:duration=1', '-c:v', 'libx264', '-frames:v', '0', empty);
    await cloud.bucket('Test/Source').put('odd.avi', readFileSync(empty));
    expect(await run({ key: 'odd.avi' })).toMatchObject({
      status: 'FAILED',
      error: 'NoFrames',
      cause: 'the source has a video stream without a single frame',
    });
  });

  test('segments that are together more than one object may be', async () => {
    await unpublished();
    cloud.intercept(async ({ operation, input }, call) => {
      const answer = (await call()) as { Contents?: { Size: number }[] };
      const isSegment = operation === 'ListObjectsV2' && (input as { Prefix: string }).Prefix.endsWith('90p/000001.mp4');
      return isSegment ? { ...answer, Contents: answer.Contents?.map((one) => ({ ...one, Size: 5 * 1024 ** 3 })) } : answer;
    });
    expect(await run()).toMatchObject({
      status: 'FAILED',
      error: 'OutputTooLarge',
      cause: expect.stringMatching(/^rendition '90p' has 53\d{8} bytes, at most 5368709120 can be joined: lower its quality or height$/),
    });
    expect(cloud.bucket('Test/Destination').keys()).toEqual([]);
  });

  test('input that says nothing is refused', async () => {
    expect(await run({ key: '', versionId: 1 })).toMatchObject({
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'key: has 0 characters, at least 1 needed; versionId: must be a text, is number',
    });
  });

  test('publishes and cleans up; the same again does nothing', async () => {
    await unpublished();
    const first = await run();
    expect(first.output).toEqual({
      status: 'TRANSCODED',
      bucket: expect.any(String),
      renditions: [{ name: '90p', key: 'out/clips/one/90p.mp4', width: 160, height: 90 }],
      frames: 30,
      seconds: 6,
      segments: 4,
      redone: 0,
    });
    expect(cloud.bucket('Test/Destination').keys()).toEqual(['out/clips/one/90p.mp4']);
    const left = cloud.bucket('Test/Transcode/BulkMap/Results').keys('transcode/work/');
    expect(left.map((key) => key.split('/').slice(3).join('/'))).toEqual(['items.jsonl', 'plan.json']);
    expect((await run()).output).toMatchObject({ status: 'PRESENT', renditions: [{ name: '90p', key: 'out/clips/one/90p.mp4' }] });
  });
});

describeWithFfmpeg('elsewhere', () => {
  const folder = temporaryFolder();
  const source = (stack: Stack) => ({ source: new s3.Bucket(stack, 'Unversioned') });

  const clip = once(() => makeSource(join(folder, 'clip.mp4'), { seconds: 2, rate: '5', size: '192x108', audio: false }));

  async function run(stack: Stack): Promise<LocalRun> {
    const cloud = await LocalCloud.fromStack(stack);
    try {
      await cloud.bucket('Test/Unversioned').put('clip.mp4', clip());
      const started = await cloud.stateMachine('Test/Transcode').start({ key: 'clip.mp4' });
      await started.finished();
      expect(cloud.access.denied).toEqual([]);
      return started;
    } finally {
      await cloud.dispose();
    }
  }

  test('a bucket without versions, where outputs have no folder', async () => {
    const transcoded = await run(transcodeWith({}, source));
    expect(transcoded.output).toMatchObject({ status: 'TRANSCODED', frames: 10, segments: 1, renditions: [{ key: 'clip/90p.mp4' }] });
  });

  test('without an ffmpeg the run says so, and what to do', async () => {
    expect(await run(transcodeWith({ ffmpegPath: '/nowhere/ffmpeg' }, source))).toMatchObject({
      status: 'FAILED',
      error: 'FfmpegMissing',
      cause: expect.stringMatching(/looked for '\/nowhere\/ffprobe' on .*: give the construct an ffmpegLayer/),
    });
  });
});

function settingsOf(stack: Stack, names: { source: string; destination: string; scratch: string }): TranscodeSettings {
  const [fn] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.Environment?.Variables?.TRANSCODE !== undefined,
  );
  const parts = fn.Properties.Environment.Variables.TRANSCODE['Fn::Join'][1] as unknown[];
  const settings = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : '?')).join('')) as TranscodeSettings;
  return {
    ...settings,
    source: { bucket: names.source },
    destination: { ...settings.destination, bucket: names.destination },
    scratch: { ...settings.scratch, bucket: names.scratch },
  };
}
