import { mkdir, writeFile } from 'node:fs/promises';
import { join as path } from 'node:path';
import { PLAYLIST } from './ffmpeg';
import { audioKey, joinedKey, mediaOf, type Plan, type PlannedRendition, playlistKey, SOUND, segmentKey } from './plan';
import { concatScript, join, stream } from './recipe';
import type { TranscodeSettings } from './settings';
import { download, readPlan, sizeOf, upload } from './store';
import { TranscodeError } from './transcode-error';
import { withFolder } from './work-folder';

export interface RenditionEvent {
  /** Key of the plan. */
  readonly plan: string;
  readonly rendition: string;
}

export interface JoinAnswer {
  /** Segments that are not there: another run of the same source may have cleaned up. */
  readonly missing: number;
  /** Why they could not be joined. */
  readonly failure?: string;
}

/** What one request uploads or copies at most; twice as much fits on the function's disk. */
const MOST_BYTES = 5 * 1024 ** 3;

const AT_ONCE = 16;

export function renditionOf(plan: Plan, name: string): PlannedRendition {
  const found = plan.renditions.find((rendition) => rendition.name === name);
  if (!found)
    throw new Error(`the plan has no rendition '${name}': it has ${plan.renditions.map((rendition) => rendition.name).join(', ')}`);
  return found;
}

/** Keys of what a rendition, or the sound for HLS, is made of. */
export function partsOf(plan: Plan, name: string): string[] {
  const sound = plan.audio ? [audioKey(plan)] : [];
  if (name === SOUND) return sound;
  const parts = plan.windows.map((_, i) => segmentKey(plan, name, i));
  // The others share one sound, which is joined by itself.
  return renditionOf(plan, name).hls ? parts : [...parts, ...sound];
}

/** Joins all segments of a rendition, and puts the sound to them; for HLS each by itself. */
export async function joinRendition(event: RenditionEvent, { scratch }: TranscodeSettings): Promise<JoinAnswer> {
  const plan = await readPlan(scratch.bucket, event.plan);
  const name = event.rendition;
  const keys = partsOf(plan, name);
  const sizes = await inTurns(keys, (key) => sizeOf(scratch.bucket, key));
  const missing = sizes.filter((size) => size === undefined).length;
  if (missing > 0) return { missing };
  const bytes = sizes.reduce<number>((sum, size = 0) => sum + size, 0);
  if (bytes > MOST_BYTES) {
    throw new TranscodeError(
      'OutputTooLarge',
      `rendition '${name}' has ${bytes} bytes, at most ${MOST_BYTES} can be joined: lower its quality or height`,
    );
  }
  return withFolder(async (folder) => {
    const fileOf = (key: string) => path(folder, key.slice(key.lastIndexOf('/') + 1));
    await inTurns(keys, (key) => download(scratch.bucket, key, fileOf(key)));
    try {
      const { file, playlist } = await joinIn(folder, plan, name, fileOf);
      await upload(scratch.bucket, joinedKey(plan, name), file);
      if (playlist) await upload(scratch.bucket, playlistKey(plan, name), playlist);
    } catch (error) {
      // A part is damaged: which one is found out where all is verified.
      if (error instanceof TranscodeError && error.name === 'EncodingFailed') return { missing: 0, failure: error.message };
      throw error;
    }
    return { missing: 0 };
  });
}

/** The joined file, and its playlist. */
async function joinIn(
  folder: string,
  plan: Plan,
  name: string,
  fileOf: (key: string) => string,
): Promise<{ readonly file: string; readonly playlist?: string }> {
  const audio = plan.audio && { file: fileOf(audioKey(plan)), starts: plan.audio.starts };
  // The file's name stands in the playlist.
  const playlist = path(folder, 'streamed', `${name}${PLAYLIST}`);
  const streamed = { playlist, media: mediaOf(playlist) };
  await mkdir(path(folder, 'streamed'));
  if (name === SOUND) {
    await stream({ input: audio?.file ?? '', starts: audio?.starts ?? 0 }, streamed);
    return { file: streamed.media, playlist };
  }
  const { video, hls } = renditionOf(plan, name);
  const script = path(folder, 'script');
  await writeFile(script, concatScript(plan.windows.map(({ seconds }, i) => ({ file: fileOf(segmentKey(plan, name, i)), seconds }))));
  if (hls) {
    await stream({ input: script, timescale: video.timescale, starts: plan.videoStarts }, streamed);
    return { file: streamed.media, playlist };
  }
  const output = path(folder, 'joined.mp4');
  await join({ script, timescale: video.timescale, videoStarts: plan.videoStarts, audio, comment: plan.fingerprint }, output);
  return { file: output };
}

/** So many at once; the results in the items' order. */
export async function inTurns<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(use))));
  return results;
}
