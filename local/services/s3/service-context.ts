import { createHash } from 'node:crypto';
import type { Cloud, Principal } from '../../cloud-types';
import { arn, digits } from '../identifiers';
import { AccessRequests } from './access';
import type { Bucket } from './bucket';
import { Buckets } from './buckets';
import { md5 } from './checksums';
import type { CopySource } from './copy-source';
import { type Encryption, encryptionMembers, type KeyArn, usesKms } from './encryption';
import { invalidRequest, markerHasNothing, noSuchKey, noSuchVersion } from './errors';
import { Notifier } from './notifications/notifier';
import type { ObjectVersion } from './object-version';

const VERSION_ID = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';

/** What the operations share. */
export class S3Context {
  readonly buckets: Buckets;
  readonly access: AccessRequests;
  readonly notifier: Notifier;

  constructor(
    readonly cloud: Cloud,
    readonly keyArn: KeyArn,
  ) {
    this.buckets = new Buckets(cloud);
    this.access = new AccessRequests(cloud, this.buckets, keyArn);
    this.notifier = new Notifier(cloud);
  }

  /** The object, or the version of it, that a request reads. */
  readable(bucket: Bucket, { Key, VersionId }: { readonly Key: string; readonly VersionId?: string }): ObjectVersion {
    const version = VersionId === undefined ? bucket.latest(Key) : bucket.version(Key, VersionId);
    if (!version) throw VersionId === undefined ? noSuchKey(Key) : noSuchVersion(Key, VersionId);
    if (!version.deleteMarker) return version;
    if (VersionId === undefined) throw noSuchKey(Key, { DeleteMarker: true, VersionId: version.versionId });
    throw markerHasNothing(new Date(version.lastModified), version.versionId);
  }

  /** The same of a copy's source. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
  copyable(bucket: Bucket, source: CopySource): ObjectVersion {
    if (source.VersionId !== undefined && bucket.version(source.Key, source.VersionId)?.deleteMarker) {
      throw invalidRequest('The source of a copy request may not specifically refer to a delete marker by version id.');
    }
    return this.readable(bucket, source);
  }

  /** Puts a new version in its place and tells of it. */
  store(bucket: Bucket, object: Omit<ObjectVersion, 'versionId' | 'lastModified' | 'deleteMarker'>, api: CreatingApi, caller: Principal) {
    // Member by member: V8 gives objects that are spread twice the space, and there may be a million.
    const version: ObjectVersion = {
      key: object.key,
      versionId: this.newVersionId(bucket),
      lastModified: this.now(),
      deleteMarker: false,
      body: object.body,
      etag: object.etag,
      storageClass: object.storageClass,
      headers: object.headers,
      metadata: object.metadata,
      encryption: object.encryption,
      tags: object.tags,
      checksum: object.checksum,
      parts: object.parts,
    };
    bucket.put(version);
    const name = `ObjectCreated:${EVENT_NAMES[api]}` as const;
    this.notifier.notify(bucket, { name, api, key: version.key, version, versionId: shownVersionId(bucket, version), caller });
    return version;
  }

  newVersionId(bucket: Bucket): string {
    return bucket.versioning === 'Enabled' ? digits(this.cloud, 32, VERSION_ID) : 'null';
  }

  /** The MD5 of the body, except with KMS. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
  etagOf(body: Uint8Array, encryption: Encryption): string {
    return usesKms(encryption) ? digits(this.cloud, 32) : md5(body).toString('hex');
  }

  encryptionMembers(encryption: Encryption): Record<string, unknown> {
    return encryptionMembers(encryption, (resource) => arn(this.cloud, 'kms', resource));
  }

  /** S3's times are whole seconds. */
  now(): number {
    return Math.floor(this.cloud.clock.now() / 1000) * 1000;
  }

  /** The canonical user id of the account. */
  get ownerId(): string {
    return createHash('sha256').update(this.cloud.accountId).digest('hex');
  }
}

const EVENT_NAMES = { PutObject: 'Put', CopyObject: 'Copy', CompleteMultipartUpload: 'CompleteMultipartUpload' } as const;
export type CreatingApi = keyof typeof EVENT_NAMES;

/** Answers and events have no version id before the bucket has versions. */
export function shownVersionId(bucket: Bucket, { versionId }: { readonly versionId: string }): string | undefined {
  return bucket.versioning === undefined ? undefined : versionId;
}
