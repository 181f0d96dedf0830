/** What every copy says to S3, in one call or in parts. */
import type { HeadObjectCommandOutput, S3Client, StorageClass } from '@aws-sdk/client-s3';
import { COPIED_FROM } from './comparison';
import type { CopyLimits } from './copy-limits';
import { unquoted } from './listing';
import type { SyncSettings } from './settings';

export interface CopyContext {
  readonly s3: S3Client;
  readonly settings: SyncSettings;
  readonly limits?: CopyLimits;
  /** Milliseconds that this call may still take. */
  remaining(): number;
}

/** What is left of a copy in parts, when there is no more time. */
export interface Unfinished {
  readonly uploadId: string;
}

/** What a copy is pinned by: it is made of this source and of no other, and takes the place of what was there when it was planned. */
export interface Preconditions {
  readonly CopySourceIfMatch: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: '*';
}

/** S3 takes no more than this, names and values together. */
const METADATA_BYTES = 2048;

/** The source's own, with the mark; without it where there is no room. */
export function markedMetadata({ Metadata = {}, ETag = '' }: HeadObjectCommandOutput): Record<string, string> {
  const marked = { ...Metadata, [COPIED_FROM]: unquoted(ETag) };
  const bytes = Object.entries(marked).reduce((all, [name, value]) => all + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  return bytes > METADATA_BYTES ? Metadata : marked;
}

export function headersOf(original: HeadObjectCommandOutput) {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Expires } = original;
  return { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Expires };
}

/** Left away by S3 for STANDARD, which would be the copy's anyway. */
export function storageClassOf({ StorageClass }: HeadObjectCommandOutput): StorageClass | undefined {
  return StorageClass;
}

export function copySource(bucket: string, key: string): string {
  return `${bucket}/${encodeURIComponent(key)}`;
}

export const quoted = (etag: string): string => `"${etag}"`;
