import { join as path } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { problemsOf } from './check';
import { inTurns, type RenditionEvent, renditionOf } from './join-rendition';
import { audioKey, joinedKey, type Plan, segmentKey } from './plan';
import { packetsOf } from './probe';
import { samplesOf } from './recipe';
import type { TranscodeSettings } from './settings';
import { download, metadataOf, readPlan, remove, s3 } from './store';
import { TranscodeError } from './transcode-error';
import { withFolder } from './work-folder';

export interface VerifyEvent extends RenditionEvent {
  /** Why there is no joined file. */
  readonly failure?: string;
}

export interface VerifyAnswer {
  /** Of the joined file, which is published if it still has it. */
  readonly etag?: string;
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
  const { name, wanted } = renditionOf(plan, event.rendition);
  const key = joinedKey(plan, name);
  return withFolder(async (folder) => {
    const { etag, problems } = event.failure === undefined ? await check(folder) : { etag: undefined, problems: [event.failure] };
    if (problems.length === 0) return { etag, problems, redo: 0 };
    const bad = await badParts(plan, name, scratch.bucket, folder);
    await remove(scratch.bucket, [...bad, key]);
    return { problems, redo: bad.length };
  });

  async function check(folder: string): Promise<{ readonly etag?: string; readonly problems: readonly string[] }> {
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: scratch.bucket, Key: key }));
    const file = path(folder, 'joined.mp4');
    await download(scratch.bucket, key, file);
    const samples = plan.audio && Number((await metadataOf(scratch.bucket, audioKey(plan))).samples);
    const problems = await problemsOf(file, { ...wanted, samples }).catch((error) => {
      if (error instanceof TranscodeError && error.name !== 'FfmpegMissing') return [error.message];
      throw error;
    });
    return { etag: ETag, problems };
  }
}

/** Those that have not what the plan says. */
async function badParts(plan: Plan, rendition: string, bucket: string, folder: string): Promise<string[]> {
  const bad = await inTurns(
    plan.windows.map(({ frames }, i) => ({ key: segmentKey(plan, rendition, i), frames })),
    async ({ key, frames }) => {
      const file = path(folder, key.slice(key.lastIndexOf('/') + 1));
      await download(bucket, key, file);
      const found = await packetsOf(file, 0).catch(() => []);
      return found.length === frames && found[0].key ? [] : [key];
    },
  );
  if (!plan.audio) return bad.flat();
  const key = audioKey(plan);
  const file = path(folder, 'audio.mp4');
  await download(bucket, key, file);
  const samples = await samplesOf(file).catch(() => undefined);
  return [...bad.flat(), ...(String(samples) === (await metadataOf(bucket, key)).samples ? [] : [key])];
}
