import { isLarge } from '../../../../lib/split-transcode/handlers/expected';
import { itemsOf, planOf, type WorkItem } from '../../../../lib/split-transcode/handlers/plan';
import type { Media } from '../../../../lib/split-transcode/handlers/probe';
import type { RenditionSettings, SmallWorker } from '../../../../lib/split-transcode/handlers/settings';

const LAMBDA: SmallWorker = { memoryMiB: 3008, diskMiB: 2048, seconds: 600 };

interface Source {
  readonly seconds?: number;
  readonly size?: readonly [number, number];
  /** Frames from one key frame to the next. */
  readonly keyEvery?: number;
  readonly bytes?: number;
}

/** The items of a source of 25 frames a second that are expected to be too large. */
function largeOf(
  { seconds = 60, size: [width, height] = [1920, 1080], keyEvery = 50, bytes = 1e8 }: Source,
  rendition: Partial<RenditionSettings> = {},
): string[] {
  const frames = Array.from({ length: seconds * 25 }, (_, i) => i / 25);
  const media: Media = {
    video: {
      ...{ index: 0, width, height, frames, lastSeconds: 0.04 },
      keyFrames: frames.flatMap((_, i) => (i % keyEvery === 0 ? [i] : [])),
      rate: { num: 25, den: 1 },
      timeBase: { num: 1, den: 25 },
    },
    audio: { index: 1, channels: 2, starts: 0 },
  };
  const settings = {
    ...{ source: { bucket: 's' }, destination: { bucket: 'd', prefix: '' }, scratch: { bucket: 'w', prefix: '' } },
    ...{ segmentSeconds: 20, keyFrameSeconds: 2, audioKbps: 128 },
    renditions: [{ name: 'r', height: 1080, quality: 23, preset: 'fast', ...rendition }],
  };
  const plan = planOf(media, { key: 'k', etag: 'e', bytes }, settings);
  const nameOf = ({ key }: WorkItem) => key.split('/').slice(1).join('/');
  return itemsOf(plan)
    .filter((item) => isLarge(item, media, LAMBDA))
    .map(nameOf);
}

const FOUR_K: Source = { seconds: 70, size: [3840, 2160], keyEvery: 1e6 };
const QUICKLY = { height: 2160, preset: 'ultrafast' };

test.each<[string, string[]]>([
  ['a minute of 1080p fits', largeOf({})],
  ['two hours of it fit, since they are in segments', largeOf({ seconds: 7200 })],
  ['4K fits', largeOf({ size: [3840, 2160] }, { height: 2160 })],
  ['more than a minute of it in two segments fits', largeOf(FOUR_K, QUICKLY)],
])('%s', (_, large) => {
  expect(large).toEqual([]);
});

test.each<[string, string[], string[]]>([
  ['an hour with one key frame is one segment but for its beginning', largeOf({ seconds: 3600, keyEvery: 1e6 }), ['r/000001.mp4']],
  ['8K takes more memory', largeOf({ seconds: 20, size: [7680, 4320] }, { height: 4320 }), ['r/000000.mp4']],
  ['what is hardly compressed takes more disk', largeOf(FOUR_K, { ...QUICKLY, quality: 1 }), ['r/000001.mp4']],
  ['so does a bitrate that is allowed', largeOf({ seconds: 20 }, { maxKbps: 900_000 }), ['r/000000.mp4']],
  ['the sound of six hours takes long', largeOf({ seconds: 6 * 3600 }), ['audio.mp4']],
  ['so does that in a source of 50 GB', largeOf({ bytes: 50e9 }), ['audio.mp4']],
  ['a size that nobody knows counts as large', largeOf({ bytes: Number.NaN }), ['audio.mp4']],
])('%s', (_, large, expected) => {
  expect(large).toEqual(expected);
});
