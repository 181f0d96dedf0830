import type { AccessRequest, Operation, Principal } from '../../../cloud-types';
import { type Checksum, checksumMembers, checksumOf, parseAlgorithm } from '../checksums';
import { type CopySource, copyConditions, parseCopySource } from '../copy-source';
import { invalidRequest } from '../errors';
import { settingsOf } from '../object-settings';
import type { ObjectSettings } from '../object-version';
import { checksumOfVersion, type ObjectVersion, quoted } from '../object-version';
import { checkCopySource, checkWrite } from '../preconditions';
import { type S3Context, shownVersionId } from '../service-context';
import { checkRestored } from './get-object';

/** One copy; larger objects go by UploadPartCopy. */
const MAX_COPY = 5 * 1024 ** 3;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export function copyObject(context: S3Context): Operation {
  return {
    access: (input) => {
      const source = parseCopySource(input.CopySource);
      // Tags that are copied are read and written: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
      const tags = input.TaggingDirective === 'REPLACE' ? undefined : (context.access.versionOf(source)?.tags ?? []);
      const reading: AccessRequest[] = tags && tags.length > 0 ? context.access.object('GetObjectTagging', source) : [];
      return [...context.access.read(source), ...reading, ...context.access.write(input, tags && [...tags])];
    },
    run(input, caller: Principal) {
      const bucket = context.buckets.get(input);
      const source = parseCopySource(input.CopySource);
      const sourceBucket = context.buckets.get({ Bucket: source.Bucket, ExpectedBucketOwner: input.ExpectedSourceBucketOwner });
      const original = context.copyable(sourceBucket, source);
      checkRestored(original);
      checkCopySource(copyConditions(input), original);
      checkNotItself(input, source);
      if (original.body.length > MAX_COPY) {
        throw invalidRequest('The specified copy source is larger than the maximum allowable size for a copy source: 5368709120');
      }
      const settings = settingsOfCopy(settingsOf(input, bucket, context.keyArn), original, input);
      checkWrite(input, bucket);
      const { body } = original;
      const etag = context.etagOf(body, settings.encryption);
      const checksum = checksumOfCopy(input.ChecksumAlgorithm, original);
      const version = context.store(bucket, { key: input.Key, body, etag, checksum, ...settings }, 'CopyObject', caller);
      return {
        CopyObjectResult: { ETag: quoted(etag), LastModified: new Date(version.lastModified), ...checksumMembers(checksum) },
        CopySourceVersionId: shownVersionId(sourceBucket, original),
        VersionId: shownVersionId(bucket, version),
        ...context.encryptionMembers(settings.encryption),
      };
    },
  };
}

/** A copy onto itself must change something. An old version copied over the current one does. */
function checkNotItself(input: Readonly<Record<string, unknown>>, source: CopySource): void {
  if (source.Bucket !== input.Bucket || source.Key !== input.Key || source.VersionId !== undefined) return;
  const changes = ['StorageClass', 'ServerSideEncryption', 'WebsiteRedirectLocation'].some((name) => input[name] !== undefined);
  if (changes || input.MetadataDirective === 'REPLACE') return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

function settingsOfCopy(given: ObjectSettings, original: ObjectVersion, input: Readonly<Record<string, unknown>>): ObjectSettings {
  const { WebsiteRedirectLocation: _own, ...headers } = original.headers;
  const { WebsiteRedirectLocation } = given.headers;
  return {
    ...given,
    ...(input.MetadataDirective !== 'REPLACE' && {
      headers: { ...headers, ...(WebsiteRedirectLocation !== undefined && { WebsiteRedirectLocation }) },
      metadata: original.metadata,
    }),
    ...(input.TaggingDirective !== 'REPLACE' && { tags: original.tags }),
  };
}

/** The original's, unless another algorithm is asked for; what was composed of parts is computed anew. */
function checksumOfCopy(asked: string | undefined, original: ObjectVersion): Checksum {
  const former = checksumOfVersion(original);
  const algorithm = asked === undefined ? former.algorithm : parseAlgorithm(asked);
  if (algorithm === former.algorithm && former.type === 'FULL_OBJECT') return former;
  return { algorithm, value: checksumOf(algorithm, original.body), type: 'FULL_OBJECT' };
}
