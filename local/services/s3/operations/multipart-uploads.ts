/** An upload in parts, from its beginning to its end or abortion. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import type { Operation } from '../../../cloud-types';
import { digits } from '../../identifiers';
import type { Bucket } from '../bucket';
import { checksumMembers, parseAlgorithm } from '../checksums';
import { invalidRequest } from '../errors';
import { toOrdered } from '../key-order';
import { commonPrefix, encodedOptional, keyEncoder, pageSize, take } from '../listing';
import { inOrder, type MultipartUpload, uploadOf } from '../multipart';
import { settingsOf } from '../object-settings';
import { quoted } from '../object-version';
import type { S3Context } from '../service-context';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function createMultipartUpload(context: S3Context): Operation {
  return {
    access: (input) => context.access.write(input),
    run(input) {
      const bucket = context.buckets.get(input);
      const settings = settingsOf(input, bucket, context.keyArn);
      const checksum = checksumOfUpload(input);
      const id = digits(context.cloud, 64, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._');
      bucket.uploads.set(id, { id, key: input.Key, initiated: context.now(), settings, checksum, parts: new Map() });
      return {
        Bucket: input.Bucket,
        Key: input.Key,
        UploadId: id,
        ChecksumAlgorithm: checksum?.algorithm,
        ChecksumType: checksum?.type,
        ...context.encryptionMembers(settings.encryption),
      };
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#ChecksumTypes */
function checksumOfUpload(input: { ChecksumAlgorithm?: string; ChecksumType?: string }): MultipartUpload['checksum'] {
  if (input.ChecksumAlgorithm === undefined) {
    if (input.ChecksumType !== undefined)
      throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
    return undefined;
  }
  const algorithm = parseAlgorithm(input.ChecksumAlgorithm);
  const possible = algorithm === 'CRC64NVME' ? ['FULL_OBJECT'] : algorithm.startsWith('CRC') ? ['COMPOSITE', 'FULL_OBJECT'] : ['COMPOSITE'];
  const type = input.ChecksumType ?? possible[0];
  if (!possible.includes(type)) {
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
  }
  return { algorithm, type: type as 'FULL_OBJECT' | 'COMPOSITE' };
}

export function abortMultipartUpload(context: S3Context): Operation {
  return {
    access: (input) => context.access.object('AbortMultipartUpload', { Bucket: input.Bucket, Key: input.Key }),
    run(input) {
      const bucket = context.buckets.get(input);
      bucket.uploads.delete(uploadOf(bucket, input).id);
      return {};
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(context: S3Context): Operation {
  return {
    access: (input) => context.access.object('ListMultipartUploadParts', { Bucket: input.Bucket, Key: input.Key }),
    run(input) {
      const upload = uploadOf(context.buckets.get(input), input);
      const most = pageSize(input.MaxParts, 'max-parts');
      const marker = Number(input.PartNumberMarker ?? 0);
      const { items, more } = take(
        inOrder(upload).filter(({ number }) => number > marker),
        most,
      );
      return {
        Bucket: input.Bucket,
        Key: input.Key,
        UploadId: upload.id,
        PartNumberMarker: String(marker),
        NextPartNumberMarker: items.length > 0 ? String(items[items.length - 1].number) : undefined,
        MaxParts: most,
        IsTruncated: more,
        Initiator: { ID: context.ownerId },
        Owner: { ID: context.ownerId },
        StorageClass: upload.settings.storageClass,
        ChecksumAlgorithm: upload.checksum?.algorithm,
        ChecksumType: upload.checksum?.type,
        Parts: items.map((part) => {
          const { ChecksumType: _ofObjects, ...checksum } = checksumMembers(part.checksum);
          const LastModified = new Date(part.lastModified);
          return { PartNumber: part.number, LastModified, ETag: quoted(part.etag), Size: part.body.length, ...checksum };
        }),
      };
    },
  };
}

type Listed = { readonly prefix: string } | { readonly prefix?: undefined; readonly upload: MultipartUpload };

interface UploadsInput {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

/** By key, then the oldest first. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listMultipartUploads(context: S3Context): Operation {
  return {
    access: ({ Bucket }) => context.access.bucket('ListBucketMultipartUploads', Bucket),
    run(input) {
      const encode = keyEncoder(input.EncodingType);
      const most = pageSize(input.MaxUploads, 'max-uploads');
      const { items, more } = take(uploads(context.buckets.get(input), input), most);
      const last = more ? items[items.length - 1] : undefined;
      return {
        Bucket: input.Bucket,
        Prefix: encode(input.Prefix ?? ''),
        Delimiter: encodedOptional(encode, input.Delimiter),
        KeyMarker: encode(input.KeyMarker ?? ''),
        UploadIdMarker: input.UploadIdMarker ?? '',
        MaxUploads: most,
        EncodingType: input.EncodingType,
        IsTruncated: more,
        NextKeyMarker: last && encode(last.prefix ?? last.upload.key),
        NextUploadIdMarker: last?.prefix === undefined ? last?.upload.id : undefined,
        CommonPrefixes: items.flatMap(({ prefix }) => (prefix === undefined ? [] : [{ Prefix: encode(prefix) }])),
        Uploads: items.flatMap((item) => (item.prefix === undefined ? [described(context, item.upload, encode)] : [])),
      };
    },
  };
}

function described(context: S3Context, { key, id, initiated, settings, checksum }: MultipartUpload, encode: (text: string) => string) {
  const ID = context.ownerId;
  return {
    Key: encode(key),
    UploadId: id,
    Initiated: new Date(initiated),
    StorageClass: settings.storageClass,
    Initiator: { ID },
    Owner: { ID },
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
  };
}

/** There are never many: each list sorts them anew. */
function* uploads(bucket: Bucket, { Prefix = '', Delimiter = '', KeyMarker, UploadIdMarker }: UploadsInput): Generator<Listed> {
  const all = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(Prefix))
    .map((upload) => ({ upload, ordered: toOrdered(upload.key) }))
    // Those of one key stay in the order in which they were begun.
    .sort((a, b) => (a.ordered < b.ordered ? -1 : a.ordered > b.ordered ? 1 : 0));
  const marker = KeyMarker === undefined ? undefined : toOrdered(KeyMarker);
  const begun = all.findIndex(({ upload }) => upload.key === KeyMarker && upload.id === UploadIdMarker);
  const told = new Set<string>();
  for (const [i, { upload, ordered }] of all.entries()) {
    const past = marker === undefined || ordered > marker || (begun >= 0 && ordered === marker && i > begun);
    const common = commonPrefix(upload.key, Prefix, Delimiter);
    if (!past || (common !== undefined && (told.has(common) || KeyMarker?.startsWith(common)))) continue;
    if (common !== undefined) told.add(common);
    yield common === undefined ? { upload } : { prefix: common };
  }
}
