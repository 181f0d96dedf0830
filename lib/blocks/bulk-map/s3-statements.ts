import { aws_iam as iam, type aws_kms as kms, type aws_s3 as s3 } from 'aws-cdk-lib';

/** Lists the keys of a bucket that begin with a prefix, and no others. */
export function listObjects(bucket: s3.IBucket, prefix = ''): iam.PolicyStatement[] {
  const conditions = prefix === '' ? undefined : { StringLike: { 's3:prefix': `${prefix}*` } };
  return [new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn], conditions })];
}

/** Reads the objects of these keys, which may end in `*`. */
export function readObjects(bucket: s3.IBucket, ...keys: string[]): iam.PolicyStatement[] {
  const resources = keys.map((key) => bucket.arnForObjects(key));
  return [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources }), ...keyStatements(bucket.encryptionKey, 'kms:Decrypt')];
}

/**
 * Writes the objects of these keys, which may end in `*`, in parts too. With a key, each further part takes `kms:Decrypt`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
export function writeObjects(bucket: s3.IBucket, ...keys: string[]): iam.PolicyStatement[] {
  const resources = keys.map((key) => bucket.arnForObjects(key));
  return [
    new iam.PolicyStatement({ actions: ['s3:PutObject'], resources }),
    ...keyStatements(bucket.encryptionKey, 'kms:Decrypt', 'kms:GenerateDataKey'),
  ];
}

/**
 * What a Distributed Map needs to export its results.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html#resultwriter-iam-policies
 */
export function exportResults(bucket: s3.IBucket, keys: string): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      resources: [bucket.arnForObjects(keys)],
    }),
    ...keyStatements(bucket.encryptionKey, 'kms:Decrypt', 'kms:GenerateDataKey'),
  ];
}

function keyStatements(key: kms.IKey | undefined, ...actions: string[]): iam.PolicyStatement[] {
  return key ? [new iam.PolicyStatement({ actions, resources: [key.keyArn] })] : [];
}
