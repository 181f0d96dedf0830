import type { Video } from './probe';
import { inverse, numberOf } from './rational';

/** Frames that one worker encodes. */
export interface Window {
  /** Place of the first frame. */
  readonly first: number;
  readonly frames: number;
  /** Where ffmpeg seeks to: a little before the first frame. None for the first window. */
  readonly seek?: number;
  /** From the first frame to the first of the next window. */
  readonly seconds: number;
}

/** Before a frame, so that rounding doesn't lose it, and after the frame before. */
const SEEK_BEFORE = 0.004;

/**
 * Cuts a video into windows of whole frames. A window's frames are decoded from the key frame before it, so none begins further from one
 * than its own length: a source that has few key frames gets longer windows.
 */
export function windowsOf(video: Video, segmentSeconds: number): Window[] {
  const { frames, lastSeconds } = video;
  const length = framesIn(video, segmentSeconds);
  const starts: number[] = [];
  let key = 0;
  for (let first = 0; first < frames.length; first += length) {
    while (key + 1 < video.keyFrames.length && video.keyFrames[key + 1] <= first) key++;
    if (first === 0 || first - video.keyFrames[key] <= length) starts.push(first);
  }
  return starts.map((first, i) => {
    const next = starts[i + 1] ?? frames.length;
    const step = first === 0 ? 0 : frames[first] - frames[first - 1];
    return {
      first,
      frames: next - first,
      ...(first > 0 && { seek: frames[first] - Math.min(SEEK_BEFORE, step / 4) }),
      seconds: video.rate
        ? (next - first) * numberOf(inverse(video.rate))
        : (frames[next] ?? frames[frames.length - 1] + lastSeconds) - frames[first],
    };
  });
}

/** As many frames as take whole microseconds, which is what ffmpeg counts in where it joins files. */
function framesIn({ rate, frames, lastSeconds }: Video, segmentSeconds: number): number {
  if (!rate) {
    const seconds = frames[frames.length - 1] + lastSeconds - frames[0];
    return Math.max(1, Math.round((segmentSeconds * frames.length) / seconds));
  }
  const unit = rate.num / greatestDivisor(rate.num, 1_000_000 * rate.den);
  const wanted = segmentSeconds * numberOf(rate);
  return unit > wanted ? Math.max(1, Math.round(wanted)) : Math.round(wanted / unit) * unit;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
