import { type RemovalPolicy, aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { dataRemovalPolicy } from './data-removal';

/** A bucket for what has to be shown later: versions of everything, private, encrypted, kept with its data unless told otherwise. */
export function recordBucket(scope: Construct, id: string, removalPolicy?: RemovalPolicy): s3.Bucket {
  const bucket = new s3.Bucket(scope, id, {
    versioned: true,
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy: dataRemovalPolicy(scope, removalPolicy),
  });
  acknowledge(
    bucket,
    'AwsSolutions-S1',
    'It is itself the record; who reads it is told by data events of CloudTrail, which the account chooses.',
  );
  return bucket;
}
