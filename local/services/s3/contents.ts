/** A bucket for tests, scenarios and the runner itself, who may do everything and are in nobody's account of calls. */
import type { Principal } from '../../cloud-types';
import { walk } from './listing';
import { putObject } from './operations/put-object';
import type { S3Context } from './service-context';

const OPERATOR: Principal = { kind: 'operator' };

export interface BucketContents {
  /** All keys in S3's order. */
  keys(prefix?: string): string[];
  list(
    prefix?: string,
  ): AsyncIterable<{ readonly key: string; readonly size: number; readonly etag: string; readonly lastModified: number }>;
  /** The object's bytes; undefined without one. */
  get(key: string): Buffer | undefined;
  /** Keys of multipart uploads that were begun, and neither completed nor aborted. */
  openUploads(): string[];
  put(key: string, body: Uint8Array | string): Promise<void>;
}

/** @throws without such a bucket */
export function contentsOf(context: S3Context, Bucket: string): BucketContents {
  const bucket = context.buckets.get({ Bucket });
  const objects = function* (prefix = '') {
    for (const item of walk(bucket, { prefix, visible: (versions) => !versions[versions.length - 1].deleteMarker })) {
      if (item.key !== undefined) yield item.versions[item.versions.length - 1];
    }
  };
  return {
    keys: (prefix) => [...objects(prefix)].map(({ key }) => key),
    async *list(prefix) {
      for (const { key, body, etag, lastModified } of [...objects(prefix)]) yield { key, size: body.length, etag, lastModified };
    },
    get: (key) => bucket.current(key)?.body,
    openUploads: () => [...bucket.uploads.values()].map(({ key }) => key),
    async put(Key, Body) {
      await putObject(context).run({ Bucket, Key, Body: Buffer.from(Body as Uint8Array) }, OPERATOR);
    },
  };
}
