import { HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { hasKey, unquoted } from './listing';
import type { Pair } from './merge';
import type { Action, ObjectState, PlanLine, Reason } from './plan-line';
import type { BucketPlace, SyncSettings } from './settings';

/** User metadata of a copy: the ETag of what it was copied from, where its own ETag can't be the same. */
export const COPIED_FROM = 'stepworks-source-etag';

/** What is to be done with a key. */
export async function planned(pair: Pair, settings: SyncSettings, s3: S3Client): Promise<PlanLine> {
  const { key } = pair;
  const [source, destination] = [stateOf(pair.source), stateOf(pair.destination)];
  const line = (action: Action, reason: Reason): PlanLine => ({ action, key, reason, source, destination });
  if (!source) return line(settings.deletion ? 'delete' : 'skip', 'orphaned');
  if (!destination) return line('copy', 'missing');
  if (source.size !== destination.size) return line('replace', 'size');
  switch (settings.comparison) {
    case 'SIZE_AND_TIME':
      return destination.modified >= source.modified ? line('skip', 'time') : line('replace', 'time');
    case 'ETAG':
      // The same ETag and size are the same content, however it was uploaded. Other ETags are other content only where both are hashes.
      if (source.etag === destination.etag) return line('skip', 'etag');
      return isCopyOf(await head(s3, settings.destination, key), source) ? line('skip', 'copy') : line('replace', 'etag');
    default:
      return byChecksum(line, source, await head(s3, settings.source, key), await head(s3, settings.destination, key));
  }
}

/** An object without its body, with its checksum; undefined when it has gone since it was listed. */
export async function head(s3: S3Client, place: BucketPlace, key: string): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await s3.send(new HeadObjectCommand({ Bucket: place.bucket, Key: place.prefix + key, ChecksumMode: 'ENABLED' }));
  } catch (error) {
    const status = statusOf(error);
    // Who may list some prefix only isn't told by S3 that a key is missing.
    if (status === 404 || (status === 403 && !(await hasKey(s3, place, key)))) return undefined;
    throw error;
  }
}

/** Whether this is what an earlier run made of that source. */
export function isCopyOf(copy: HeadObjectCommandOutput | undefined, source: ObjectState): boolean {
  if (!copy || copy.ContentLength !== source.size) return false;
  return unquoted(copy.ETag ?? '') === source.etag || copy.Metadata?.[COPIED_FROM] === source.etag;
}

const CHECKSUMS = ['CRC64NVME', 'CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const;

/**
 * Whether two objects have the same checksum; undefined when they have none that can be compared. Composite ones, which are of parts, are the
 * same for the same parts only.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function sameChecksum(a: HeadObjectCommandOutput, b: HeadObjectCommandOutput): boolean | undefined {
  const algorithm = CHECKSUMS.find((name) => a[`Checksum${name}`] !== undefined && b[`Checksum${name}`] !== undefined);
  if (!algorithm || a.ChecksumType !== b.ChecksumType) return undefined;
  const same = a[`Checksum${algorithm}`] === b[`Checksum${algorithm}`];
  return same || a.ChecksumType === 'FULL_OBJECT' ? same : undefined;
}

function byChecksum(
  line: (action: Action, reason: Reason) => PlanLine,
  source: ObjectState,
  original: HeadObjectCommandOutput | undefined,
  copy: HeadObjectCommandOutput | undefined,
): PlanLine {
  const same = original && copy && sameChecksum(original, copy);
  if (same !== undefined) return same ? line('skip', 'checksum') : line('replace', 'checksum');
  if (source.etag === unquoted(copy?.ETag ?? '')) return line('skip', 'etag');
  return isCopyOf(copy, source) ? line('skip', 'copy') : line('replace', 'checksum');
}

function stateOf(object: ObjectState | undefined): ObjectState | undefined {
  return object && { etag: object.etag, size: object.size, modified: object.modified };
}
