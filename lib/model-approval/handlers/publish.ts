import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { MADE_OF } from './copy-target';
import { type Approval, currentKey, type PublishedFile, type PublishedModel, readCurrent } from './current';
import { ModelError } from './model-error';
import { checksumOf } from './pin';
import { type Artifact, folderOf, type ReviewReference, readReview } from './review';
import { MANIFEST_NAME, type ModelSettings } from './settings';
import { inBatches, objectsBelow, s3, unquoted, writeJson } from './store';

export interface PublishEvent {
  readonly review: ReviewReference;
  readonly approval: Approval;
  /** ETag of the pointer that the reviewers' approval replaces; none when there was none. */
  readonly replaces?: string;
  /** Name of the run. */
  readonly execution: string;
}

export interface Published {
  readonly folder: string;
  /** Key of the pointer. */
  readonly current: string;
}

const AT_ONCE = 16;

/** Looks at every copy, and only then, in one write, puts the model in force. Done again, it finds what it did. */
export async function publish(event: PublishEvent, { destination, reviews }: ModelSettings): Promise<Published> {
  const { review: reference, approval, execution, replaces } = event;
  const review = await readReview(reviews, reference);
  const folder = folderOf(destination, review, reference);
  const there = await objectsBelow(destination.bucket, folder);
  const artifacts = await inBatches(review.artifacts, AT_ONCE, (artifact) => verified(artifact, destination.bucket, folder, there));
  const { model, version, trainedBy, diagnostics, metrics } = review;
  const published: PublishedModel = {
    model,
    version,
    trainedBy,
    folder,
    files: artifacts.map(({ name }) => name),
    diagnostics,
    metrics,
    artifacts,
    review: { bucket: reviews.bucket, ...reference },
    approval,
    execution,
  };
  const text = JSON.stringify(published);
  await writeJson(destination.bucket, folder + MANIFEST_NAME, text);
  const current = currentKey(destination, model);
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: destination.bucket,
        Key: current,
        Body: text,
        ContentType: 'application/json',
        ...(replaces === undefined ? { IfNoneMatch: '*' } : { IfMatch: `"${replaces}"` }),
      }),
    );
  } catch (error) {
    if (statusOf(error) !== 412 && statusOf(error) !== 404) throw error;
    const now = await readCurrent(destination, model);
    // An attempt before had its effect, and only its answer was lost.
    if (now?.published.execution !== execution) {
      throw new ModelError(
        'CurrentChanged',
        `${current} is not what the model was compared with: ${now ? `version ${now.published.version} is in force` : 'nothing is in force'} now. It was left as it is`,
      );
    }
  }
  return { folder, current };
}

/** Read back: size, and the checksum or, where S3 has another one of the copy, the ETag or what the copy says that it was made of. */
async function verified(artifact: Artifact, bucket: string, folder: string, there: ReadonlyMap<string, string>): Promise<PublishedFile> {
  const { name, key, versionId, etag, bytes, checksum } = artifact;
  const Key = folder + name;
  if (!there.has(Key)) throw new ModelError('NotVerified', `${Key} is not there, right after it was copied`);
  const copy = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }));
  const found = checksumOf(copy);
  const comparable =
    found !== undefined && found.type !== 'COMPOSITE' && found.algorithm === checksum?.algorithm && found.type === checksum.type;
  const same = comparable ? found.value === checksum.value : unquoted(copy.ETag) === etag || copy.Metadata?.[MADE_OF] === versionId;
  if (copy.ContentLength !== bytes || !same) {
    throw new ModelError(
      'NotVerified',
      `${Key} has ${copy.ContentLength} bytes and ${comparable ? `the ${found.algorithm} ${found.value}` : `the ETag ${unquoted(copy.ETag)}`}, which is not what was reviewed`,
    );
  }
  return { name, bytes, etag: unquoted(copy.ETag), ...(found && { checksum: found }), source: { key, versionId, etag } };
}
