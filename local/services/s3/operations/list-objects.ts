import type { AccessRequest, Operation } from '../../../cloud-types';
import { invalidArgument } from '../errors';
import { afterKey, afterMarker, afterPrefix, encodedOptional, keyEncoder, type Listed, pageSize, take, walk } from '../listing';
import { checksumKind, type ObjectVersion, quoted } from '../object-version';
import type { S3Context } from '../service-context';

interface ListInput {
  readonly Bucket: string;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(context: S3Context): Operation {
  return {
    access: (input) => listAccess(context, input),
    run(input) {
      const { Prefix, Delimiter, StartAfter, ContinuationToken } = input;
      const encode = keyEncoder(input.EncodingType);
      const most = pageSize(input.MaxKeys, 'max-keys');
      // Unlike the first version's marker, StartAfter inside a common prefix leaves the rest of it to be listed.
      const start = ContinuationToken === undefined ? StartAfter && afterKey(StartAfter) : startOf(ContinuationToken);
      const { items, more } = listed(context, input, start, most);
      return {
        Name: input.Bucket,
        Prefix: encode(Prefix ?? ''),
        Delimiter: encodedOptional(encode, Delimiter),
        MaxKeys: most,
        KeyCount: items.length,
        EncodingType: input.EncodingType,
        IsTruncated: more,
        StartAfter: encodedOptional(encode, StartAfter),
        ContinuationToken,
        NextContinuationToken: more ? tokenAfter(items[items.length - 1]) : undefined,
        ...contents(context, items, encode, { owner: input.FetchOwner === true }),
      };
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export function listObjects(context: S3Context): Operation {
  return {
    access: (input) => listAccess(context, input),
    run(input) {
      const { Prefix, Delimiter, Marker } = input;
      const encode = keyEncoder(input.EncodingType);
      const most = pageSize(input.MaxKeys, 'max-keys');
      const start = Marker && afterMarker(Marker, Prefix, Delimiter);
      const { items, more } = listed(context, input, start, most);
      const last = items.at(-1);
      return {
        Name: input.Bucket,
        Prefix: encode(Prefix ?? ''),
        Delimiter: encodedOptional(encode, Delimiter),
        MaxKeys: most,
        EncodingType: input.EncodingType,
        IsTruncated: more,
        Marker: encode(Marker ?? ''),
        // Only with a delimiter; else the last key is the next marker.
        NextMarker: more && Delimiter && last ? encode(last.key ?? last.prefix) : undefined,
        ...contents(context, items, encode, { owner: true }),
      };
    },
  };
}

function listAccess(context: S3Context, { Bucket, Prefix, Delimiter, MaxKeys }: ListInput): AccessRequest[] {
  const maxKeys = MaxKeys === undefined ? undefined : String(MaxKeys);
  return context.access.bucket('ListBucket', Bucket, { 's3:prefix': Prefix, 's3:delimiter': Delimiter, 's3:max-keys': maxKeys });
}

const current = (versions: readonly ObjectVersion[]): ObjectVersion => versions[versions.length - 1];

function listed(context: S3Context, input: ListInput, start: string | undefined, most: number) {
  const bucket = context.buckets.get(input);
  const visible = (versions: readonly ObjectVersion[]) => !current(versions).deleteMarker;
  return take(walk(bucket, { prefix: input.Prefix, delimiter: input.Delimiter, start, visible }), most);
}

function contents(context: S3Context, items: readonly Listed[], encode: (text: string) => string, { owner }: { readonly owner: boolean }) {
  const Owner = owner ? { ID: context.ownerId } : undefined;
  return {
    CommonPrefixes: items.flatMap(({ prefix }) => (prefix === undefined ? [] : [{ Prefix: encode(prefix) }])),
    Contents: items.flatMap((item) => {
      if (item.key === undefined) return [];
      const version = current(item.versions);
      return [
        {
          Key: encode(item.key),
          LastModified: new Date(version.lastModified),
          ETag: quoted(version.etag),
          ...checksumKind(version),
          Size: version.body.length,
          StorageClass: version.storageClass,
          Owner,
        },
      ];
    }),
  };
}

/** Opaque to callers: the last entry, and whether it is a key or a common prefix. */
function tokenAfter({ key, prefix }: Listed): string {
  return Buffer.from(key === undefined ? `p${prefix}` : `k${key}`, 'utf8').toString('base64');
}

function startOf(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (!/^[kp]/.test(text)) throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return text.startsWith('p') ? afterPrefix(text.slice(1)) : afterKey(text.slice(1));
}
