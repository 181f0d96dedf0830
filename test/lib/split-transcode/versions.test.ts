import { join } from 'node:path';
import { App, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Rendition, SplitTranscode } from '../../../lib';
import { type Assembly, LocalCloud, type LocalRun } from '../../../local';
import { loadAssembly } from '../../../local/assembly';
import { synthesized } from '../../../local/synthesized';
import { warmStart } from '../../support/warm-start';
import { describeWithFfmpeg, makeSource, once, temporaryFolder } from './support/ffmpeg';

const warm = warmStart();
const folder = temporaryFolder();
const KEY = 'clip.mov';
const MACHINE = 'Test/Transcode';
const MADE_FROM = 'stepworks-transcode-source';

const clipOf = (name: string, seconds: number) =>
  once(() => makeSource(join(folder, `${name}.mp4`), { seconds, rate: '5', size: '160x90', audio: false }));
const oneSecond = clipOf('one', 1);
const twoSeconds = clipOf('two', 2);

function stackWith(versioned: boolean): Stack {
  const stack = new Stack(new App(), 'Test');
  new SplitTranscode(stack, 'Transcode', {
    source: new s3.Bucket(stack, 'Source', { versioned }),
    destination: new s3.Bucket(stack, 'Destination'),
    renditions: [Rendition.mp4({ height: 90, preset: 'ultrafast' }), Rendition.hls({ height: 60, preset: 'ultrafast' })],
  });
  return stack;
}

interface Write {
  readonly operation: string;
  readonly input: { readonly Key: string; readonly Metadata?: Readonly<Record<string, string>> };
}

