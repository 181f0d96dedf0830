import { ApiError, type Operation, type Principal } from '../../../cloud-types';
import type { Bucket } from '../bucket';
import { malformedXml } from '../errors';
import type { ObjectVersion } from '../object-version';
import { checkDelete } from '../preconditions';
import type { S3Context } from '../service-context';

interface Deletion {
  readonly Key: string;
  readonly VersionId?: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteObject(context: S3Context): Operation {
  return {
    access: (input) => [
      ...context.access.object('DeleteObject', input, input.VersionId === undefined ? { 's3:if-match': input.IfMatch } : {}),
      ...context.access.comparing(input),
    ],
    run(input, caller: Principal) {
      const bucket = context.buckets.get(input);
      checkDelete(input, bucket);
      return input.VersionId === undefined ? deleteCurrent(context, bucket, input, caller) : deleteVersion(context, bucket, input, caller);
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html */
function deleteCurrent(context: S3Context, bucket: Bucket, { Key }: Deletion, caller: Principal) {
  if (bucket.versioning === undefined) {
    const existed = bucket.remove(Key, 'null');
    if (existed) context.notifier.notify(bucket, { name: 'ObjectRemoved:Delete', api: 'DeleteObject', key: Key, caller });
    return {};
  }
  const marker = deleteMarker(context, bucket, Key);
  bucket.put(marker);
  const { versionId } = marker;
  context.notifier.notify(bucket, { name: 'ObjectRemoved:DeleteMarkerCreated', api: 'DeleteObject', key: Key, versionId, caller });
  return { DeleteMarker: true, VersionId: versionId };
}

function deleteMarker(context: S3Context, bucket: Bucket, key: string): ObjectVersion {
  return {
    key,
    versionId: context.newVersionId(bucket),
    lastModified: context.now(),
    deleteMarker: true,
    body: Buffer.alloc(0),
    etag: '',
    storageClass: 'STANDARD',
    headers: {},
    metadata: {},
    encryption: { algorithm: 'AES256', bucketKey: false },
    tags: [],
  };
}

/** A version that isn't there is deleted as well as one that is. */
function deleteVersion(context: S3Context, bucket: Bucket, { Key, VersionId = 'null' }: Deletion, caller: Principal) {
  const removed = bucket.remove(Key, VersionId);
  if (removed) {
    const versionId = bucket.versioning && VersionId;
    context.notifier.notify(bucket, { name: 'ObjectRemoved:Delete', api: 'DeleteObject', key: Key, versionId, caller });
  }
  return { VersionId, ...(removed?.deleteMarker && { DeleteMarker: true }) };
}

/**
 * Every object is allowed or refused by itself, and the answer is 200 all the same: a call of its own in the same name.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export function deleteObjects(context: S3Context): Operation {
  return {
    access: () => [],
    async run(input, principal: Principal) {
      context.buckets.get(input);
      const objects = input.Delete?.Objects ?? [];
      if (objects.length === 0 || objects.length > 1000) throw malformedXml();
      const Deleted: Record<string, unknown>[] = [];
      const Errors: Record<string, unknown>[] = [];
      for (const { Key, VersionId, ETag, Size, LastModifiedTime } of objects) {
        const one = { Bucket: input.Bucket, Key, VersionId, IfMatch: ETag, IfMatchSize: Size, IfMatchLastModifiedTime: LastModifiedTime };
        try {
          const given = Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
          const output = await context.cloud.call({ service: 's3', operation: 'DeleteObject', principal, input: given });
          if (!input.Delete.Quiet) Deleted.push(deleted(Key, VersionId, output as DeleteOutput));
        } catch (error) {
          if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
          Errors.push({ Key, VersionId, Code: error.statusCode === 403 ? 'AccessDenied' : error.code, Message: error.message });
        }
      }
      return { Deleted, Errors };
    },
  };
}

interface DeleteOutput {
  readonly DeleteMarker?: boolean;
  readonly VersionId?: string;
}

function deleted(Key: string, VersionId: string | undefined, output: DeleteOutput): Record<string, unknown> {
  return {
    Key,
    VersionId,
    ...(output.DeleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: output.VersionId }),
  };
}
