import { constants } from 'node:buffer';
import { ApiError, type Operation, type Principal } from '../../../cloud-types';
import { notImplemented } from '../../errors';
import { type Checksum, checksumMembers, checksumOf, compare, compositeChecksum, defaultChecksum, givenChecksum, md5 } from '../checksums';
import { invalidRequest, malformedXml } from '../errors';
import { MIN_PART_SIZE, type MultipartUpload, type UploadedPart, uploadOf } from '../multipart';
import { quoted } from '../object-version';
import { checkWrite } from '../preconditions';
import { type S3Context, shownVersionId } from '../service-context';

type NamedPart = Readonly<Record<string, unknown>> & { readonly PartNumber?: number; readonly ETag?: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export function completeMultipartUpload(context: S3Context): Operation {
  return {
    access: (input) => [
      ...context.access.object(
        'PutObject',
        { Bucket: input.Bucket, Key: input.Key },
        {
          's3:if-match': input.IfMatch,
          's3:if-none-match': input.IfNoneMatch,
          's3:objectcreationoperation': 'true',
        },
      ),
      ...context.access.comparing(input),
    ],
    run(input, caller: Principal) {
      const bucket = context.buckets.get(input);
      const upload = uploadOf(bucket, input);
      const parts = chosenParts(upload, input.MultipartUpload?.Parts ?? []);
      const body = joined(parts);
      if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== body.length) {
        throw invalidRequest(
          `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${body.length}`,
        );
      }
      const checksum = checksumOfAll(upload, parts, body, input);
      checkWrite(input, bucket);
      const etag = `${md5(Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')))).toString('hex')}-${parts.length}`;
      const kept = parts.map(({ body: { length: size }, checksum: one }, i) => ({ number: i + 1, size, checksum: one }));
      bucket.uploads.delete(upload.id);
      const object = { key: upload.key, body, etag, checksum, parts: kept, ...upload.settings };
      const version = context.store(bucket, object, 'CompleteMultipartUpload', caller);
      return {
        Location: `https://${bucket.name}.s3.${context.cloud.region}.amazonaws.com/${encodeURIComponent(upload.key)}`,
        Bucket: bucket.name,
        Key: upload.key,
        ETag: quoted(etag),
        VersionId: shownVersionId(bucket, version),
        ...checksumMembers(checksum),
        ...context.encryptionMembers(upload.settings.encryption),
      };
    },
  };
}

function chosenParts(upload: MultipartUpload, named: readonly NamedPart[]): UploadedPart[] {
  if (named.length === 0) throw malformedXml();
  if (named.some(({ PartNumber }, i) => i > 0 && !(Number(PartNumber) > Number(named[i - 1].PartNumber)))) {
    throw invalidOrder('The list of parts was not in ascending order. Parts must be ordered by part number.');
  }
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompletedPart.html
  if (upload.checksum?.type === 'COMPOSITE' && named.some(({ PartNumber }, i) => PartNumber !== i + 1)) {
    throw invalidOrder('With a composite checksum, part numbers must start at 1 and be consecutive.');
  }
  const parts = named.map((one) => {
    const part = upload.parts.get(Number(one.PartNumber));
    if (!part || unquoted(one.ETag) !== part.etag) throw invalidPart(upload, one);
    checkPartChecksum(upload, one, part);
    return part;
  });
  const small = parts.slice(0, -1).find(({ body }) => body.length < MIN_PART_SIZE);
  if (!small) return parts;
  throw new ApiError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ProposedSize: small.body.length,
    MinSizeAllowed: MIN_PART_SIZE,
    PartNumber: small.number,
    PartETag: small.etag,
  });
}

const invalidOrder = (message: string): ApiError => new ApiError('InvalidPartOrder', message);

const unquoted = (etag = ''): string => etag.replace(/^"(.*)"$/, '$1');

function invalidPart({ id }: MultipartUpload, { PartNumber, ETag }: NamedPart): ApiError {
  return new ApiError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    // Not `ETag`, which would be a header.
    { UploadId: id, PartNumber, PartETag: ETag },
  );
}

/** An upload that was begun with a composite checksum needs each part's in the request. */
function checkPartChecksum(upload: MultipartUpload, named: NamedPart, part: UploadedPart): void {
  const given = givenChecksum(named);
  if (given && part.checksum && (given.algorithm !== part.checksum.algorithm || given.value !== part.checksum.value)) {
    throw invalidPart(upload, named);
  }
  if (given || upload.checksum?.type !== 'COMPOSITE') return;
  const algorithm = upload.checksum.algorithm.toLowerCase();
  throw invalidRequest(
    `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
  );
}

function joined(parts: readonly UploadedPart[]): Buffer {
  const size = parts.reduce((sum, { body }) => sum + body.length, 0);
  if (size > constants.MAX_LENGTH) throw notImplemented(`an object of ${size} bytes, which can't be held in memory`);
  return parts.length === 1
    ? parts[0].body
    : Buffer.concat(
        parts.map(({ body }) => body),
        size,
      );
}

function checksumOfAll(upload: MultipartUpload, parts: readonly UploadedPart[], body: Buffer, input: NamedPart): Checksum {
  const { checksum: agreed } = upload;
  if (agreed?.type === 'COMPOSITE') {
    return compositeChecksum(
      agreed.algorithm,
      parts.map((part) => part.checksum?.value ?? ''),
    );
  }
  const computed: Checksum = agreed
    ? { algorithm: agreed.algorithm, value: checksumOf(agreed.algorithm, body), type: 'FULL_OBJECT' }
    : defaultChecksum(body);
  const given = givenChecksum(input);
  if (given && given.algorithm === computed.algorithm) compare(given.algorithm, given.value, computed.value);
  return computed;
}
