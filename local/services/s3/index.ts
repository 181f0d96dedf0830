import type { Cloud, Operation, Service } from '../../cloud-types';
import { missingMembers } from '../../wire/required';
import { type BucketContents, contentsOf } from './contents';
import type { KeyArn } from './encryption';
import { invalidRequest } from './errors';
import { bucketSettings } from './operations/bucket-settings';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './operations/buckets';
import { completeMultipartUpload } from './operations/complete-multipart-upload';
import { copyObject } from './operations/copy-object';
import { deleteObject, deleteObjects } from './operations/delete-object';
import { getObject } from './operations/get-object';
import { getObjectAttributes } from './operations/get-object-attributes';
import { listObjectVersions } from './operations/list-object-versions';
import { listObjects, listObjectsV2 } from './operations/list-objects';
import { abortMultipartUpload, createMultipartUpload, listMultipartUploads, listParts } from './operations/multipart-uploads';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging';
import { putObject } from './operations/put-object';
import { uploadPart, uploadPartCopy } from './operations/upload-part';
import { s3Resources } from './resources';
import { S3Context } from './service-context';

export type { BucketContents } from './contents';
export { createObjectsPort } from './objects-port';

export interface S3Service extends Service {
  /** @throws without such a bucket */
  bucket(name: string): BucketContents;
}

/**
 * S3 in memory: general purpose buckets of one account and region, path style. Each operation is one step, so reads see the last
 * write and no two requests conflict. Not emulated: lifecycle rules (nothing expires), access logs and inventories (none are written),
 * access control lists and anonymous requests; and, told when they are used: replication, Object Lock, access points, SSE-C, XXHash
 * checksums, restoring from archives, other regions. A body is held in one buffer: 4 GiB at most on Node.js 20, and on later ones
 * AWS's own 5 GiB for one request.
 */
export function createS3(cloud: Cloud, keyArn: KeyArn = () => undefined): S3Service {
  const context = new S3Context(cloud, keyArn);
  return {
    name: 's3',
    operations: requiring({
      CreateBucket: createBucket(context),
      DeleteBucket: deleteBucket(context),
      HeadBucket: headBucket(context),
      ListBuckets: listBuckets(context),
      GetBucketLocation: getBucketLocation(context),
      ...bucketSettings(context),
      PutObject: putObject(context),
      GetObject: getObject(context, { withBody: true }),
      HeadObject: getObject(context, { withBody: false }),
      GetObjectAttributes: getObjectAttributes(context),
      DeleteObject: deleteObject(context),
      DeleteObjects: deleteObjects(context),
      CopyObject: copyObject(context),
      ListObjectsV2: listObjectsV2(context),
      ListObjects: listObjects(context),
      ListObjectVersions: listObjectVersions(context),
      GetObjectTagging: getObjectTagging(context),
      PutObjectTagging: putObjectTagging(context),
      DeleteObjectTagging: deleteObjectTagging(context),
      CreateMultipartUpload: createMultipartUpload(context),
      UploadPart: uploadPart(context),
      UploadPartCopy: uploadPartCopy(context),
      CompleteMultipartUpload: completeMultipartUpload(context),
      AbortMultipartUpload: abortMultipartUpload(context),
      ListParts: listParts(context),
      ListMultipartUploads: listMultipartUploads(context),
    }),
    resources: s3Resources(context),
    bucket: (name) => contentsOf(context, name),
  };
}

/** The gateway looks for what an operation requires; a call from elsewhere may lack it. */
function requiring(operations: Record<string, Operation>): Record<string, Operation> {
  const checked = (name: string, { access, run }: Operation): Operation => ({
    access(input) {
      const missing = missingMembers('s3', name, input);
      if (missing.length > 0) throw invalidRequest(`${name} requires ${missing.join(', ')}`);
      return access(input);
    },
    run,
  });
  return Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, checked(name, operation)]));
}
