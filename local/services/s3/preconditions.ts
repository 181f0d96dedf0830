import { ApiError } from '../../cloud-types';
import { notImplemented } from '../errors';
import type { Bucket } from './bucket';
import { noSuchKey, preconditionFailed } from './errors';
import { type ObjectVersion, quoted } from './object-version';

export interface ReadConditions {
  readonly match?: string;
  readonly noneMatch?: string;
  readonly modifiedSince?: Date;
  readonly unmodifiedSince?: Date;
}

/** GET and HEAD: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html */
export function checkRead(conditions: ReadConditions, version: ObjectVersion): void {
  const failed = failedCondition(conditions, version);
  if (failed === undefined) return;
  if (failed === 'If-None-Match' || failed === 'If-Modified-Since') {
    throw new ApiError('NotModified', 'Not Modified', 304, { ETag: quoted(version.etag), LastModified: new Date(version.lastModified) });
  }
  throw preconditionFailed(failed);
}

/** CopyObject and UploadPartCopy: everything that fails is a 412. */
export function checkCopySource(conditions: ReadConditions, version: ObjectVersion): void {
  const failed = failedCondition(conditions, version);
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`);
}

/** An ETag outweighs a date: https://www.rfc-editor.org/rfc/rfc7232#section-6 */
function failedCondition({ match, noneMatch, modifiedSince, unmodifiedSince }: ReadConditions, version: ObjectVersion): string | undefined {
  if (match !== undefined) {
    if (!matches(match, version.etag)) return 'If-Match';
  } else if (unmodifiedSince && version.lastModified > unmodifiedSince.getTime()) return 'If-Unmodified-Since';
  if (noneMatch !== undefined) {
    if (matches(noneMatch, version.etag)) return 'If-None-Match';
  } else if (modifiedSince && version.lastModified <= modifiedSince.getTime()) return 'If-Modified-Since';
  return undefined;
}

interface WriteConditions {
  readonly Key: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html. One operation is one step here, so of concurrent
 * writers the first wins and the others get 412; 409 ConditionalRequestConflict comes from fault injection only.
 */
export function checkWrite({ Key, IfMatch, IfNoneMatch }: WriteConditions, bucket: Bucket): void {
  const current = bucket.current(Key);
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== '*') throw notImplementedByS3('If-None-Match');
    if (current) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch !== undefined) {
    if (!current) throw noSuchKey(Key);
    if (!matches(IfMatch, current.etag)) throw preconditionFailed('If-Match');
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html. Only the current version counts, whichever is deleted. */
export function checkDelete(input: WriteConditions & { IfMatchSize?: unknown; IfMatchLastModifiedTime?: unknown }, bucket: Bucket): void {
  if (input.IfMatchSize !== undefined || input.IfMatchLastModifiedTime !== undefined) {
    throw notImplemented('deletes on condition of size or time: AWS has them for directory buckets only');
  }
  if (input.IfMatch !== undefined && bucket.latest(input.Key)?.deleteMarker) throw preconditionFailed('If-Match');
  checkWrite({ Key: input.Key, IfMatch: input.IfMatch }, bucket);
}

function matches(condition: string, etag: string): boolean {
  return condition.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^"(.*)"$/, '$1')));
}

function notImplementedByS3(Header: string): ApiError {
  return new ApiError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, { Header });
}
