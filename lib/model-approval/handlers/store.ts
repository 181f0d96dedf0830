import {
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** The buckets may be in other regions than the function. */
export const s3 = new S3Client({ followRegionRedirects: true, maxAttempts: 5 });

export const unquoted = (etag = ''): string => etag.replaceAll('"', '');

/** An object's text, of one version or the latest. */
export async function readText(bucket: string, key: string, versionId?: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  return (await Body?.transformToString()) ?? '';
}

export async function writeJson(bucket: string, key: string, body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }));
}

/** One version of an object, or a delete marker. */
export interface ListedVersion {
  readonly key: string;
  /** "null" where none was kept when it was written. */
  readonly versionId: string;
  readonly bytes: number;
  /** Milliseconds; S3 has whole seconds. */
  readonly writtenAt: number;
  readonly latest: boolean;
  readonly deleted: boolean;
}

/**
 * The newest first. What is there is asked by listing: without the permission to list everything, S3 answers for what is not there with
 * 403.
 */
export async function versionsBelow(bucket: string, prefix: string): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = [];
  let KeyMarker: string | undefined;
  let VersionIdMarker: string | undefined;
  do {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, VersionIdMarker }),
    );
    versions.push(
      ...(page.Versions ?? []).map((version) => listed(version, false)),
      ...(page.DeleteMarkers ?? []).map((marker) => listed(marker, true)),
    );
    KeyMarker = page.NextKeyMarker;
    VersionIdMarker = page.NextVersionIdMarker;
  } while (KeyMarker !== undefined);
  return versions.sort((a, b) => b.writtenAt - a.writtenAt || Number(b.latest) - Number(a.latest));
}

function listed(
  { Key = '', VersionId = 'null', Size = 0, LastModified, IsLatest = false }: ObjectVersion,
  deleted: boolean,
): ListedVersion {
  return { key: Key, versionId: VersionId, bytes: Size, writtenAt: LastModified?.getTime() ?? 0, latest: IsLatest, deleted };
}

/** Keys of the objects that are there now, with their ETags. */
export async function objectsBelow(bucket: string, prefix: string): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }));
    for (const { Key = '', ETag } of page.Contents ?? []) objects.set(Key, unquoted(ETag));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return objects;
}

/** Does something for each, so many at once. An error is thrown when nothing is under way any more. */
export async function inBatches<T, R>(items: readonly T[], atOnce: number, act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += atOnce) {
    const settled = await Promise.allSettled(items.slice(i, i + atOnce).map(act));
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason;
      results.push(one.value);
    }
  }
  return results;
}
