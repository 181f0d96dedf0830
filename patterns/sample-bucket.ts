import { aws_s3 as s3, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A bucket as the samples make theirs. */
export function sampleBucket(scope: Construct, id: string, props: s3.BucketProps = {}): s3.Bucket {
  const bucket = new s3.Bucket(scope, id, {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    ...props,
  });
  Validations.of(bucket).acknowledge({ id: 'AwsSolutions-S1', reason: 'A sample: nobody asks who read it.' });
  return bucket;
}

/** Where the samples' data arrives: EventBridge hears of each object. */
export function incomingBucket(scope: Construct): s3.Bucket {
  const bucket = sampleBucket(scope, 'Incoming');
  // Through the L1: CDK's `eventBridgeEnabled` makes a function and a role of its own.
  const cfnBucket = bucket.node.defaultChild as s3.CfnBucket;
  cfnBucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  return bucket;
}
