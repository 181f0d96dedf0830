import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { isLarge } from './expected';
import { inTurns } from './join-rendition';
import { itemsOf, joinsOf, type PinnedSource, planOf, type WorkItem } from './plan';
import { type Media, probe } from './probe';
import { newerThan, publishedOf } from './published';
import type { TranscodeSettings } from './settings';
import { withSource } from './source-server';
import { s3, sizeOf, writeText } from './store';
import { TranscodeError } from './transcode-error';

export interface PlanEvent {
  readonly key: string;
  readonly versionId?: string;
}

export interface PlanAnswer {
  /** Key of the plan. */
  readonly plan: string;
  /** Key of what is to be done, one line for each worker. */
  readonly items: string;
  /** Whether all that would be made is there already. */
  readonly published: boolean;
  /** The version of the source that is newer than this one, and of which something is published. */
  readonly newer?: string;
  /** What is to be joined and verified. */
  readonly joins: readonly string[];
  readonly renditions: readonly { readonly name: string; readonly key: string }[];
  /** Key of the multivariant playlist. */
  readonly playlist?: string;
  readonly frames: number;
  readonly seconds: number;
  readonly segments: number;
}

/** Looks at the source, and writes down what is to be done. */
export async function makePlan(event: PlanEvent, settings: TranscodeSettings): Promise<PlanAnswer> {
  const source = await pin(settings.source.bucket, event);
  const media = await withSource(settings.source.bucket, source, probe);
  const plan = planOf(media, source, settings);
  const { bucket } = settings.scratch;
  const items = await routed(itemsOf(plan), media, settings);
  const keys = { plan: `${plan.folder}plan.json`, items: `${plan.folder}items.jsonl` };
  await writeText(bucket, keys.plan, `${JSON.stringify(plan)}\n`);
  await writeText(bucket, keys.items, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  const there = await publishedOf(plan, settings);
  const newer = await newerThan(plan, there, settings);
  return {
    ...keys,
    published: there.every((one) => one?.madeOf === plan.fingerprint),
    ...(newer !== undefined && { newer }),
    joins: joinsOf(plan),
    renditions: plan.renditions.map(({ name, output }) => ({ name, key: output })),
    ...(plan.hls && { playlist: plan.hls.playlist }),
    frames: media.video.frames.length,
    seconds: Math.round(plan.seconds * 1000) / 1000,
    segments: items.length,
  };
}

/** Says of those that are too large for the small worker that they are, unless they are there: to find that takes nobody long. */
function routed(items: readonly WorkItem[], media: Media, { smallWorker, scratch }: TranscodeSettings): Promise<WorkItem[]> {
  return inTurns(items, async (item) => {
    if (!smallWorker || !isLarge(item, media, smallWorker)) return item;
    return (await sizeOf(scratch.bucket, item.key)) === undefined ? { ...item, large: true } : item;
  });
}

async function pin(bucket: string, { key, versionId }: PlanEvent): Promise<PinnedSource> {
  try {
    const found = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    const bytes = found.ContentLength ?? 0;
    if (bytes === 0) throw new TranscodeError('EmptySource', `s3://${bucket}/${key} has no bytes`);
    return { key, etag: found.ETag ?? '', bytes, ...(found.VersionId && found.VersionId !== 'null' && { versionId: found.VersionId }) };
  } catch (error) {
    if (![400, 403, 404].includes(statusOf(error) ?? 0)) throw error;
    const which = `s3://${bucket}/${key}${versionId ? `, version ${versionId}` : ''}`;
    throw new TranscodeError('NoSuchSource', `${which} is not there, or may not be read (${statusOf(error)})`);
  }
}
