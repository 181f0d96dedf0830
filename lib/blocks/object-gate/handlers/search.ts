import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { listedBy } from './manifest';
import type { Match } from './waiter';

/** What the waiting step gets. */
export interface Found {
  readonly status: 'FOUND';
  readonly bucket: string;
  readonly lastModified: string;
  readonly key?: string;
  readonly size?: number;
  readonly etag?: string;
  readonly prefix?: string;
  readonly objects?: number;
  readonly bytes?: number;
}

interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
}

/** What a match comes to, if it is there. Only what S3 lists counts: a list shows every write that has ended. */
export async function search(s3: S3Client, bucket: string, match: Match): Promise<Found | undefined> {
  return match.complete.type === 'key' || match.complete.type === 'prefix' ? one(s3, bucket, match) : drop(s3, bucket, match);
}

async function one(s3: S3Client, bucket: string, match: Match): Promise<Found | undefined> {
  const { complete, minSize, prefix, suffix = '' } = match;
  let newest: ListedObject | undefined;
  for await (const object of objects(s3, bucket, match)) {
    const meant = complete.type === 'key' ? object.key === prefix : object.key.endsWith(suffix);
    if (meant && object.size >= minSize && object.modified >= (newest?.modified ?? 0)) newest = object;
    // A key is the first of those that begin with it.
    if (complete.type === 'key') break;
  }
  if (!newest) return undefined;
  const { key, size, etag, modified } = newest;
  return { status: 'FOUND', bucket, key, size, etag, lastModified: new Date(modified).toISOString() };
}

async function drop(s3: S3Client, bucket: string, match: Match): Promise<Found | undefined> {
  const { complete, minSize, prefix, suffix = '' } = match;
  const sign = complete.name === undefined ? undefined : `${prefix}${complete.name}`;
  const wanted = complete.type === 'manifest' ? await manifestOf(s3, bucket, match, `${sign}`) : undefined;
  if (complete.type === 'manifest' && !wanted) return undefined;
  const data = { objects: 0, bytes: 0 };
  let newest = 0;
  let signed = sign === undefined;
  for await (const { key, size, modified } of objects(s3, bucket, match)) {
    newest = Math.max(newest, modified);
    if (key === sign) signed = true;
    else if (wanted ? wanted.delete(key) : key.endsWith(suffix) && !isFolder(key, size)) {
      data.objects += 1;
      data.bytes += size;
    }
  }
  const quiet = complete.type !== 'quiet' || Date.now() >= newest + (complete.seconds ?? 0) * 1000;
  if (!signed || !quiet || wanted?.size || data.bytes < minSize || newest === 0) return undefined;
  return { status: 'FOUND', bucket, prefix, ...data, lastModified: new Date(newest).toISOString(), ...(sign && { key: sign }) };
}

/** What the manifest lists. Looked for first: to get an object that is not there takes the permission to list the whole bucket. */
async function manifestOf(s3: S3Client, bucket: string, match: Match, key: string): Promise<Set<string> | undefined> {
  const there = await one(s3, bucket, { ...match, prefix: key, complete: { type: 'key' }, minSize: 1 });
  return there && listedBy(s3, bucket, match.prefix, key);
}

/** Objects that are not too old, in S3's order, a page at a time. */
async function* objects(s3: S3Client, bucket: string, { prefix, newerThan }: Match): AsyncGenerator<ListedObject> {
  const after = newerThan === undefined ? Number.NEGATIVE_INFINITY : Date.parse(newerThan);
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }));
    for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      const modified = LastModified?.getTime() ?? 0;
      if (modified > after) yield { key: Key, size: Size, etag: ETag.replaceAll('"', ''), modified };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}

/** What consoles make for a folder. */
function isFolder(key: string, size: number): boolean {
  return key.endsWith('/') && size === 0;
}
