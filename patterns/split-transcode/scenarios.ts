import type { Plan } from '../../lib/split-transcode/handlers/plan';
import { assertSame, type Driver, type Expected, type Json, matching, type Pattern, type Run, type Scenario } from '../../local';
import { clip, tone } from './clips';
import { inContainer } from './container';

const MACHINE = 'SplitTranscode/Transcoding';
const CLIPS = 'SplitTranscode/Clips';
const RENDITIONS = 'SplitTranscode/Renditions';
const WORK = 'SplitTranscode/Transcoding/BulkMap/Results';

const KEY = 'news/clip.mov';
const INPUT = { key: KEY };

const PLANNED = ['ValidateInput', 'PlanSegments', 'IsPublished'];
const SEGMENTS = ['TranscodeSegments', 'TranscodeSegmentsSummary', 'TranscodeSegmentsTolerated', 'TranscodeSegmentsDone'];
/** Both renditions at once. */
const JOINED = ['JoinRenditions', 'JoinSegments', 'JoinSegments', ...both('IsJoined', 'VerifyRendition'), 'IsVerified'];
const ALL = [...PLANNED, ...SEGMENTS, ...JOINED, 'PublishRenditions'];

function both(...names: string[]): string[] {
  return [...names, ...names];
}

const output = (name: string) => `video/news/clip/${name}.mp4`;

const transcoded = (frames: number, seconds: number, segments: number): Expected => ({
  status: 'TRANSCODED',
  bucket: matching(/./),
  renditions: [
    { name: 'small', key: output('small'), width: 160, height: 90 },
    { name: 'large', key: output('large'), width: 256, height: 144 },
  ],
  frames,
  seconds,
  segments,
  redone: 0,
});

/** What is published is there, and of what was kept meanwhile the plan alone. */
async function assertTidy(driver: Driver): Promise<void> {
  assertSame([output('large'), output('small')], await driver.objectKeys(RENDITIONS), 'published');
  const left = (await driver.objectKeys(WORK, 'transcode/work/')).filter((key) => key.endsWith('.mp4'));
  assertSame([], left, 'segments that are left');
}

/** Uploads a clip and transcodes it. Where a task's image would run, this machine runs the same worker. */
const playOn =
  (source: () => Uint8Array | string, check?: (driver: Driver, run: Run) => Promise<void>, container = inContainer) =>
  async (driver: Driver, input: Json): Promise<Run> => {
    if (driver.capabilities.has('jobs')) await driver.job('ecs', `${MACHINE}/Functions/Large/Task`, container);
    await driver.putObject(CLIPS, KEY, source());
    const run = await driver.start(MACHINE, input);
    await driver.finished(run);
    await check?.(driver, run);
    return run;
  };

const tenSeconds = () => clip({ seconds: 10, rate: '25' });
/** Five frames a second are encoded sooner; all else is the same. */
const slow = (seconds: number) => clip({ seconds, rate: '5', sound: false, encoder: ['-g', '10', '-bf', '2'] });
const fourSeconds = () => slow(4);
/** Two frames are enough. */
const in8K = () => clip({ seconds: 0.4, rate: '5', sound: false, size: '7680x4320' });

async function plans(driver: Driver): Promise<readonly string[]> {
  return (await driver.objectKeys(WORK, 'transcode/work/')).filter((key) => key.endsWith('/plan.json'));
}

