import { type Checksum, defaultChecksum } from './checksums';
import type { Encryption } from './encryption';
import type { Tag } from './tags';

/** The headers that S3 keeps with an object and gives back, by their members' names. */
export interface ObjectHeaders {
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
  readonly Expires?: unknown;
  readonly WebsiteRedirectLocation?: string;
}

/** What a request says of the object that it makes, beside its body. */
export interface ObjectSettings {
  readonly headers: ObjectHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly storageClass: string;
  readonly encryption: Encryption;
}

export interface Part {
  readonly number: number;
  readonly size: number;
  readonly checksum?: Checksum;
}

/** One version of an object, or a delete marker. */
export interface ObjectVersion {
  readonly key: string;
  /** "null" where versioning isn't enabled. */
  readonly versionId: string;
  /** Milliseconds since the epoch, in whole seconds as S3 has them. */
  readonly lastModified: number;
  readonly deleteMarker: boolean;
  readonly body: Buffer;
  /** Without quotes. */
  readonly etag: string;
  readonly storageClass: string;
  readonly headers: ObjectHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly encryption: Encryption;
  tags: readonly Tag[];
  /** What the sender asked for; else S3's own, which is made when it is asked for. */
  checksum?: Checksum;
  /** Of a multipart upload. */
  readonly parts?: readonly Part[];
}

export const quoted = (etag: string): string => `"${etag}"`;

export function checksumOfVersion(version: ObjectVersion): Checksum {
  version.checksum ??= defaultChecksum(version.body);
  return version.checksum;
}

/** For lists: S3's own is known without making it. */
export function checksumKind({ checksum }: ObjectVersion): { ChecksumAlgorithm: string[]; ChecksumType: string } {
  return { ChecksumAlgorithm: [checksum?.algorithm ?? 'CRC64NVME'], ChecksumType: checksum?.type ?? 'FULL_OBJECT' };
}
