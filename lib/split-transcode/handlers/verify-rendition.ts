import { join as path } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { problemsOf, problemsOfSound } from './check';
import { PLAYLIST } from './ffmpeg';
import { inTurns, partsOf, type RenditionEvent, renditionOf } from './join-rendition';
import { audioKey, joinedKey, type Plan, playlistKey, SOUND, segmentKey } from './plan';
import { packetsOf } from './probe';
import { samplesOf } from './recipe';
import type { TranscodeSettings } from './settings';
import { download, ifThere, readPlan, remove, s3 } from './store';
import { TranscodeError } from './transcode-error';
import { withFolder } from './work-folder';

export interface VerifyEvent extends RenditionEvent {
  /** Why there is no joined file. */
  readonly failure?: string;
}

export interface VerifyAnswer {
  /** Of the joined file, which is published if it still has it. */
  readonly etag?: string;
  /** Of its playlist, for HLS. */
  readonly playlist?: string;
  /** None when the file is what it has to be. */
  readonly problems: readonly string[];
  /** Bad segments, which were deleted so that they are made again. */
  readonly redo: number;
}

/**
 * Reads a joined file and compares it with what a serial encode gives: every frame's time, the duration, the samples of the sound. When
 * something is wrong, the parts that are to blame are deleted: what runs next makes these again, and no others.
 */
export async function verifyRendition(event: VerifyEvent, { scratch }: TranscodeSettings): Promise<VerifyAnswer> {
  const plan = await readPlan(scratch.bucket, event.plan);
  const name = event.rendition;
  return withFolder(async (folder) => {
    const checked: Checked = event.failure === undefined ? await check(folder) : { problems: [event.failure] };
    if (checked.problems.length === 0) return { ...checked, redo: 0 };
    const bad = await badParts(plan, name, scratch.bucket, folder);
    await remove(scratch.bucket, [...bad, joinedKey(plan, name)]);
    return { problems: checked.problems, redo: bad.length };
  });

  async function check(folder: string): Promise<Checked> {
    const isStreamed = name === SOUND || renditionOf(plan, name).hls;
    const media = await fetch(joinedKey(plan, name), path(folder, `${name}.mp4`));
    const playlist = isStreamed ? await fetch(playlistKey(plan, name), path(folder, `${name}${PLAYLIST}`)) : undefined;
    // An attempt before this one, of which nobody learned, found it bad.
    if (!media || (isStreamed && !playlist)) return { problems: ['the joined file is no longer there'] };
    const { file } = playlist ?? media;
    const sound = partsOf(plan, name).find((key) => key === audioKey(plan));
    const soundFile = path(folder, 'sound.audio.mp4');
    const made = sound === undefined ? {} : await ifThere(scratch.bucket, sound, () => download(scratch.bucket, sound, soundFile));
    if (!made) return { problems: ['the sound is no longer there: another rendition found that it is bad'] };
    const samples = made.samples === undefined ? undefined : Number(made.samples);
    const found =
      name === SOUND ? problemsOfSound(file, soundFile, samples) : problemsOf(file, { ...renditionOf(plan, name).wanted, samples });
    const problems = await found.catch((error) => {
      if (error instanceof TranscodeError && error.name !== 'FfmpegMissing') return [error.message];
      throw error;
    });
    return { etag: media.etag, ...(playlist && { playlist: playlist.etag }), problems };
  }

  function fetch(key: string, file: string): Promise<{ readonly etag?: string; readonly file: string } | undefined> {
    return ifThere(scratch.bucket, key, async () => {
      const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: scratch.bucket, Key: key }));
      await download(scratch.bucket, key, file);
      return { etag: ETag, file };
    });
  }
}

type Checked = Omit<VerifyAnswer, 'redo'>;

/** Those that are there and have not what the plan says. */
async function badParts(plan: Plan, name: string, bucket: string, folder: string): Promise<string[]> {
  const frames = new Map(name === SOUND ? [] : plan.windows.map((window, i) => [segmentKey(plan, name, i), window.frames]));
  const bad = await inTurns(partsOf(plan, name), async (key) => {
    const file = path(folder, key.slice(key.lastIndexOf('/') + 1));
    const metadata = await ifThere(bucket, key, () => download(bucket, key, file));
    if (!metadata) return [];
    const wanted = frames.get(key);
    return (await (wanted === undefined ? isSound(file, metadata.samples) : isSegment(file, wanted))) ? [] : [key];
  });
  return bad.flat();
}

async function isSound(file: string, samples: string | undefined): Promise<boolean> {
  return String(await samplesOf(file).catch(() => undefined)) === samples;
}

async function isSegment(file: string, frames: number): Promise<boolean> {
  const found = await packetsOf(file, 0).catch(() => []);
  return found.length === frames && found[0].key;
}