const scenarios: Scenario[] = [
  {
    name: 'two-renditions',
    title: 'A clip of ten seconds becomes two renditions, encoded in seven pieces',
    stateMachine: MACHINE,
    input: INPUT,
    play: playOn(tenSeconds, assertTidy),
    expected: { status: 'SUCCEEDED', statesVisited: ALL, output: transcoded(250, 10, 7) },
  },
  {
    name: 'broadcast-rate',
    title: '29.97 frames a second and key frames that others refer past: not a frame is lost at the joins',
    stateMachine: MACHINE,
    input: INPUT,
    play: playOn(
      () =>
        clip({
          seconds: 8,
          rate: '30000/1001',
          encoder: ['-preset', 'veryfast', '-bf', '3', '-x264-params', 'open-gop=1:keyint=70:scenecut=0'],
        }),
      assertTidy,
    ),
    expected: { status: 'SUCCEEDED', statesVisited: ALL, output: transcoded(240, 8.008, 5) },
  },
  {
    name: 'without-sound',
    title: 'A clip without sound',
    stateMachine: MACHINE,
    input: INPUT,
    play: playOn(fourSeconds, assertTidy),
    expected: { status: 'SUCCEEDED', statesVisited: ALL, output: transcoded(20, 4, 2) },
  },
  {
    name: 'again',
    title: 'The same clip again: everything is there already, nothing is encoded',
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await playOn(fourSeconds)(driver, input);
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, 'AlreadyThere'],
      output: {
        status: 'PRESENT',
        bucket: matching(/./),
        renditions: [
          { name: 'small', key: output('small') },
          { name: 'large', key: output('large') },
        ],
        frames: 20,
        seconds: 4,
        segments: 2,
        redone: 0,
      },
    },
  },
  {
    name: 'replaced',
    title: 'Another clip under the same name: its renditions replace the earlier ones',
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await playOn(fourSeconds)(driver, input);
      return playOn(() => slow(3), assertTidy)(driver, input);
    },
    expected: { status: 'SUCCEEDED', statesVisited: ALL, output: transcoded(15, 3, 2) },
  },
  {
    name: 'older-version',
    title: 'An older version of a clip, after the newer one: what is published of the newer one stays',
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      const before = new Set(await plans(driver));
      await playOn(() => slow(3))(driver, input);
      const [older = 'none'] = (await plans(driver)).filter((key) => !before.has(key));
      const { versionId } = (JSON.parse(await driver.readObject(WORK, older)) as Plan).source;
      await playOn(fourSeconds, assertTidy)(driver, input);
      return driver.start(MACHINE, { key: KEY, versionId: versionId ?? 'none' });
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, 'NewerIsThere'],
      output: { status: 'SUPERSEDED', bucket: matching(/./), newer: matching(/./), frames: 15, seconds: 3, segments: 2, redone: 0 },
    },
  },
  {
    name: 'very-large',
    title: 'An 8K picture is more than a function is expected to hold: containers encode it, by the same code',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      const items: string[] = [];
      const run = await playOn(in8K, assertTidy, (args, job) => {
        items.push(JSON.parse(args.environment.ITEM).key.split('/').slice(3).join('/'));
        return inContainer(args, job);
      })(driver, input);
      assertSame(['large/000000.mp4', 'small/000000.mp4'], items.toSorted(), 'what containers have encoded');
      return run;
    },
    expected: { status: 'SUCCEEDED', statesVisited: ALL, output: transcoded(2, 0.4, 2) },
  },
  {
    name: 'container-hangs',
    title: 'Containers that never end are stopped after two hours',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playOn(
      in8K,
      async (driver) => assertSame([], await driver.objectKeys(RENDITIONS), 'published'),
      (_, job) => job.sleep(Number.POSITIVE_INFINITY),
    ),
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/ of 2 items failed: 0 rejected, \d crashed/),
      statesVisited: [...PLANNED, ...SEGMENTS.slice(0, -1), 'TranscodeSegmentsTooManyFailures'],
    },
  },
  {
    name: 'segments-fail',
    title: 'The segments can not be encoded: the run fails, and says where the reasons are; a restart succeeds',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      const role = `${MACHINE}/Functions/Transcode`;
      await driver.fail({ service: 's3', operation: 'GetObject', error: 'AccessDenied', statusCode: 403, role, times: 2 });
      const first = await playOn(fourSeconds)(driver, input);
      assertSame('TooManyFailures', first.error, 'error of the first run');
      assertSame(matching(/ of 2 items failed: 0 rejected, \d crashed.*failures[.]jsonl$/), first.cause, 'cause of the first run');
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      await assertTidy(driver);
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: ALL,
      output: transcoded(20, 4, 2),
    },
  },
  {
    name: 'damaged-segment',
    title: 'Publication fails, a segment is damaged meanwhile: the restart finds it, and encodes that one alone',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await driver.fail({ service: 's3', operation: 'CopyObject', error: 'AccessDenied', statusCode: 403 });
      const first = await playOn(() => slow(6))(driver, input);
      assertSame('AccessDenied', first.error, 'error of the first run');
      const damaged = (await driver.objectKeys(WORK, 'transcode/work/')).find((key) => key.endsWith('/small/000001.mp4'));
      await driver.putObject(WORK, damaged ?? 'none', 'nothing to be seen');
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      await assertTidy(driver);
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [
        ...[...PLANNED, ...SEGMENTS, ...JOINED, 'Redo'],
        ...['PlanSegments', 'IsPublished', ...SEGMENTS, ...JOINED, 'PublishRenditions'],
      ],
      output: { ...(transcoded(30, 6, 4) as Readonly<Record<string, Expected>>), redone: 1 },
    },
  },
  {
    name: 'throttled',
    title: 'Lambda is busy: it is tried again',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'TooManyRequestsException', statusCode: 429, times: 3 });
      return playOn(fourSeconds, assertTidy)(driver, input);
    },
    expected: { status: 'SUCCEEDED', statesVisited: ALL, output: transcoded(20, 4, 2) },
  },
  {
    name: 'sound-only',
    title: 'There is nothing to see: refused',
    stateMachine: MACHINE,
    input: INPUT,
    play: playOn(() => tone(2)),
    expected: {
      status: 'FAILED',
      error: 'NoVideo',
      cause: 'the source has no video: its streams are audio',
      statesVisited: [...PLANNED.slice(0, 2), 'TranscodeFailed'],
    },
  },
  {
    name: 'cut-off',
    title: 'Half of the clip was uploaded: refused, rather than half of it published',
    stateMachine: MACHINE,
    input: INPUT,
    play: playOn(() => {
      const whole = tenSeconds();
      return whole.subarray(0, Math.floor(whole.length / 2));
    }),
    expected: {
      status: 'FAILED',
      error: 'UnreadableSource',
      cause: matching(/^the source is cut off: \d+ of its 250 frames are there$/),
      statesVisited: [...PLANNED.slice(0, 2), 'TranscodeFailed'],
    },
  },
  {
    name: 'no-clip',
    title: 'There is no such clip',
    stateMachine: MACHINE,
    input: { key: 'news/other.mov' },
    expected: {
      status: 'FAILED',
      error: 'NoSuchSource',
      cause: matching(/news\/other\.mov is not there, or may not be read/),
      statesVisited: [...PLANNED.slice(0, 2), 'TranscodeFailed'],
    },
  },
  {
    name: 'invalid-input',
    title: 'An input that names no clip is refused',
    stateMachine: MACHINE,
    input: { clip: KEY },
    expected: { status: 'FAILED', error: 'InvalidInput', cause: 'key: is missing', statesVisited: ['ValidateInput', 'InvalidInput'] },
  },
];

/** F34: a video cut into segments that are encoded at the same time. */
export const splitTranscode: Pattern = {
  name: 'split-transcode',
  title: 'Split and transcode: cut, encode side by side, join, verify, publish',
  scenarios,
};
