import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { compareKeys } from './key-order';
import type { ObjectState } from './plan-line';
import type { BucketPlace } from './settings';

export interface ListedObject extends ObjectState {
  /** Below the place's prefix. */
  readonly key: string;
}

/** Keys after the one, up to and with the other. Without one it is open there. */
export interface KeyRange {
  readonly after?: string;
  readonly upTo?: string;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** Continues the listing; undefined at its end. */
  readonly token?: string;
}

export interface PageRequest {
  /** Only keys that begin with it, below the place's prefix. */
  readonly prefix?: string;
  readonly after?: string;
  readonly token?: string;
  readonly most?: number;
}

/**
 * One page. Keys come URL-encoded, because XML can't hold every character that a key may have.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function listPage(s3: S3Client, place: BucketPlace, { prefix = '', after, token, most }: PageRequest): Promise<ListedPage> {
  const output: ListObjectsV2CommandOutput = await s3.send(
    new ListObjectsV2Command({
      Bucket: place.bucket,
      Prefix: place.prefix + prefix,
      StartAfter: after === undefined ? undefined : place.prefix + after,
      ContinuationToken: token,
      MaxKeys: most,
      EncodingType: 'url',
    }),
  );
  const objects = (output.Contents ?? []).map(({ Key = '', ETag = '', Size = 0, LastModified }) => ({
    key: decoded(Key).slice(place.prefix.length),
    etag: unquoted(ETag),
    size: Size,
    modified: seconds(LastModified),
  }));
  return { objects, token: output.IsTruncated ? output.NextContinuationToken : undefined };
}

/** The objects of a range in S3's order, two pages in memory at most: the next one is fetched while one is read. */
export async function* listRange(s3: S3Client, place: BucketPlace, { after, upTo }: KeyRange): AsyncGenerator<ListedObject> {
  const isPast = (key: string): boolean => upTo !== undefined && compareKeys(key, upTo) > 0;
  const next = ({ objects, token }: ListedPage): Promise<ListedPage> | undefined => {
    const last = objects.at(-1)?.key ?? '';
    return token === undefined || last === upTo || isPast(last) ? undefined : listPage(s3, place, { after, token });
  };
  let page: Promise<ListedPage> | undefined = listPage(s3, place, { after });
  while (page) {
    const listed: ListedPage = await page;
    page = next(listed);
    // Whoever stops reading doesn't see how the next page fares.
    page?.catch(() => undefined);
    for (const object of listed.objects) {
      if (isPast(object.key)) return;
      yield object;
    }
  }
}

/** Whether a bucket has a key, by a list: that takes the same permission as everything else here, and tells "not there" from "not allowed". */
export async function hasKey(s3: S3Client, place: BucketPlace, key: string): Promise<boolean> {
  // The key itself comes before all others that begin with it.
  const { objects } = await listPage(s3, place, { prefix: key, most: 1 });
  return objects[0]?.key === key;
}

/** S3 writes a space as "+". */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

export const unquoted = (etag: string): string => etag.replace(/^"(.*)"$/, '$1');

function seconds(date: Date | undefined): string {
  return (date ?? new Date(0)).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
