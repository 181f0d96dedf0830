import { type Assembly, LocalCloud } from '../../../local';
import '../../../local/jest';
import { clip } from '../../../patterns/split-transcode/clips';
import { describeWithFfmpeg } from '../../lib/split-transcode/support/ffmpeg';
import { synthesizeSample } from '../../support/sample';
import { warmStart } from '../../support/warm-start';

const MACHINE = 'SplitTranscode/Transcoding';
const RENDITIONS = 'SplitTranscode/Renditions';
const WORK = `${MACHINE}/BulkMap/Results`;
const PUBLISHED = ['video/news/clip/large.mp4', 'video/news/clip/small.mp4'];

describeWithFfmpeg('a run that failed, redriven', () => {
  const sample = synthesizeSample('split-transcode');
  const warm = warmStart();
  let assembly: Assembly;
  let cloud: LocalCloud;
  beforeAll(async () => {
    assembly = (await sample).assembly;
  });
  beforeEach(async () => {
    cloud = await LocalCloud.deploy(assembly, { warm }, ['SplitTranscode']);
    await cloud.bucket('SplitTranscode/Clips').put('news/clip.mov', clip({ seconds: 4, rate: '5', sound: false }));
  });
  afterEach(() => cloud.dispose());

  /** Fails at a call, and is redriven after what is done meanwhile. */
  async function redriven(operation: string, by: string, meanwhile: (keyOf: (ending: string) => string) => Promise<void>) {
    const role = cloud.find('AWS::IAM::Role', `${MACHINE}/Functions/${by}/Role`).path;
    cloud.fail(`s3:${operation}`, { error: 'AccessDenied', statusCode: 403, times: 1, role });
    const run = await cloud.stateMachine(MACHINE).start({ key: 'news/clip.mov' });
    await run.finished();
    expect(run.error).toBe('AccessDenied');
    await meanwhile(
      (ending) =>
        cloud
          .bucket(WORK)
          .keys('transcode/work/')
          .find((key) => key.endsWith(ending)) ?? 'none',
    );
    await cloud.operate('sfn', 'RedriveExecution', { executionArn: run.arn });
    return run.finished();
  }

  test('makes segments again that another run has cleaned up meanwhile', async () => {
    const { name: Bucket } = cloud.bucket(WORK);
    const run = await redriven('PutObject', 'Concat', async (keyOf) => {
      await cloud.operate('s3', 'DeleteObject', { Bucket, Key: keyOf('/small/000000.mp4') });
      await cloud.operate('s3', 'DeleteObject', { Bucket, Key: keyOf('/large/000000.mp4') });
    });
    expect(run).toHaveSucceeded();
    expect(run.output).toMatchObject({ status: 'TRANSCODED', frames: 20, redone: 1 });
    expect(run.statesVisited).toContain('SegmentsMissing');
    expect(cloud.bucket(RENDITIONS).keys()).toEqual(PUBLISHED);
  });

  test('publishes nothing but what it has verified', async () => {
    const run = await redriven('CopyObject', 'Publish', async (keyOf) => {
      await cloud.bucket(WORK).put(keyOf('/small/joined.mp4'), 'of another run');
    });
    expect(run.error).toBe('OutputChanged');
    expect(run.cause).toMatch(/small\/joined\.mp4 is not what was verified: another run of the same source is under way$/);
    expect(cloud.bucket(RENDITIONS).keys()).toEqual([]);
    const again = await cloud.stateMachine(MACHINE).start({ key: 'news/clip.mov' });
    expect(await again.finished()).toHaveSucceeded();
    expect(cloud.bucket(RENDITIONS).keys()).toEqual(PUBLISHED);
  });
});
