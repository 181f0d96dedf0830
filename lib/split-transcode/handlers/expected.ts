import type { WorkItem } from './plan';
import type { Media } from './probe';
import type { SmallWorker } from './settings';

/** What a worker is expected to take. */
export interface Expected {
  readonly seconds: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
}

/**
 * x264's presets: seconds of CPU for a million pixels, measured and doubled, since pictures differ; and frames that it holds at once, those
 * that it looks ahead and those that it refers to.
 */
const PRESETS: { readonly [preset: string]: { readonly cpu: number; readonly frames: number } } = {
  ultrafast: { cpu: 0.02, frames: 1 },
  superfast: { cpu: 0.03, frames: 1 },
  veryfast: { cpu: 0.04, frames: 11 },
  faster: { cpu: 0.05, frames: 22 },
  fast: { cpu: 0.065, frames: 32 },
  medium: { cpu: 0.07, frames: 43 },
  slow: { cpu: 0.1, frames: 55 },
  slower: { cpu: 0.2, frames: 68 },
  veryslow: { cpu: 0.3, frames: 76 },
};

/** Seconds of CPU for a million pixels. */
const DECODE_CPU = 0.01;
/** Seconds of CPU for a second of sound; one thread does it. */
const AUDIO_CPU = 1 / 30;
/** Of S3, all requests one after the other. */
const BYTES_A_SECOND = 40e6;

/** MiB that Node.js and ffmpeg take without a picture, for a million pixels of each frame of the encoder, and of all frames of the decoder. */
const [BASE_MIB, ENCODER_MIB, DECODER_MIB] = [150, 4, 30];
/** Frames that are under way beside those of the preset. */
const UNDER_WAY = 10;

/** Bits for a pixel at the constant rate factor 23; six more halve them. */
const BITS = 0.15;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MIB_A_CPU = 1769;

/** Whether an item is expected to be more than a worker with limits can do. What is not known counts as more. */
export function isLarge(item: WorkItem, media: Media, worker: SmallWorker): boolean {
  const { seconds, memoryMiB, diskMiB } = expected(item, media, Math.max(1, worker.memoryMiB / MIB_A_CPU));
  return !(seconds <= worker.seconds && memoryMiB <= worker.memoryMiB && diskMiB <= worker.diskMiB);
}

/** An expectation, on the safe side. */
export function expected(item: WorkItem, { video: source }: Media, cpus: number): Expected {
  if ('audio' in item) {
    const seconds = source.frames[source.frames.length - 1] + source.lastSeconds;
    return {
      seconds: seconds * AUDIO_CPU + item.source.bytes / BYTES_A_SECOND,
      memoryMiB: BASE_MIB,
      diskMiB: (seconds * item.audio.kbps * 1000) / 8 / 2 ** 20,
    };
  }
  const { window, video } = item;
  const { cpu, frames: held } = PRESETS[video.preset] ?? PRESETS.veryslow;
  const [read, made] = [(source.width * source.height) / 1e6, (video.width * video.height) / 1e6];
  // Decoding begins at the key frame before the first frame.
  const skipped = window.first - (source.keyFrames.findLast((frame) => frame <= window.first) ?? 0);
  const work = (skipped + window.frames) * read * DECODE_CPU + window.frames * made * cpu;
  const perPixel = BITS * 2 ** ((23 - video.quality) / 6);
  const bits = video.maxKbps === undefined ? window.frames * made * 1e6 * perPixel : window.seconds * video.maxKbps * 1000;
  return {
    seconds: work / cpus,
    memoryMiB: BASE_MIB + read * DECODER_MIB + made * ENCODER_MIB * (held + UNDER_WAY),
    diskMiB: bits / 8 / 2 ** 20,
  };
}
