import type { Encryption } from './encryption';
import { SSE_S3 } from './encryption';
import { fromOrdered, toOrdered } from './key-order';
import type { MultipartUpload } from './multipart';
import type { NotificationConfiguration } from './notifications/configuration';
import type { ObjectVersion } from './object-version';
import { SortedMap } from './sorted-map';
import type { Tag } from './tags';

/**
 * A bucket and what is in it.
 * Versions: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
 */
export class Bucket {
  /** `undefined` until it is set once. */
  versioning: 'Enabled' | 'Suspended' | undefined;
  encryption: Encryption = SSE_S3;
  notifications: NotificationConfiguration = {};
  tags: readonly Tag[] = [];
  policy: string | undefined;
  publicAccessBlock: Readonly<Record<string, boolean>> | undefined = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  /** Access control lists are off unless this says otherwise. */
  ownership = 'BucketOwnerEnforced';
  /** What the template asks for and nothing here carries out: told when an object is written. */
  unsupported: string | undefined;
  readonly uploads = new Map<string, MultipartUpload>();
  /** By keys in byte order; the versions of a key from the oldest to the current one. */
  private readonly objects = new SortedMap<readonly ObjectVersion[]>();

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly createdAt: number,
  ) {}

  get isEmpty(): boolean {
    return this.objects.size === 0;
  }

  /** The current version: may be a delete marker. */
  latest(key: string): ObjectVersion | undefined {
    return this.objects.get(toOrdered(key))?.at(-1);
  }

  current(key: string): ObjectVersion | undefined {
    const latest = this.latest(key);
    return latest?.deleteMarker ? undefined : latest;
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.objects.get(toOrdered(key))?.find((version) => version.versionId === versionId);
  }

  /** Without versioning, or with it suspended, there is one version "null". */
  put(version: ObjectVersion): void {
    this.objects.update(toOrdered(version.key), (former) => {
      if (former === undefined) return [version];
      return version.versionId === 'null' ? [...former.filter(({ versionId }) => versionId !== 'null'), version] : [...former, version];
    });
  }

  /** Takes a version away for good. */
  remove(key: string, versionId: string): ObjectVersion | undefined {
    const removed = this.version(key, versionId);
    if (!removed) return undefined;
    const ordered = toOrdered(key);
    const kept = (this.objects.get(ordered) ?? []).filter((version) => version !== removed);
    if (kept.length === 0) this.objects.delete(ordered);
    else this.objects.update(ordered, () => kept);
    return removed;
  }

  /** All keys with their versions from the first at or after `start`, itself in byte order. Nothing may be written meanwhile. */
  *versionsFrom(start: string): Generator<{ ordered: string; key: string; versions: readonly ObjectVersion[] }> {
    for (const [ordered, versions] of this.objects.from(start)) yield { ordered, key: fromOrdered(ordered), versions };
  }
}
