/** Server-side encryption: nothing is encrypted here, but answers, ETags and permissions are as if. */
import { notImplemented } from '../errors';
import { invalidArgument } from './errors';

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** A customer-managed key's ARN; without one, with KMS, it is the AWS managed key `aws/s3`. */
  readonly keyArn?: string;
  readonly bucketKey: boolean;
}

/** Every new bucket's default since January 2023. */
export const SSE_S3: Encryption = { algorithm: 'AES256', bucketKey: false };

const MANAGED_KEY = 'alias/aws/s3';

/** From a key's id, ARN or alias to its ARN. */
export type KeyArn = (reference: string) => string | undefined;

interface EncryptionInput {
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
  readonly SSECustomerAlgorithm?: string;
}

/** What the request says, else what the bucket has. */
export function encryptionOf(input: EncryptionInput, bucketDefault: Encryption, keyArn: KeyArn): Encryption {
  if (input.SSECustomerAlgorithm !== undefined) throw notImplemented('S3 encryption with keys that the customer provides (SSE-C)');
  const { ServerSideEncryption: algorithm, SSEKMSKeyId: key } = input;
  const bucketKey = input.BucketKeyEnabled ?? bucketDefault.bucketKey;
  if (algorithm === undefined) {
    if (key !== undefined)
      throw invalidArgument('Server Side Encryption with KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms');
    return bucketKey === bucketDefault.bucketKey ? bucketDefault : { ...bucketDefault, bucketKey };
  }
  if (algorithm === 'AES256') {
    if (key !== undefined)
      throw invalidArgument('The encryption method specified is not supported with a KMS key', 'x-amz-server-side-encryption', algorithm);
    return SSE_S3;
  }
  return kmsEncryption(algorithm, key, bucketKey, keyArn);
}

export function kmsEncryption(algorithm: string, key: string | undefined, bucketKey: boolean, keyArn: KeyArn): Encryption {
  if (algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') {
    throw invalidArgument('The encryption method specified is not supported', 'x-amz-server-side-encryption', algorithm);
  }
  // A key that isn't known stays as it was named: the policies then see that name.
  const customer = key === undefined || key.endsWith(MANAGED_KEY) ? undefined : (keyArn(key) ?? key);
  return { algorithm, ...(customer !== undefined && { keyArn: customer }), bucketKey };
}

export const usesKms = ({ algorithm }: Encryption): boolean => algorithm !== 'AES256';

/** As members of an answer. */
export function encryptionMembers(encryption: Encryption, arn: (resource: string) => string): Record<string, unknown> {
  if (!usesKms(encryption)) return { ServerSideEncryption: 'AES256' };
  return {
    ServerSideEncryption: encryption.algorithm,
    SSEKMSKeyId: encryption.keyArn ?? arn(MANAGED_KEY),
    ...(encryption.bucketKey && { BucketKeyEnabled: true }),
  };
}
