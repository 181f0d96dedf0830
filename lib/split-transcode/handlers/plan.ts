import { createHash } from 'node:crypto';
import { RECIPE } from '../recipe-version';
import type { Wanted } from './check';
import { PLAYLIST } from './ffmpeg';
import type { Media, Video } from './probe';
import { inverse, numberOf, textOfRational } from './rational';
import type { AudioSettings, VideoSettings } from './recipe';
import type { RenditionSettings, TranscodeSettings } from './settings';
import { type Window, windowsOf } from './windows';

/** An object that stays what it was: a version, or what the ETag says. */
export interface PinnedSource {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  readonly versionId?: string;
}

/** What is to be done with a source: written down once, and read by every step. */
export interface Plan {
  readonly source: PinnedSource;
  /** Of the source and of all that decides what is made of it: the same gives the same segments. */
  readonly fingerprint: string;
  /** Key prefix of the segments. */
  readonly folder: string;
  /** Seconds that the picture begins later than the file does. */
  readonly videoStarts: number;
  readonly windows: readonly Window[];
  /** How long the video is. */
  readonly seconds: number;
  readonly audio?: AudioSettings & { readonly starts: number };
  readonly renditions: readonly PlannedRendition[];
  /** Where there are renditions for HTTP live streaming. */
  readonly hls?: PlannedHls;
}

export interface PlannedHls {
  /** Key of the multivariant playlist, which names all others. */
  readonly playlist: string;
  /** Of the sound's playlist; they all have the same. */
  readonly sound?: string;
  /** Frames a second, where it is constant. */
  readonly rate?: number;
}

export interface PlannedRendition {
  readonly name: string;
  readonly video: VideoSettings;
  /** What the finished file has to be, its sound apart. */
  readonly wanted: Omit<Wanted, 'samples'>;
  /** Key in the destination bucket, for HLS of the playlist. */
  readonly output: string;
  readonly hls?: true;
}

/** What one worker does: all that it needs to know. */
export type WorkItem = {
  readonly key: string;
  readonly source: PinnedSource /** For the large worker at once. */;
  readonly large?: boolean;
} & ({ readonly video: VideoSettings; readonly window: Window } | { readonly audio: AudioSettings });

/** Where the sound stands among the renditions; none has its name. */
export const SOUND = 'sound';

export function planOf(media: Media, source: PinnedSource, settings: TranscodeSettings): Plan {
  const { scratch, destination } = settings;
  const fingerprint = fingerprintOf(source, settings);
  const { video, audio } = media;
  const windows = windowsOf(video, settings.segmentSeconds);
  const base = `${destination.prefix}${source.key.replace(/\.[^./]*$/, '')}/`;
  // Of a source that is replaced the earlier playlists and files stay whole for who is watching.
  const hlsBase = `${base}${fingerprint.slice(0, 12)}/`;
  return {
    source,
    fingerprint,
    folder: `${scratch.prefix}${fingerprint}/`,
    videoStarts: video.frames[0],
    windows,
    seconds: windows.reduce((sum, { seconds }) => sum + seconds, 0),
    ...(audio && {
      audio: { stream: audio.index, channels: Math.min(2, audio.channels), kbps: settings.audioKbps, starts: audio.starts },
    }),
    renditions: settings.renditions.map((rendition) => {
      const target = targetOf(video, rendition, settings.keyFrameSeconds);
      return {
        name: rendition.name,
        video: target,
        wanted: wantedOf(video, target),
        output: rendition.hls ? `${hlsBase}${rendition.name}${PLAYLIST}` : `${base}${rendition.name}.mp4`,
        ...(rendition.hls && { hls: true }),
      };
    }),
    ...(settings.renditions.some(({ hls }) => hls) && {
      hls: {
        playlist: `${base}index${PLAYLIST}`,
        ...(audio && { sound: `${hlsBase}${SOUND}${PLAYLIST}` }),
        ...(video.rate && { rate: numberOf(video.rate) }),
      },
    }),
  };
}

/** Every segment of every rendition, and the sound. */
export function itemsOf(plan: Plan): WorkItem[] {
  const { source, audio, windows, renditions } = plan;
  return [
    // First, because it takes longest.
    ...(audio ? [{ key: audioKey(plan), source, audio }] : []),
    ...renditions.flatMap((rendition) =>
      windows.map((window, i) => ({ key: segmentKey(plan, rendition.name, i), source, video: rendition.video, window })),
    ),
  ];
}

export const audioKey = ({ folder }: Plan): string => `${folder}audio.mp4`;
export const segmentKey = ({ folder }: Plan, rendition: string, i: number): string =>
  `${folder}${rendition}/${String(i).padStart(6, '0')}.mp4`;
export const joinedKey = ({ folder }: Plan, rendition: string): string => `${folder}${rendition}/joined.mp4`;
export const playlistKey = ({ folder }: Plan, rendition: string): string => `${folder}${rendition}/joined${PLAYLIST}`;
/** Key of the file that a playlist is of. */
export const mediaOf = (playlist: string): string => `${playlist.slice(0, -PLAYLIST.length)}.mp4`;

/** What is joined and verified, each by itself: the renditions, and for HLS the sound. */
export const joinsOf = ({ renditions, hls }: Plan): string[] => [...renditions.map(({ name }) => name), ...(hls?.sound ? [SOUND] : [])];

/** Everything that is published, what names the others last. */
export const outputsOf = ({ renditions, hls }: Plan): string[] => [
  ...renditions.map(({ output }) => output),
  ...(hls?.sound ? [hls.sound] : []),
  ...(hls ? [hls.playlist] : []),
];

export function fingerprintOf({ key, etag, versionId }: PinnedSource, settings: TranscodeSettings): string {
  const { source, renditions, segmentSeconds, keyFrameSeconds, audioKbps } = settings;
  const all = [RECIPE, source.bucket, key, etag, versionId ?? '', renditions, segmentSeconds, keyFrameSeconds, audioKbps];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32);
}

function targetOf(video: Video, { height, quality, maxKbps, preset }: RenditionSettings, keyFrameSeconds: number): VideoSettings {
  const timeBase = video.rate ? inverse(video.rate) : video.timeBase;
  const scaled = even(Math.min(height, video.height));
  const seconds = video.frames[video.frames.length - 1] + video.lastSeconds - video.frames[0];
  const rate = video.rate ? numberOf(video.rate) : video.frames.length / seconds;
  return {
    stream: video.index,
    width: even((video.width * scaled) / video.height),
    height: scaled,
    quality,
    ...(maxKbps !== undefined && { maxKbps }),
    preset,
    keyFrameEvery: Math.max(1, Math.round(rate * keyFrameSeconds)),
    constantRate: video.rate !== undefined,
    timeBase: textOfRational(timeBase),
    timescale: timescaleOf(timeBase),
  };
}

function wantedOf({ frames, rate }: Video, { width, height, timeBase }: VideoSettings): PlannedRendition['wanted'] {
  const step = rate && numberOf(inverse(rate));
  return {
    width,
    height,
    frames: frames.length,
    ...(step !== undefined && { step: timeBase, seconds: frames.length * step }),
    lastFrame: step === undefined ? frames[frames.length - 1] - frames[0] : (frames.length - 1) * step,
  };
}

/** So fine that every frame begins at a tick, and at least 10,000 of them in a second. */
function timescaleOf({ num, den }: { num: number; den: number }): number {
  const base = num === 1 || den > num ? den : 90_000;
  return base * Math.ceil(10_000 / base);
}

/** H.264 with 4:2:0 has even sides. */
function even(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}
