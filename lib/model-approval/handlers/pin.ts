import { HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { readMetrics } from './diagnostics';
import { assertVersion, readManifest } from './manifest';
import { ModelError } from './model-error';
import { type Artifact, type Checksum, type Metrics, type ReviewReference, writeReview } from './review';
import type { ModelSettings } from './settings';
import { inBatches, type ListedVersion, s3, unquoted, versionsBelow } from './store';

export interface PinEvent {
  readonly key: string;
  readonly versionId: string;
  /** Of the run. */
  readonly execution: string;
}

/** What the reviewers are shown; all of it is in the review. */
export interface Pinned {
  readonly review: ReviewReference;
  readonly metrics: Metrics;
  readonly artifacts: readonly string[];
  readonly bytes: number;
}

/** So many fit a message, however long their names are. */
const SHOWN = 20;
const AT_ONCE = 16;

const CHECKSUMS = ['SHA256', 'CRC64NVME', 'CRC32C', 'CRC32', 'SHA1'] as const;

/** Writes down which version of each file is meant: it is these that are decided about, and copied, whatever happens meanwhile. */
export async function pin({ key, versionId, execution }: PinEvent, { source, reviews }: ModelSettings): Promise<Pinned> {
  const { bucket } = source;
  const { model, version, trainedBy, files, folder, diagnostics, writtenAt } = await readManifest(source, key, versionId);
  const versions = await versionsBelow(bucket, folder);
  const meant = files.map((name) =>
    asOf(
      writtenAt,
      versions.filter((one) => one.key === folder + name),
    ),
  );
  const missing = files.filter((_, index) => !meant[index]);
  if (missing.length > 0) {
    throw new ModelError('ArtifactMissing', `the manifest ${key} names what is not there: ${missing.slice(0, 10).join(', ')}`);
  }
  const there = meant.filter((one) => one !== undefined);
  const artifacts = await inBatches(there, AT_ONCE, (one) => artifactOf(one.key.slice(folder.length), one, bucket));
  const metrics = await readMetrics(bucket, artifacts[files.indexOf(diagnostics)]);
  const manifest = { key, versionId };
  const review = await writeReview(reviews, execution, { model, version, trainedBy, manifest, diagnostics, metrics, artifacts });
  return { review, metrics, artifacts: shown(artifacts), bytes: artifacts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * What was there when the manifest was written, though it may have been replaced before anybody looked; of a file that came later, the
 * first since. So one manifest means the same files whenever it is read.
 * @param versions of one key, the newest first
 */
export function asOf(time: number, versions: readonly ListedVersion[]): ListedVersion | undefined {
  const then = versions.find(({ writtenAt }) => writtenAt <= time);
  return then && !then.deleted ? then : versions.findLast(({ writtenAt, deleted }) => writtenAt > time && !deleted);
}

async function artifactOf(name: string, found: ListedVersion, bucket: string): Promise<Artifact> {
  assertVersion(found, bucket);
  const { key: Key, versionId } = found;
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key, VersionId: versionId, ChecksumMode: 'ENABLED' }));
  const checksum = checksumOf(head);
  return {
    name,
    key: Key,
    versionId,
    etag: unquoted(head.ETag),
    bytes: head.ContentLength ?? 0,
    ...(head.ContentType !== undefined && { contentType: head.ContentType }),
    ...(checksum && { checksum }),
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export function checksumOf(head: HeadObjectCommandOutput): Checksum | undefined {
  for (const algorithm of CHECKSUMS) {
    const value = head[`Checksum${algorithm}`];
    if (value !== undefined) return { algorithm, value, ...(head.ChecksumType !== undefined && { type: head.ChecksumType }) };
  }
  return undefined;
}

function shown(artifacts: readonly Artifact[]): string[] {
  const lines = artifacts.slice(0, SHOWN).map(({ name, bytes, versionId, etag, checksum }) => {
    const hash = checksum ? `${checksum.algorithm} ${checksum.value}` : `ETag ${etag}`;
    return `${name} (${bytes} bytes, version ${versionId}, ${hash})`;
  });
  return artifacts.length > SHOWN ? [...lines, `and ${artifacts.length - SHOWN} more in the review`] : lines;
}
