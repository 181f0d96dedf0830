import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  type HeadObjectCommandOutput,
  ListPartsCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { COPY_LIMITS, partBytes, partsOf } from './copy-limits';
import {
  type CopyContext,
  copySource,
  headersOf,
  markedMetadata,
  type Preconditions,
  storageClassOf,
  type Unfinished,
} from './copy-request';
import { inParallel } from './in-parallel';

const PARTS_AT_ONCE = 16;

/** A part of 5 GiB, the largest there is, takes S3 about so long. */
const RESERVE_MS = 120_000;

interface Part {
  readonly PartNumber: number;
  readonly ETag?: string;
}

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/**
 * Copies an object above 5 GB, part by part within S3. With too little time it stops and says which upload to go on with.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
 */
export async function copyInParts(
  key: string,
  original: HeadObjectCommandOutput,
  pinned: Preconditions,
  context: CopyContext,
  begun?: string,
): Promise<Unfinished | undefined> {
  const { s3, settings } = context;
  const place = { Bucket: settings.destination.bucket, Key: settings.destination.prefix + key };
  const upload = { ...place, UploadId: begun ?? (await begin(place, key, original, context)) };
  try {
    const parts = await copyParts(upload, key, original, pinned, context, begun !== undefined);
    if (!parts) return { uploadId: upload.UploadId };
    const { IfMatch, IfNoneMatch } = pinned;
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, IfMatch, IfNoneMatch, MultipartUpload: { Parts: parts } }));
    return undefined;
  } catch (error) {
    // A lifecycle rule has removed it since the last call.
    if (begun !== undefined && (error as Error).name === 'NoSuchUpload') return copyInParts(key, original, pinned, context);
    // Parts that nobody needs cost money. Should this fail as well, a lifecycle rule has to do it.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function begin(
  place: { readonly Bucket: string; readonly Key: string },
  key: string,
  original: HeadObjectCommandOutput,
  { s3, settings: { source } }: CopyContext,
): Promise<string> {
  // Unlike CopyObject this takes nothing over by itself.
  const tags = original.TagCount
    ? await s3.send(new GetObjectTaggingCommand({ Bucket: source.bucket, Key: source.prefix + key }))
    : undefined;
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      ...place,
      ...headersOf(original),
      Metadata: markedMetadata(original),
      StorageClass: storageClassOf(original),
      WebsiteRedirectLocation: original.WebsiteRedirectLocation,
      Tagging: tags?.TagSet?.map(({ Key = '', Value = '' }) => `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`).join('&'),
      // S3's own since 2024: the whole object's, so that it can be compared whatever the parts are.
      ChecksumAlgorithm: 'CRC64NVME',
      ChecksumType: 'FULL_OBJECT',
    }),
  );
  return UploadId as string;
}

/** All parts in their order; undefined when there was no time for all. */
async function copyParts(
  upload: Upload,
  key: string,
  original: HeadObjectCommandOutput,
  { CopySourceIfMatch }: Preconditions,
  { s3, settings: { source }, limits = COPY_LIMITS, remaining }: CopyContext,
  resumed: boolean,
): Promise<Part[] | undefined> {
  const size = original.ContentLength ?? 0;
  const each = partBytes(size, limits);
  const done = resumed ? await partsDone(upload, s3) : new Map<number, Part>();
  const numbers = Array.from({ length: partsOf(size, limits) }, (_, i) => i + 1);
  const parts = await inParallel(numbers, PARTS_AT_ONCE, async (PartNumber) => {
    const before = done.get(PartNumber);
    if (before) return before;
    if (remaining() < RESERVE_MS) return undefined;
    const first = (PartNumber - 1) * each;
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber,
        CopySource: copySource(source.bucket, source.prefix + key),
        CopySourceIfMatch,
        CopySourceRange: `bytes=${first}-${Math.min(first + each, size) - 1}`,
      }),
    );
    return { PartNumber, ETag: CopyPartResult?.ETag };
  });
  return parts.every((part) => part !== undefined) ? (parts as Part[]) : undefined;
}

async function partsDone(upload: Upload, s3: CopyContext['s3']): Promise<Map<number, Part>> {
  const done = new Map<number, Part>();
  let PartNumberMarker: string | undefined;
  do {
    const page = await s3.send(new ListPartsCommand({ ...upload, PartNumberMarker }));
    for (const { PartNumber = 0, ETag } of page.Parts ?? []) done.set(PartNumber, { PartNumber, ETag });
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (PartNumberMarker !== undefined);
  return done;
}
