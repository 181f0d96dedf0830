import type { Video } from '../../../../lib/split-transcode/handlers/probe';
import { windowsOf } from '../../../../lib/split-transcode/handlers/windows';

function video(frames: number, num: number, den: number, keyEvery: number): Video {
  const rate = { num, den };
  return {
    index: 0,
    width: 320,
    height: 180,
    frames: Array.from({ length: frames }, (_, i) => (i * den) / num),
    keyFrames: Array.from({ length: Math.ceil(frames / keyEvery) }, (_, i) => i * keyEvery),
    rate,
    timeBase: { num: den, den: num },
    lastSeconds: den / num,
  };
}

test.each([
  ['30 fps', 30, 1],
  ['25 fps', 25, 1],
  ['24 fps', 24, 1],
  ['29.97 fps', 30_000, 1001],
  ['59.94 fps', 60_000, 1001],
  ['23.976 fps', 24_000, 1001],
])('%s: an hour is cut into windows of whole microseconds that hold each frame once', (_, num, den) => {
  const frames = Math.floor((3600 * num) / den);
  const windows = windowsOf(video(frames, num, den, 48), 20);
  expect(windows.reduce((at, { first, frames: count }) => (first === at ? at + count : Number.NaN), 0)).toBe(frames);
  for (const { frames: count, seconds } of windows.slice(0, -1)) {
    expect((count * den * 1_000_000) % num).toBe(0);
    expect(Math.abs(seconds - 20)).toBeLessThan(0.2);
  }
});

test('ffmpeg is sent to between a frame and the one before', () => {
  for (const fps of [24, 60, 240]) {
    for (const { first, seek } of windowsOf(video(10 * fps, fps, 1, fps), 2)) {
      if (first === 0) expect(seek).toBeUndefined();
      else {
        expect(seek).toBeLessThan(first / fps);
        expect(seek).toBeGreaterThan((first - 0.5) / fps);
      }
    }
  }
});

test('no window begins further from a key frame than its own length', () => {
  const firsts = (keyEvery: number) => windowsOf(video(600, 30, 1, keyEvery), 2).map(({ first }) => first);
  expect(firsts(60)).toEqual([0, 60, 120, 180, 240, 300, 360, 420, 480, 540]);
  expect(firsts(200)).toEqual([0, 60, 240, 420]);
  expect(firsts(600)).toEqual([0, 60]);
});

test('a single frame is a window', () => {
  expect(windowsOf(video(1, 30, 1, 1), 20)).toEqual([{ first: 0, frames: 1, seconds: 1 / 30 }]);
});
