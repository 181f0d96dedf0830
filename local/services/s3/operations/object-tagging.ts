/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
import type { Operation, Principal } from '../../../cloud-types';
import type { Bucket } from '../bucket';
import type { ObjectVersion } from '../object-version';
import { type S3Context, shownVersionId } from '../service-context';
import { checkTags } from '../tags';

export function getObjectTagging(context: S3Context): Operation {
  return {
    access: (input) => context.access.existing('GetObjectTagging', input),
    run(input) {
      const bucket = context.buckets.get(input);
      const version = context.readable(bucket, input);
      return { TagSet: version.tags, VersionId: shownVersionId(bucket, version) };
    },
  };
}

export function putObjectTagging(context: S3Context): Operation {
  return {
    access: (input) => context.access.tagging('PutObjectTagging', input),
    run(input, caller: Principal) {
      const bucket = context.buckets.get(input);
      const version = context.readable(bucket, input);
      version.tags = checkTags(input.Tagging?.TagSet ?? [], 10);
      return told(context, bucket, version, 'Put', caller);
    },
  };
}

export function deleteObjectTagging(context: S3Context): Operation {
  return {
    access: (input) => context.access.existing('DeleteObjectTagging', input),
    run(input, caller: Principal) {
      const bucket = context.buckets.get(input);
      const version = context.readable(bucket, input);
      version.tags = [];
      return told(context, bucket, version, 'Delete', caller);
    },
  };
}

function told(context: S3Context, bucket: Bucket, version: ObjectVersion, what: 'Put' | 'Delete', caller: Principal) {
  const versionId = shownVersionId(bucket, version);
  context.notifier.notify(bucket, {
    name: `ObjectTagging:${what}`,
    api: `${what}ObjectTagging`,
    key: version.key,
    version,
    versionId,
    caller,
  });
  return { VersionId: versionId };
}
