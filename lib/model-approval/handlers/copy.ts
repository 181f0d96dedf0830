import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { copyInParts } from './copy-in-parts';
import { type CopyTarget, copySource, described } from './copy-target';
import { ModelError } from './model-error';
import { type Artifact, folderOf, type Review, type ReviewReference, readReview } from './review';
import type { ModelSettings } from './settings';
import { inBatches, objectsBelow, s3, versionsBelow } from './store';

export interface CopyEvent {
  readonly review: ReviewReference;
}

export interface Copied {
  /** Files that there was no time for. */
  readonly left: number;
}

const AT_ONCE = 4;

/** What a part, or a small object, may take. */
const RESERVE_MS = 120_000;

/**
 * Copies exactly the versions that were reviewed into a folder of their own, which nobody is pointed to yet. What is there already is
 * good: nothing but such a copy has its key. So it may be called again, and goes on where it ended.
 */
export async function copy({ review: reference }: CopyEvent, settings: ModelSettings, remaining: () => number): Promise<Copied> {
  const { source, destination, partBytes } = settings;
  const review = await readReview(settings.reviews, reference);
  const folder = folderOf(destination, review, reference);
  await assertThere(source.bucket, review);
  const there = await objectsBelow(destination.bucket, folder);
  const missing = review.artifacts.filter(({ name }) => !there.has(folder + name));
  const hasTime = () => remaining() > RESERVE_MS;
  const done = await inBatches(missing, AT_ONCE, async (artifact) => {
    if (!hasTime()) return false;
    try {
      const target = { sourceBucket: source.bucket, bucket: destination.bucket, key: folder + artifact.name, partBytes, hasTime };
      return await (artifact.bytes > partBytes ? copyInParts(artifact, target) : copyWhole(artifact, target));
    } catch (error) {
      // It may have been deleted since it was looked for, which S3 doesn't tell everybody.
      if ([403, 404].includes(statusOf(error) ?? 0)) await assertThere(source.bucket, review);
      throw error;
    }
  });
  return { left: done.filter((whole) => !whole).length };
}

/** Before anything is written. @throws ModelError when a version has gone */
async function assertThere(bucket: string, { manifest, artifacts }: Review): Promise<void> {
  const versions = await versionsBelow(bucket, manifest.key.slice(0, manifest.key.lastIndexOf('/') + 1));
  const there = new Set(versions.map(({ key, versionId }) => `${key} ${versionId}`));
  const gone = artifacts.filter(({ key, versionId }) => !there.has(`${key} ${versionId}`));
  if (gone.length === 0) return;
  const names = gone.slice(0, 10).map(({ name, versionId }) => `${name} (version ${versionId})`);
  throw new ModelError('ArtifactGone', `what was reviewed has been deleted: ${names.join(', ')}`);
}

/** Without the original's metadata and tags: nobody has reviewed them. */
async function copyWhole(artifact: Artifact, { sourceBucket, bucket, key }: CopyTarget): Promise<boolean> {
  try {
    await s3.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: key,
        CopySource: copySource(sourceBucket, artifact),
        CopySourceIfMatch: `"${artifact.etag}"`,
        IfNoneMatch: '*',
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
        ...described(artifact),
      }),
    );
  } catch (error) {
    // It is there: from an attempt whose answer was lost. What it is is verified before anybody is pointed to it.
    if (statusOf(error) !== 412) throw error;
  }
  return true;
}
