import type { Operation } from '../../../cloud-types';
import { checksumMembers } from '../checksums';
import { pageSize, take } from '../listing';
import { checksumOfVersion, type ObjectVersion } from '../object-version';
import { type S3Context, shownVersionId } from '../service-context';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export function getObjectAttributes(context: S3Context): Operation {
  return {
    access: (input) => [...context.access.read(input), ...context.access.object('GetObjectAttributes', input)],
    run(input) {
      const bucket = context.buckets.get(input);
      const version = context.readable(bucket, input);
      const asked = new Set<string>(input.ObjectAttributes);
      return {
        LastModified: new Date(version.lastModified),
        VersionId: shownVersionId(bucket, version),
        // Without quotes, here only.
        ...(asked.has('ETag') && { ETag: version.etag }),
        ...(asked.has('Checksum') && { Checksum: checksumMembers(checksumOfVersion(version)) }),
        ...(asked.has('ObjectParts') && version.parts && { ObjectParts: partsOf(version, input) }),
        ...(asked.has('StorageClass') && { StorageClass: version.storageClass }),
        ...(asked.has('ObjectSize') && { ObjectSize: version.body.length }),
      };
    },
  };
}

/** The parts themselves are told only if they have checksums that the sender asked for. */
function partsOf(
  { parts = [], checksum }: ObjectVersion,
  { MaxParts, PartNumberMarker }: { MaxParts?: number; PartNumberMarker?: string },
) {
  const TotalPartsCount = parts.length;
  if (checksum?.type !== 'COMPOSITE') return { TotalPartsCount };
  const most = pageSize(MaxParts, 'max-parts');
  const marker = Number(PartNumberMarker ?? 0);
  const { items, more } = take(
    parts.filter(({ number }) => number > marker),
    most,
  );
  return {
    TotalPartsCount,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(items.at(-1)?.number ?? 0),
    MaxParts: most,
    IsTruncated: more,
    Parts: items.map(({ number, size, checksum: one }) => {
      const { ChecksumType: _ofObjects, ...members } = checksumMembers(one);
      return { PartNumber: number, Size: size, ...members };
    }),
  };
}
