import type { Operation } from '../../../cloud-types';
import { ApiError } from '../../../cloud-types';
import type { Bucket } from '../bucket';
import { checksumMembers } from '../checksums';
import { invalidArgument, invalidRequest } from '../errors';
import { checksumOfVersion, type ObjectVersion, quoted } from '../object-version';
import { checkRead } from '../preconditions';
import { type ByteRange, contentRange, parseRange, slice } from '../range';
import { type S3Context, shownVersionId } from '../service-context';

/** GetObject and HeadObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export function getObject(context: S3Context, { withBody }: { readonly withBody: boolean }): Operation {
  return {
    // HeadObject has no action of its own. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    access: (input) =>
      withBody || input.ChecksumMode === 'ENABLED' ? context.access.read(input) : context.access.existing('GetObject', input),
    run(input) {
      const bucket = context.buckets.get(input);
      const version = context.readable(bucket, input);
      checkRead(
        {
          match: input.IfMatch,
          noneMatch: input.IfNoneMatch,
          modifiedSince: input.IfModifiedSince,
          unmodifiedSince: input.IfUnmodifiedSince,
        },
        version,
      );
      if (withBody) checkRestored(version);
      const range = rangeOf(input, version);
      const size = version.body.length;
      return {
        ...described(context, bucket, version),
        ...overrides(input),
        ...(withBody && { Body: range ? slice(version.body, range) : version.body }),
        ContentLength: range ? range.last - range.first + 1 : size,
        ...(range && { ContentRange: contentRange(range, size) }),
        ...(input.PartNumber !== undefined && version.parts && { PartsCount: version.parts.length }),
        ...(input.ChecksumMode === 'ENABLED' && checksumMembers(checksumOfRead(input, version, range))),
      };
    },
  };
}

function described(context: S3Context, bucket: Bucket, version: ObjectVersion) {
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(version.lastModified),
    ETag: quoted(version.etag),
    VersionId: shownVersionId(bucket, version),
    Metadata: version.metadata,
    ...version.headers,
    ...context.encryptionMembers(version.encryption),
    // S3 leaves the default away.
    ...(version.storageClass !== 'STANDARD' && { StorageClass: version.storageClass }),
    ...(version.tags.length > 0 && { TagCount: version.tags.length }),
  };
}

/**
 * A checksum is of the whole body, or of one part.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#checking-object-integrity-mpu
 */
function checksumOfRead({ PartNumber }: { PartNumber?: number }, version: ObjectVersion, range: ByteRange | undefined) {
  if (PartNumber !== undefined && version.parts) return version.parts[PartNumber - 1].checksum;
  return range && PartNumber === undefined ? undefined : checksumOfVersion(version);
}

/** `response-content-type` and its like. */
function overrides(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = ['CacheControl', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage', 'ContentType', 'Expires'];
  const given = names.map((name) => [name, input[`Response${name}`]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function rangeOf(input: { Range?: string; PartNumber?: number }, version: ObjectVersion): ByteRange | undefined {
  const { Range, PartNumber } = input;
  const size = version.body.length;
  if (PartNumber === undefined) return parseRange(Range, size);
  if (Range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  if (!(PartNumber >= 1 && PartNumber <= 10_000)) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', PartNumber);
  }
  const sizes = version.parts?.map((part) => part.size) ?? [size];
  if (PartNumber > sizes.length) {
    throw new ApiError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      PartNumberRequested: PartNumber,
      ActualPartCount: sizes.length,
    });
  }
  const first = sizes.slice(0, PartNumber - 1).reduce((sum, part) => sum + part, 0);
  return size === 0 ? undefined : { first, last: first + sizes[PartNumber - 1] - 1 };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html */
export function checkRestored({ storageClass }: ObjectVersion): void {
  if (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE') {
    throw new ApiError('InvalidObjectState', "The operation is not valid for the object's storage class", 403, {
      StorageClass: storageClass,
    });
  }
}