describeWithFfmpeg('two versions of a clip', () => {
  let assembly: Assembly;
  let unversioned: Assembly;
  let cloud: LocalCloud;
  beforeAll(async () => {
    assembly = await loadAssembly(synthesized(stackWith(true)).directory);
    unversioned = await loadAssembly(synthesized(stackWith(false)).directory);
  });
  beforeEach(async () => {
    cloud = await LocalCloud.deploy(assembly, { warm });
  });
  afterEach(() => cloud.dispose());

  async function upload(body: Uint8Array): Promise<string> {
    const { VersionId, ETag } = await cloud.operate<{ VersionId?: string; ETag: string }>('s3', 'PutObject', {
      Bucket: cloud.bucket('Test/Source').name,
      Key: KEY,
      Body: body,
    });
    return VersionId ?? ETag.replaceAll('"', '');
  }

  const start = (versionId?: string) => cloud.stateMachine(MACHINE).start({ key: KEY, ...(versionId !== undefined && { versionId }) });
  async function transcode(versionId?: string): Promise<LocalRun> {
    const run = await start(versionId);
    await run.finished();
    expect(cloud.access.denied).toEqual([]);
    return run;
  }

  /** Of which versions the file and the playlist are that everybody reads. */
  async function shown(): Promise<readonly (string | undefined)[]> {
    const Bucket = cloud.bucket('Test/Destination').name;
    return Promise.all(
      ['clip/90p.mp4', 'clip/index.m3u8'].map(async (Key) => {
        const { Metadata } = await cloud.operate<{ Metadata?: Record<string, string> }>('s3', 'HeadObject', { Bucket, Key });
        return Metadata?.[MADE_FROM];
      }),
    );
  }

  /** What was kept of all runs that have ended: only plans. */
  const left = () =>
    cloud
      .bucket(`${MACHINE}/BulkMap/Results`)
      .keys('transcode/work/')
      .filter((key) => !/\.jsonl?$/.test(key));

  /** Does something else first when a version's run is about to write an object: after it has looked, and before it has written. */
  function before(version: string, key: string, act: () => Promise<unknown>): void {
    let done = false;
    cloud.intercept(async ({ operation, input }, run) => {
      const { Key, Metadata } = input as Write['input'];
      const writes = operation === 'CopyObject' || operation === 'PutObject';
      if (!done && writes && Key === key && Metadata?.[MADE_FROM] === version) {
        done = true;
        await act();
      }
      return run();
    });
  }

  const superseded = (by: string) => ({ status: 'SUCCEEDED', output: { status: 'SUPERSEDED', newer: by, redone: 0 } });
  const transcoded = { status: 'SUCCEEDED', output: { status: 'TRANSCODED', redone: 0 } };

  test('the old one, then the new one: the new one replaces it', async () => {
    await upload(oneSecond());
    expect(await transcode()).toMatchObject(transcoded);
    const young = await upload(twoSeconds());
    expect(await transcode()).toMatchObject(transcoded);
    expect(await shown()).toEqual([young, young]);
  });

  test('the new one, then the old one: nothing is encoded, and the new one stays', async () => {
    const old = await upload(oneSecond());
    const young = await upload(twoSeconds());
    expect(await transcode()).toMatchObject(transcoded);
    const late = await transcode(old);
    expect(late).toMatchObject(superseded(young));
    expect(late.output).toEqual({
      ...{ status: 'SUPERSEDED', bucket: cloud.bucket('Test/Destination').name, newer: young },
      ...{ frames: 5, seconds: 1, segments: 2, redone: 0 },
    });
    expect(late.statesVisited).toEqual(['ValidateInput', 'PlanSegments', 'IsPublished', 'NewerIsThere']);
    expect(await shown()).toEqual([young, young]);
  });

  test.each(['clip/90p.mp4', 'clip/index.m3u8'])('the new one publishes all while the old one is about to write %s', async (key) => {
    const old = await upload(oneSecond());
    const young = await upload(twoSeconds());
    before(old, key, async () => expect(await transcode()).toMatchObject(transcoded));
    expect(await transcode(old)).toMatchObject(superseded(young));
    expect(await shown()).toEqual([young, young]);
    expect(left()).toEqual([]);
  });

  test.each(['clip/90p.mp4', 'clip/index.m3u8'])(
    'the old one publishes what it may while the new one is about to write %s',
    async (key) => {
      const old = await upload(oneSecond());
      const young = await upload(twoSeconds());
      const file = key === 'clip/90p.mp4' ? transcoded : superseded(young);
      before(young, key, async () => expect(await transcode(old)).toMatchObject(file));
      expect(await transcode()).toMatchObject(transcoded);
      expect(await shown()).toEqual([young, young]);
      expect(left()).toEqual([]);
    },
  );

  test('both replace an earlier one, and the newest has the very bytes of the earliest', async () => {
    await upload(oneSecond());
    expect(await transcode()).toMatchObject(transcoded);
    const old = await upload(twoSeconds());
    const young = await upload(oneSecond());
    before(old, 'clip/90p.mp4', async () => expect(await transcode()).toMatchObject(transcoded));
    expect(await transcode(old)).toMatchObject(superseded(young));
    expect(await shown()).toEqual([young, young]);
  });

  test('the old one is redriven when the new one has published', async () => {
    const old = await upload(oneSecond());
    cloud.fail('s3:CopyObject', { error: 'AccessDenied', statusCode: 403 });
    const failed = await start();
    await failed.finished();
    expect(failed).toMatchObject({ status: 'FAILED', error: 'AccessDenied' });
    const young = await upload(twoSeconds());
    expect(await transcode()).toMatchObject(transcoded);
    await cloud.operate('sfn', 'RedriveExecution', { executionArn: failed.arn });
    await failed.finished();
    expect(failed).toMatchObject(superseded(young));
    expect(await shown()).toEqual([young, young]);
    expect(old).not.toBe(young);
    expect(left()).toEqual([]);
  });

  test('a version that is deleted for good gives way to the one before', async () => {
    const old = await upload(oneSecond());
    const young = await upload(twoSeconds());
    await transcode();
    await cloud.operate('s3', 'DeleteObject', { Bucket: cloud.bucket('Test/Source').name, Key: KEY, VersionId: young });
    expect(await transcode(old)).toMatchObject(transcoded);
    expect(await shown()).toEqual([old, old]);
  });

  test('somebody writes at the same moment: it is tried again', async () => {
    const young = await upload(oneSecond());
    cloud.fail('s3:CopyObject', { error: 'ConditionalRequestConflict', statusCode: 409, times: 2 });
    expect(await transcode()).toMatchObject(transcoded);
    expect(await shown()).toEqual([young, young]);
  });

  test('without versions the source as it is counts', async () => {
    await cloud.dispose();
    cloud = await LocalCloud.deploy(unversioned, { warm });
    const old = await upload(oneSecond());
    let young = '';
    before(old, 'clip/90p.mp4', async () => {
      young = await upload(twoSeconds());
      expect(await transcode()).toMatchObject(transcoded);
    });
    const late = await transcode();
    expect(late).toMatchObject(superseded(young));
    expect(await shown()).toEqual([young, young]);
  });
});
