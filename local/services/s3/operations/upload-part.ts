import type { Operation } from '../../../cloud-types';
import { type Checksum, checksumMembers, checksumOf, verifiedChecksum } from '../checksums';
import { copyConditions, parseCopySource } from '../copy-source';
import { invalidArgument, invalidRequest } from '../errors';
import { MAX_PARTS, type MultipartUpload, uploadOf } from '../multipart';
import { quoted } from '../object-version';
import { checkCopySource } from '../preconditions';
import { parseRange, slice } from '../range';
import { type S3Context, shownVersionId } from '../service-context';
import { checkRestored } from './get-object';
import { bytesOf } from './put-object';

interface PartInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
  readonly PartNumber: number;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export function uploadPart(context: S3Context): Operation {
  return {
    access: (input) => partAccess(context, input),
    run(input) {
      const upload = uploadOf(context.buckets.get(input), input);
      checkNumber(input.PartNumber);
      const body = bytesOf(input.Body);
      const checksum = partChecksum(upload, verifiedChecksum(input, body), body);
      const etag = addPart(context, upload, input.PartNumber, body, checksum);
      const { ChecksumType: _ofObjects, ...members } = checksumMembers(checksum);
      return { ETag: quoted(etag), ...members, ...context.encryptionMembers(upload.settings.encryption) };
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export function uploadPartCopy(context: S3Context): Operation {
  return {
    access: (input) => [...context.access.read(parseCopySource(input.CopySource)), ...partAccess(context, input)],
    run(input) {
      const upload = uploadOf(context.buckets.get(input), input);
      checkNumber(input.PartNumber);
      const source = parseCopySource(input.CopySource);
      const sourceBucket = context.buckets.get({ Bucket: source.Bucket, ExpectedBucketOwner: input.ExpectedSourceBucketOwner });
      const original = context.copyable(sourceBucket, source);
      checkRestored(original);
      checkCopySource(copyConditions(input), original);
      const body = copiedBytes(input.CopySourceRange, original.body);
      const checksum = partChecksum(upload, undefined, body);
      const etag = addPart(context, upload, input.PartNumber, body, checksum);
      const { ChecksumType: _ofObjects, ...members } = checksumMembers(checksum);
      return {
        CopyPartResult: { ETag: quoted(etag), LastModified: new Date(context.now()), ...members },
        CopySourceVersionId: shownVersionId(sourceBucket, original),
        ...context.encryptionMembers(upload.settings.encryption),
      };
    },
  };
}

/** Parts are read again before the upload is complete: https://repost.aws/knowledge-center/s3-large-file-encryption-kms-key */
function partAccess(context: S3Context, { Bucket, Key, UploadId }: PartInput) {
  const { access } = context;
  const encryption = context.buckets.find(Bucket)?.uploads.get(UploadId)?.settings.encryption;
  return [...access.object('PutObject', { Bucket, Key }), ...access.kms('Decrypt', { Bucket, Key }, encryption)];
}

function checkNumber(number: number): void {
  if (!(Number.isInteger(number) && number >= 1 && number <= MAX_PARTS)) {
    throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`, 'partNumber', number);
  }
}

/** A part has the checksum that its upload was begun with. */
function partChecksum({ checksum: agreed }: MultipartUpload, given: Checksum | undefined, body: Buffer): Checksum | undefined {
  if (!agreed) return given;
  if (given && given.algorithm !== agreed.algorithm) {
    const [expected, actual] = [agreed.algorithm.toLowerCase(), given.algorithm.toLowerCase()];
    throw invalidRequest(`Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`);
  }
  return given ?? { algorithm: agreed.algorithm, value: checksumOf(agreed.algorithm, body), type: 'FULL_OBJECT' };
}

function addPart(context: S3Context, upload: MultipartUpload, number: number, body: Buffer, checksum: Checksum | undefined): string {
  const etag = context.etagOf(body, upload.settings.encryption);
  upload.parts.set(number, { number, body, etag, lastModified: context.now(), checksum });
  return etag;
}

/** `bytes=first-last` with both, inside the source. */
function copiedBytes(header: string | undefined, body: Buffer): Buffer {
  if (header === undefined) return body;
  const [, last] = /^bytes=\d+-(\d+)$/.exec(header) ?? [];
  if (last === undefined) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  const range = Number(last) < body.length ? parseRange(header, body.length) : undefined;
  if (!range)
    throw invalidArgument(`Range specified is not valid for source object of size: ${body.length}`, 'x-amz-copy-source-range', header);
  return slice(body, range);
}
