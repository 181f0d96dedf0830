import { HeadObjectCommand, ListObjectVersionsCommand, type ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { outputsOf, type PinnedSource, type Plan } from './plan';
import type { TranscodeSettings } from './settings';
import { ifThere, s3 } from './store';

/** Metadata of a published object: what it was made of, in which way, and of which version of the source. */
const MADE_OF = 'stepworks-transcode';
const MADE_FROM = 'stepworks-transcode-source';

/** What stands at a key of the destination. */
export interface PublishedObject {
  readonly etag: string;
  /** Fingerprint of its plan. */
  readonly madeOf?: string;
  /** See `versionOf`. */
  readonly madeFrom?: string;
}

/** On which condition an object may be written: that what was looked at is still there, or still nothing. */
export interface WriteCondition {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: '*';
}

/** The condition did not hold, or somebody was writing at the same time. */
const CONFLICTS = [404, 409, 412];
const ATTEMPTS = 10;

/** Thrown in the midst of publishing. */
export class Superseded extends Error {
  constructor(
    /** The newer version. */
    readonly newer: string,
  ) {
    super(`version ${newer} of the source is newer`);
  }
}

export function publishedMetadata({ fingerprint, source }: Plan): Record<string, string> {
  return { [MADE_OF]: fingerprint, [MADE_FROM]: versionOf(source) };
}

/** What of a plan's outputs is there, in their order. */
export function publishedOf(plan: Plan, { destination }: TranscodeSettings): Promise<(PublishedObject | undefined)[]> {
  return Promise.all(outputsOf(plan).map((key) => publishedAt(destination.bucket, key)));
}

/** The version of which something that is there was made, if that is newer than the plan's. */
export async function newerThan(
  { source }: Plan,
  there: readonly (PublishedObject | undefined)[],
  settings: TranscodeSettings,
): Promise<string | undefined> {
  for (const madeFrom of new Set(there.map((one) => one?.madeFrom))) {
    if (madeFrom !== undefined && (await isNewer(settings.source.bucket, source, madeFrom))) return madeFrom;
  }
  return undefined;
}

/**
 * Writes an object unless it is there; whatever runs of other versions do meanwhile, the newest version stays.
 * @param write with the condition that nobody else has written since
 * @throws Superseded when what is there was made of a newer version; else what `write` threw
 */
export async function publishTo(
  key: string,
  plan: Plan,
  settings: TranscodeSettings,
  write: (condition: WriteCondition) => Promise<unknown>,
): Promise<void> {
  let there = await publishedAt(settings.destination.bucket, key);
  for (let attempt = 1; ; attempt++) {
    if (there?.madeOf === plan.fingerprint) return;
    const newer = await newerThan(plan, [there], settings);
    if (newer !== undefined) throw new Superseded(newer);
    try {
      await write(there ? { IfMatch: there.etag } : { IfNoneMatch: '*' });
      return;
    } catch (error) {
      const status = statusOf(error) ?? 0;
      if (!CONFLICTS.includes(status) || attempt === ATTEMPTS) throw error;
      const now = await publishedAt(settings.destination.bucket, key);
      // Then it was not this object's condition that did not hold.
      if (status !== 409 && now?.etag === there?.etag) throw error;
      there = now;
    }
  }
}

function publishedAt(bucket: string, key: string): Promise<PublishedObject | undefined> {
  return ifThere(bucket, key, async () => {
    const { ETag = '', Metadata = {} } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return { etag: ETag, madeOf: Metadata[MADE_OF], madeFrom: Metadata[MADE_FROM] };
  });
}

/** What tells a version of a source from the others: its id or, where none are kept, the ETag. */
function versionOf({ versionId, etag }: PinnedSource): string {
  return versionId ?? etag.replaceAll('"', '');
}

/**
 * Whether another version of a source is newer, in S3's own order: uploads of one second have the same time, and one in parts has that of its
 * beginning. What S3 no longer has counts as older.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html, "the most recently stored object returned first"
 */
async function isNewer(bucket: string, source: PinnedSource, other: string): Promise<boolean> {
  const own = versionOf(source);
  if (other === own) return false;
  let page: Partial<ListObjectVersionsCommandOutput> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: source.key, KeyMarker, VersionIdMarker }));
    for (const { Key, VersionId, ETag } of page.Versions ?? []) {
      if (Key !== source.key) return false;
      const version = versionOf({ ...source, etag: ETag ?? '', versionId: VersionId === 'null' ? undefined : VersionId });
      if (version === own || version === other) return version === other;
    }
  } while (page.NextKeyMarker === source.key);
  return false;
}
