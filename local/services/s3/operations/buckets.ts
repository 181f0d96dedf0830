import { ApiError, type Operation } from '../../../cloud-types';
import { notImplemented } from '../../errors';
import { page } from '../../paging';
import type { S3Context } from '../service-context';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export function createBucket(context: S3Context): Operation {
  const { buckets, cloud } = context;
  return {
    access: ({ Bucket, ObjectOwnership }) =>
      ['CreateBucket', ...(ObjectOwnership ? ['PutBucketOwnershipControls'] : [])].map((action) => ({
        action: `s3:${action}`,
        resource: buckets.arn(Bucket),
      })),
    run(input) {
      const constraint = input.CreateBucketConfiguration?.LocationConstraint;
      checkLocation(constraint, cloud.region);
      if (input.ObjectLockEnabledForBucket) throw notImplemented('S3 Object Lock');
      // In this region only, one's own bucket may be created again.
      const existing = cloud.region === 'us-east-1' ? buckets.find(input.Bucket) : undefined;
      const bucket = existing ?? buckets.create(input.Bucket);
      if (!existing && input.ObjectOwnership) bucket.ownership = input.ObjectOwnership;
      return { Location: `/${bucket.name}`, BucketArn: bucket.arn };
    },
  };
}

function checkLocation(constraint: string | undefined, region: string): void {
  const wanted = constraint === 'EU' ? 'eu-west-1' : (constraint ?? 'us-east-1');
  if (wanted === region) return;
  if (region === 'us-east-1') throw notImplemented(`a bucket in another region (${wanted})`);
  throw new ApiError(
    'IllegalLocationConstraintException',
    `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

export function deleteBucket({ access, buckets }: S3Context): Operation {
  return {
    access: ({ Bucket }) => access.bucket('DeleteBucket', Bucket),
    run(input) {
      buckets.delete(buckets.get(input));
      return {};
    },
  };
}

export function headBucket({ access, buckets, cloud }: S3Context): Operation {
  return {
    access: ({ Bucket }) => access.bucket('ListBucket', Bucket),
    run(input) {
      const bucket = buckets.get(input);
      return { BucketArn: bucket.arn, BucketRegion: cloud.region, AccessPointAlias: false };
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function listBuckets(context: S3Context): Operation {
  const { access, buckets, cloud } = context;
  return {
    access: () => access.account('ListAllMyBuckets'),
    run(input) {
      const found = buckets.all().filter(({ name }) => name.startsWith(input.Prefix ?? ''));
      const { items, nextToken } = page(found, input.MaxBuckets ?? 10_000, input.ContinuationToken);
      return {
        Buckets: items.map(({ name, createdAt, arn }) => ({
          Name: name,
          CreationDate: new Date(createdAt),
          BucketArn: arn,
          // Told in a list that is asked for in pages.
          ...(input.MaxBuckets !== undefined && { BucketRegion: cloud.region }),
        })),
        Owner: { ID: context.ownerId },
        ContinuationToken: nextToken,
        Prefix: input.Prefix,
      };
    },
  };
}

export function getBucketLocation({ access, buckets, cloud }: S3Context): Operation {
  return {
    access: ({ Bucket }) => access.bucket('GetBucketLocation', Bucket),
    run(input) {
      buckets.get(input);
      // Of us-east-1 it is empty: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
      return { LocationConstraint: cloud.region === 'us-east-1' ? undefined : cloud.region };
    },
  };
}
