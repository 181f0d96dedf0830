import type { Operation } from '../../../cloud-types';
import type { Bucket } from '../bucket';
import { invalidArgument } from '../errors';
import { toOrdered } from '../key-order';
import { afterMarker, encodedOptional, keyEncoder, pageSize, take, walk } from '../listing';
import { checksumKind, type ObjectVersion, quoted } from '../object-version';
import type { S3Context } from '../service-context';

interface VersionsInput {
  readonly Bucket: string;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

type Entry = { readonly prefix: string } | { readonly prefix?: undefined; readonly version: ObjectVersion; readonly latest: boolean };

/** By key, then the newest first. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function listObjectVersions(context: S3Context): Operation {
  return {
    access: ({ Bucket, Prefix, Delimiter }) =>
      context.access.bucket('ListBucketVersions', Bucket, { 's3:prefix': Prefix, 's3:delimiter': Delimiter }),
    run(input) {
      const bucket = context.buckets.get(input);
      const encode = keyEncoder(input.EncodingType);
      const most = pageSize(input.MaxKeys, 'max-keys');
      if (input.VersionIdMarker !== undefined && input.KeyMarker === undefined) {
        throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', input.VersionIdMarker);
      }
      const { items, more } = take(entries(bucket, input), most);
      const last = more ? items[items.length - 1] : undefined;
      const Owner = { ID: context.ownerId };
      const described = (entry: Entry) =>
        entry.prefix === undefined
          ? [
              {
                entry,
                common: {
                  Key: encode(entry.version.key),
                  VersionId: entry.version.versionId,
                  IsLatest: entry.latest,
                  LastModified: new Date(entry.version.lastModified),
                  Owner,
                },
              },
            ]
          : [];
      const all = items.flatMap(described);
      return {
        Name: input.Bucket,
        Prefix: encode(input.Prefix ?? ''),
        Delimiter: encodedOptional(encode, input.Delimiter),
        KeyMarker: encode(input.KeyMarker ?? ''),
        VersionIdMarker: input.VersionIdMarker ?? '',
        MaxKeys: most,
        EncodingType: input.EncodingType,
        IsTruncated: more,
        NextKeyMarker: last && encode(last.prefix ?? last.version.key),
        NextVersionIdMarker: last?.prefix === undefined ? last?.version.versionId : undefined,
        CommonPrefixes: items.flatMap(({ prefix }) => (prefix === undefined ? [] : [{ Prefix: encode(prefix) }])),
        DeleteMarkers: all.filter(({ entry }) => entry.version.deleteMarker).map(({ common }) => common),
        Versions: all
          .filter(({ entry }) => !entry.version.deleteMarker)
          .map(({ entry: { version }, common }) => ({
            ...common,
            ETag: quoted(version.etag),
            ...checksumKind(version),
            Size: version.body.length,
            StorageClass: version.storageClass,
          })),
      };
    },
  };
}

function* entries(bucket: Bucket, { Prefix, Delimiter, KeyMarker, VersionIdMarker }: VersionsInput): Generator<Entry> {
  const within = VersionIdMarker !== undefined && KeyMarker !== undefined;
  const start = within ? toOrdered(KeyMarker) : KeyMarker && afterMarker(KeyMarker, Prefix, Delimiter);
  for (const item of walk(bucket, { prefix: Prefix, delimiter: Delimiter, start, visible: () => true })) {
    if (item.prefix !== undefined) {
      yield { prefix: item.prefix };
      continue;
    }
    const newestFirst = item.versions.toReversed();
    // A marker that has been deleted since then leaves only versions that weren't listed before it was.
    const from = within && item.key === KeyMarker ? newestFirst.findIndex(({ versionId }) => versionId === VersionIdMarker) + 1 : 0;
    for (const version of newestFirst.slice(from)) yield { version, latest: version === newestFirst[0] };
  }
}
