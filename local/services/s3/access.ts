import type { AccessRequest, Cloud } from '../../cloud-types';
import type { Buckets } from './buckets';
import { type Encryption, encryptionOf, type KeyArn } from './encryption';
import type { ObjectVersion } from './object-version';
import { tagsFromHeader } from './tags';

type Context = Readonly<Record<string, string | readonly string[] | undefined>>;

interface ObjectInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/**
 * What calls need: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * Nothing is needed of a bucket that doesn't exist: S3 says so to everybody.
 */
export class AccessRequests {
  constructor(
    private readonly cloud: Cloud,
    private readonly buckets: Buckets,
    private readonly keyArn: KeyArn,
  ) {}

  account(action: string): AccessRequest[] {
    return [{ action: `s3:${action}`, resource: '*' }];
  }

  bucket(action: string, name: string, context: Context = {}): AccessRequest[] {
    return this.buckets.find(name) ? [this.request(action, this.buckets.arn(name), context)] : [];
  }

  /** With a version id the action is another one: `GetObjectVersion`, `DeleteObjectVersion`, `PutObjectVersionTagging`. */
  object(action: string, { Bucket, Key, VersionId }: ObjectInput, context: Context = {}): AccessRequest[] {
    if (!this.buckets.find(Bucket)) return [];
    const name = VersionId === undefined ? action : action.replace('Object', 'ObjectVersion');
    const version = this.versionOf({ Bucket, Key, VersionId });
    const tags = OF_TAGGED_OBJECTS.test(action) ? (version?.tags ?? []) : [];
    const existing = Object.fromEntries(tags.map(({ Key: tag, Value }) => [`s3:existingobjecttag/${tag.toLowerCase()}`, Value]));
    return [this.request(name, `${this.buckets.arn(Bucket)}/${Key}`, { 's3:versionid': VersionId, ...existing, ...context })];
  }

  /**
   * Whether an object is missing is known only to those who may list: the others get 403 in place of 404.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  existing(action: string, input: ObjectInput, context: Context = {}): AccessRequest[] {
    const version = this.versionOf(input);
    const missing = !version || version.deleteMarker;
    return [...this.object(action, input, context), ...(missing ? this.bucket('ListBucket', input.Bucket) : [])];
  }

  /** Reading a body that KMS encrypted, or its checksum, takes the caller's permission to decrypt. */
  read(input: ObjectInput): AccessRequest[] {
    const version = this.versionOf(input);
    return [...this.existing('GetObject', input), ...(version ? this.kms('Decrypt', input, version.encryption) : [])];
  }

  /** PutObject, CreateMultipartUpload and the target of CopyObject. */
  // biome-ignore lint/suspicious/noExplicitAny: the members that these inputs share
  write(input: any, tags = requestTags(input.Tagging)): AccessRequest[] {
    const context: Context = {
      's3:x-amz-acl': input.ACL,
      's3:x-amz-storage-class': input.StorageClass,
      's3:x-amz-server-side-encryption': input.ServerSideEncryption,
      's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
      's3:x-amz-copy-source': input.CopySource,
      's3:x-amz-metadata-directive': input.MetadataDirective,
      's3:x-amz-website-redirect-location': input.WebsiteRedirectLocation,
      's3:if-match': input.IfMatch,
      's3:if-none-match': input.IfNoneMatch,
      's3:objectcreationoperation': 'true',
    };
    const acl: Context = { 's3:x-amz-acl': input.ACL, 's3:x-amz-storage-class': input.StorageClass };
    const grants = [input.ACL, input.GrantFullControl, input.GrantRead, input.GrantReadACP, input.GrantWriteACP].some(Boolean);
    const target: ObjectInput = { Bucket: input.Bucket, Key: input.Key };
    const bucket = this.buckets.find(input.Bucket);
    return [
      ...this.object('PutObject', target, { ...context, ...tagContext(tags) }),
      ...(tags.length > 0 ? this.object('PutObjectTagging', target, tagContext(tags)) : []),
      ...(grants ? this.object('PutObjectAcl', target, acl) : []),
      ...this.comparing(input),
      ...(bucket
        ? this.kms(
            'GenerateDataKey',
            target,
            quietly(() => encryptionOf(input, bucket.encryption, this.keyArn)),
          )
        : []),
    ];
  }

  /** A comparison with what is there reads it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
  comparing(input: { readonly Bucket: string; readonly Key: string; readonly IfMatch?: string }): AccessRequest[] {
    if (input.IfMatch === undefined || input.IfMatch === '*') return [];
    return this.object('GetObject', { Bucket: input.Bucket, Key: input.Key });
  }

  tagging(
    action: string,
    input: ObjectInput & { readonly Tagging?: { readonly TagSet?: readonly { Key: string; Value: string }[] } },
  ): AccessRequest[] {
    return this.existing(action, input, tagContext(input.Tagging?.TagSet ?? []));
  }

  /**
   * S3 calls KMS in the caller's name; of the AWS managed key every principal that may use S3 may make use.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
   */
  kms(
    action: string,
    { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
    encryption: Encryption | undefined,
  ): AccessRequest[] {
    if (!encryption?.keyArn) return [];
    const bucket = this.buckets.arn(Bucket);
    const context = {
      'kms:viaservice': `s3.${this.cloud.region}.amazonaws.com`,
      // With an S3 bucket key, keys are made for the bucket and not for each object.
      'kms:encryptioncontext:aws:s3:arn': encryption.bucketKey ? bucket : `${bucket}/${Key}`,
    };
    return [{ action: `kms:${action}`, resource: encryption.keyArn, context }];
  }

  versionOf({ Bucket, Key, VersionId }: ObjectInput): ObjectVersion | undefined {
    const bucket = this.buckets.find(Bucket);
    return VersionId === undefined ? bucket?.latest(Key) : bucket?.version(Key, VersionId);
  }

  private request(action: string, resource: string, context: Context): AccessRequest {
    const all: Context = { 's3:resourceaccount': this.cloud.accountId, 's3:signatureversion': 'AWS4-HMAC-SHA256', ...context };
    const given = Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
    return { action: `s3:${action}`, resource, context: Object.fromEntries(given) };
  }
}

/** The actions to which the tags that an object has are a condition key. */
const OF_TAGGED_OBJECTS = /^GetObject|Tagging$|Acl$/;

function tagContext(tags: readonly { Key: string; Value: string }[]): Context {
  if (tags.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`s3:requestobjecttag/${Key.toLowerCase()}`, Value])),
    's3:requestobjecttagkeys': tags.map(({ Key }) => Key),
  };
}

const requestTags = (header: string | undefined) => quietly(() => tagsFromHeader(header)) ?? [];

/** Access is asked for before the request is checked. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
