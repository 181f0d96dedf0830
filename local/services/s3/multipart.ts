import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksums';
import { noSuchUpload } from './errors';
import type { ObjectSettings } from './object-version';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MIN_PART_SIZE = 5 * 1024 * 1024;
export const MAX_PARTS = 10_000;

export interface MultipartUpload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly settings: ObjectSettings;
  /** As the upload was begun with; without one S3 adds its own to the whole object. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType };
  readonly parts: Map<number, UploadedPart>;
}

export interface UploadedPart {
  readonly number: number;
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum?: Checksum;
}

/** @param bucket that it was begun in */
export function uploadOf(
  bucket: { readonly uploads: ReadonlyMap<string, MultipartUpload> },
  { Key, UploadId }: { readonly Key: string; readonly UploadId: string },
): MultipartUpload {
  const upload = bucket.uploads.get(UploadId);
  if (!upload || upload.key !== Key) throw noSuchUpload(UploadId);
  return upload;
}

export const inOrder = (upload: MultipartUpload): UploadedPart[] => [...upload.parts.values()].sort((a, b) => a.number - b.number);
