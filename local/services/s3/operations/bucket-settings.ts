/** What a bucket is set to, each with its calls to read, write and delete it. */
import { ApiError, type Operation, type PolicyDocument } from '../../../cloud-types';
import { notImplemented } from '../../errors';
import type { Bucket } from '../bucket';
import { kmsEncryption, SSE_S3, usesKms } from '../encryption';
import { malformedXml } from '../errors';
import type { NotificationConfiguration } from '../notifications/configuration';
import type { S3Context } from '../service-context';
import { checkTags } from '../tags';

// biome-ignore lint/suspicious/noExplicitAny: each operation knows its input
type Run = (bucket: Bucket, input: any) => unknown;

export function bucketSettings(context: S3Context): Record<string, Operation> {
  const { access, buckets, cloud } = context;
  const on = (action: string, run: Run): Operation => ({
    access: ({ Bucket }) => access.bucket(action, Bucket),
    run: (input) => run(buckets.get(input), input),
  });

  const setPolicy = (bucket: Bucket, text: string | undefined) => {
    const document: PolicyDocument = text === undefined ? { Version: '2012-10-17', Statement: [] } : parsedPolicy(text);
    try {
      cloud.setResourcePolicy(bucket.arn, document);
    } catch (error) {
      throw new ApiError('MalformedPolicy', (error as Error).message);
    }
    bucket.policy = text;
    return {};
  };

  return {
    GetBucketVersioning: on('GetBucketVersioning', ({ versioning }) => ({ Status: versioning })),
    PutBucketVersioning: on('PutBucketVersioning', (bucket, { VersioningConfiguration: { Status, MFADelete } }) => {
      if (MFADelete === 'Enabled') throw notImplemented('MFA delete');
      if (Status !== 'Enabled' && Status !== 'Suspended') {
        throw new ApiError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
      }
      bucket.versioning = Status;
      return {};
    }),

    GetBucketEncryption: on('GetEncryptionConfiguration', ({ encryption }) => ({
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: encryption.algorithm, KMSMasterKeyID: encryption.keyArn },
            BucketKeyEnabled: encryption.bucketKey,
          },
        ],
      },
    })),
    PutBucketEncryption: on('PutEncryptionConfiguration', (bucket, { ServerSideEncryptionConfiguration }) => {
      const [rule] = ServerSideEncryptionConfiguration.Rules ?? [];
      if (!rule) throw malformedXml();
      bucket.encryption = defaultEncryption(rule, context);
      return {};
    }),
    DeleteBucketEncryption: on('PutEncryptionConfiguration', (bucket) => {
      bucket.encryption = SSE_S3;
      return {};
    }),

    GetBucketNotificationConfiguration: on('GetBucketNotification', ({ notifications }) => notifications),
    PutBucketNotificationConfiguration: on('PutBucketNotification', async (bucket, input) => {
      const configuration: NotificationConfiguration = input.NotificationConfiguration;
      await context.notifier.configure(bucket, configuration, { validate: input.SkipDestinationValidation !== true });
      return {};
    }),

    GetBucketPolicy: on('GetBucketPolicy', ({ name, policy }) => {
      if (policy === undefined) throw new ApiError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: name });
      return { Policy: policy };
    }),
    PutBucketPolicy: on('PutBucketPolicy', (bucket, { Policy }) => setPolicy(bucket, Policy)),
    DeleteBucketPolicy: on('DeleteBucketPolicy', (bucket) => setPolicy(bucket, undefined)),

    GetBucketTagging: on('GetBucketTagging', ({ name, tags }) => {
      if (tags.length === 0) throw new ApiError('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: name });
      return { TagSet: tags };
    }),
    PutBucketTagging: on('PutBucketTagging', (bucket, { Tagging }) => {
      bucket.tags = checkTags(Tagging.TagSet ?? [], 50);
      return {};
    }),
    DeleteBucketTagging: on('PutBucketTagging', (bucket) => {
      bucket.tags = [];
      return {};
    }),

    GetPublicAccessBlock: on('GetBucketPublicAccessBlock', ({ name, publicAccessBlock }) => {
      if (!publicAccessBlock) {
        const members = { BucketName: name };
        throw new ApiError('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', 404, members);
      }
      return { PublicAccessBlockConfiguration: publicAccessBlock };
    }),
    PutPublicAccessBlock: on('PutBucketPublicAccessBlock', (bucket, { PublicAccessBlockConfiguration }) => {
      bucket.publicAccessBlock = publicAccessBlock(PublicAccessBlockConfiguration);
      return {};
    }),
    DeletePublicAccessBlock: on('PutBucketPublicAccessBlock', (bucket) => {
      bucket.publicAccessBlock = undefined;
      return {};
    }),
  };
}

interface EncryptionRule {
  readonly ApplyServerSideEncryptionByDefault?: { readonly SSEAlgorithm: string; readonly KMSMasterKeyID?: string };
  readonly BucketKeyEnabled?: boolean;
}

export function defaultEncryption(rule: EncryptionRule, context: S3Context) {
  const { SSEAlgorithm = 'AES256', KMSMasterKeyID } = rule.ApplyServerSideEncryptionByDefault ?? {};
  const encryption = SSEAlgorithm === 'AES256' ? SSE_S3 : kmsEncryption(SSEAlgorithm, KMSMasterKeyID, false, context.keyArn);
  return { ...encryption, bucketKey: usesKms(encryption) && String(rule.BucketKeyEnabled ?? false) === 'true' };
}

export function publicAccessBlock(given: Readonly<Record<string, unknown>>): Record<string, boolean> {
  const names = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
  return Object.fromEntries(names.map((name) => [name, String(given[name] ?? false) === 'true']));
}

function parsedPolicy(text: string): PolicyDocument {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'");
  }
}
