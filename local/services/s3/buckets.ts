import { ApiError, type Cloud } from '../../cloud-types';
import { notImplemented } from '../errors';
import { Bucket } from './bucket';
import { accessDenied, noSuchBucket } from './errors';

interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}

/** The buckets of the account. */
export class Buckets {
  private readonly byName = new Map<string, Bucket>();

  constructor(private readonly cloud: Cloud) {}

  create(name: string): Bucket {
    checkName(name);
    if (this.byName.has(name)) {
      throw new ApiError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
        {
          BucketName: name,
        },
      );
    }
    const bucket = new Bucket(name, this.arn(name), this.cloud.clock.now());
    this.byName.set(name, bucket);
    return bucket;
  }

  delete(bucket: Bucket): void {
    if (!bucket.isEmpty) {
      throw new ApiError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, { BucketName: bucket.name });
    }
    this.byName.delete(bucket.name);
  }

  find(name: unknown): Bucket | undefined {
    return typeof name === 'string' ? this.byName.get(name) : undefined;
  }

  get({ Bucket: name, ExpectedBucketOwner }: BucketInput): Bucket {
    if (name.startsWith('arn:')) throw notImplemented(`S3 access points (${name})`);
    const bucket = this.find(name);
    if (!bucket) throw noSuchBucket(name);
    if (ExpectedBucketOwner !== undefined && ExpectedBucketOwner !== this.cloud.accountId) throw accessDenied();
    return bucket;
  }

  all(): readonly Bucket[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  arn(name: string): string {
    return `arn:${this.cloud.partition}:s3:::${name}`;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function checkName(name: string): void {
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
  if (
    !wellFormed ||
    /^\d+\.\d+\.\d+\.\d+$/.test(name) ||
    /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  ) {
    throw new ApiError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
  }
}
