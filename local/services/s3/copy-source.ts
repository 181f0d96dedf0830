/** `x-amz-copy-source`: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
import { notImplemented } from '../errors';
import { invalidArgument } from './errors';
import type { ReadConditions } from './preconditions';

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/** "bucket/key" or "/bucket/key", URL-encoded, and "?versionId=…". */
export function parseCopySource(text: string): CopySource {
  const [path, VersionId] = text.split('?versionId=');
  if (path.startsWith('arn:')) throw notImplemented(`S3 access points (${path})`);
  const [, Bucket, Key] = /^\/?([^/]+)\/([\s\S]+)$/.exec(decoded(path)) ?? [];
  if (!Bucket) throw invalidArgument('Invalid copy source object key', 'x-amz-copy-source', text);
  return { Bucket, Key, ...(VersionId !== undefined && { VersionId }) };
}

/** A "+" that isn't encoded is a space: github.com/aws/aws-sdk-js/issues/1821. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    throw invalidArgument('Invalid copy source encoding.', 'x-amz-copy-source', path);
  }
}

interface CopyConditions {
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: Date;
  readonly CopySourceIfUnmodifiedSince?: Date;
}

export function copyConditions(input: CopyConditions): ReadConditions {
  return {
    match: input.CopySourceIfMatch,
    noneMatch: input.CopySourceIfNoneMatch,
    modifiedSince: input.CopySourceIfModifiedSince,
    unmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
}
