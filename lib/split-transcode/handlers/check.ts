import { packetsOf, streamsOf } from './probe';
import { numberOf, rationalOf } from './rational';
import { samplesOf, soundHash } from './recipe';

/** What a file has to be. */
export interface Wanted {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Seconds that each frame is shown, as a fraction; left out where they differ. */
  readonly step?: string;
  /** How long the video is, where its frames are even; how long the last frame is shown nobody knows otherwise. */
  readonly seconds?: number;
  /** From the first frame to the last. */
  readonly lastFrame: number;
  /** Of one channel of the sound; without it there is to be none. */
  readonly samples?: number;
}

/** What is wrong with the sound of a playlist, which has to be all of a file's, and that as much as was counted when it was made. */
export async function problemsOfSound(playlist: string, file: string, samples: number | undefined): Promise<string[]> {
  const counted = await samplesOf(file);
  if (counted !== samples) return [`audio samples: ${counted}, ${samples} expected`];
  return (await soundHash(playlist)) === (await soundHash(file)) ? [] : ['the sound of the playlist is not that which was encoded'];
}

/** What is wrong with a file that was made; nothing when it is what a serial encode gives. Each frame's time is read, the sound is decoded. */
export async function problemsOf(input: string, wanted: Wanted): Promise<string[]> {
  const { streams, seconds: whole } = await streamsOf(input);
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  if (!video) return ['there is no video'];
  const problems: string[] = [];
  const differs = (what: string, is: unknown, shouldBe: unknown) => problems.push(`${what}: ${is}, ${shouldBe} expected`);
  if (video.width !== wanted.width || video.height !== wanted.height) {
    differs('picture', `${video.width}x${video.height}`, `${wanted.width}x${wanted.height}`);
  }
  const packets = await packetsOf(input, video.index);
  if (packets.length !== wanted.frames) differs('frames', packets.length, wanted.frames);
  if (!packets[0]?.key) problems.push('the first frame is no key frame');
  const tick = numberOf(rationalOf(video.time_base) ?? { num: 1, den: 1 });
  const steps = packets.slice(1).map(({ pts }, i) => (pts - packets[i].pts) * tick);
  const step = wanted.step === undefined ? undefined : numberOf(rationalOf(wanted.step) ?? { num: 0, den: 1 });
  const uneven = steps.findIndex((one) => (step === undefined ? one <= 0 : Math.abs(one - step) > tick / 2));
  if (uneven >= 0)
    differs(`time between the frames ${uneven} and ${uneven + 1}`, `${steps[uneven]} s`, step === undefined ? 'more' : `${step} s`);
  const slack = Math.max(tick, 0.001);
  const last = packets.length === 0 ? 0 : (packets[packets.length - 1].pts - packets[0].pts) * tick;
  if (Math.abs(last - wanted.lastFrame) > slack) differs('last frame', `${last} s after the first`, `${wanted.lastFrame} s`);
  // A stream in a playlist has none of its own.
  const seconds = Number(video.duration ?? whole);
  if (wanted.seconds !== undefined && !(Math.abs(seconds - wanted.seconds) <= slack))
    differs('duration', `${seconds} s`, `${wanted.seconds} s`);
  const hasAudio = streams.some(({ codec_type }) => codec_type === 'audio');
  const samples = hasAudio ? await samplesOf(input) : undefined;
  if (samples !== wanted.samples) differs('audio samples', samples ?? 'no sound', wanted.samples ?? 'no sound');
  return problems;
}
