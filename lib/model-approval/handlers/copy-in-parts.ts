import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { type CopyTarget, copySource, described } from './copy-target';
import type { Artifact } from './review';
import { inBatches, s3 } from './store';

const MIB = 1024 ** 2;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MOST_PARTS = 10_000;
const AT_ONCE = 16;

/** Not allowed, gone, or another one: the next attempt would be told the same. */
const FINAL = [403, 404, 412];

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

interface UploadedPart {
  readonly Size?: number;
  readonly ETag?: string;
}

interface Part {
  readonly PartNumber: number;
  readonly ETag?: string;
}

/**
 * Copies a large object part by part within S3. An upload that an attempt before has begun is gone on with.
 * @returns whether it is whole; with too little time it is not
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
 */
export async function copyInParts(artifact: Artifact, target: CopyTarget): Promise<boolean> {
  const { bucket: Bucket, key: Key } = target;
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  const begun = Uploads.find((one) => one.Key === Key)?.UploadId;
  const upload: Upload = { Bucket, Key, UploadId: begun ?? (await begin(artifact, Bucket, Key)) };
  try {
    const parts = await copyParts(artifact, upload, begun === undefined ? new Map() : await partsOf(upload), target);
    if (parts) await s3.send(new CompleteMultipartUploadCommand({ ...upload, IfNoneMatch: '*', MultipartUpload: { Parts: parts } }));
    return parts !== undefined;
  } catch (error) {
    const status = statusOf(error) ?? 0;
    // It won't be gone on with: parts that nobody needs cost money. Should this fail as well, a lifecycle rule has to do it.
    if (FINAL.includes(status)) await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    // It is there already, as in copyWhole.
    if (status === 412) return true;
    throw error;
  }
}

/** All parts in their order; undefined when there was no time for all. */
async function copyParts(
  artifact: Artifact,
  upload: Upload,
  there: ReadonlyMap<number, UploadedPart>,
  { partBytes, sourceBucket, hasTime }: CopyTarget,
): Promise<Part[] | undefined> {
  const size = Math.max(partBytes, Math.ceil(artifact.bytes / MOST_PARTS / MIB) * MIB);
  const numbers = Array.from({ length: Math.ceil(artifact.bytes / size) }, (_, i) => i + 1);
  const parts = await inBatches(numbers, AT_ONCE, async (PartNumber): Promise<Part | undefined> => {
    const first = (PartNumber - 1) * size;
    const last = Math.min(first + size, artifact.bytes) - 1;
    const before = there.get(PartNumber);
    if (before?.Size === last - first + 1) return { PartNumber, ETag: before.ETag };
    if (!hasTime()) return undefined;
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber,
        CopySource: copySource(sourceBucket, artifact),
        CopySourceIfMatch: `"${artifact.etag}"`,
        CopySourceRange: `bytes=${first}-${last}`,
      }),
    );
    return { PartNumber, ETag: CopyPartResult?.ETag };
  });
  const whole = parts.filter((part) => part !== undefined);
  return whole.length < numbers.length ? undefined : whole;
}

async function begin(artifact: Artifact, Bucket: string, Key: string): Promise<string> {
  const { UploadId } = await s3.send(
    // S3's own checksum, of the whole object: it can be compared whatever the parts are.
    new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'FULL_OBJECT', ...described(artifact) }),
  );
  return UploadId as string;
}

async function partsOf(upload: Upload): Promise<Map<number, UploadedPart>> {
  const parts = new Map<number, UploadedPart>();
  let PartNumberMarker: string | undefined;
  do {
    const page = await s3.send(new ListPartsCommand({ ...upload, PartNumberMarker }));
    for (const { PartNumber = 0, Size, ETag } of page.Parts ?? []) parts.set(PartNumber, { Size, ETag });
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (PartNumberMarker !== undefined);
  return parts;
}
