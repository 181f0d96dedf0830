import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type MetadataDirective,
} from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { COPIED_FROM, head, isCopyOf, sameChecksum } from './comparison';
import { COPY_LIMITS, partsOf } from './copy-limits';
import {
  type CopyContext,
  copySource,
  headersOf,
  markedMetadata,
  type Preconditions,
  quoted,
  storageClassOf,
  type Unfinished,
} from './copy-request';
import { hasKey, unquoted } from './listing';
import { copyInParts } from './multipart-copy';
import type { ObjectState, PlanLine } from './plan-line';
import { KeyFailure } from './s3-errors';

export interface Copied {
  /** `present`: it was there already, from an attempt before. */
  readonly outcome: 'copied' | 'replaced' | 'present';
  /** By what the copy is known to be good. With `size`, what S3 says of its own copying is relied on. */
  readonly verifiedBy: 'checksum' | 'etag' | 'size';
  readonly etag: string;
  readonly versionId?: string;
}

/**
 * Carries out one line of a plan, and looks at the result.
 * @throws KeyFailure when the source or the destination is another one than planned, or the copy isn't good
 */
export async function copyObject(line: PlanLine, context: CopyContext, uploadId?: string): Promise<Copied | Unfinished> {
  const { s3, settings, limits = COPY_LIMITS } = context;
  const source = line.source as ObjectState;
  const original = await headSource(line, source, context);
  const outcome = line.action === 'copy' ? 'copied' : 'replaced';
  const pinned: Preconditions = {
    CopySourceIfMatch: quoted(source.etag),
    ...(line.destination ? { IfMatch: quoted(line.destination.etag) } : { IfNoneMatch: '*' }),
  };
  try {
    if (partsOf(source.size, limits) === 0) await copyWhole(line.key, original, pinned, context);
    else {
      const unfinished = await copyInParts(line.key, original, pinned, context, uploadId);
      if (unfinished) return unfinished;
    }
  } catch (error) {
    const present = await alreadyThere(error, line, source, context);
    return { outcome: 'present', ...verified(original, present, source) };
  }
  return { outcome, ...verified(original, await head(s3, settings.destination, line.key), source) };
}

async function headSource({ key }: PlanLine, source: ObjectState, { s3, settings }: CopyContext): Promise<HeadObjectCommandOutput> {
  const { bucket, prefix } = settings.source;
  try {
    const IfMatch = quoted(source.etag);
    return await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + key, IfMatch, ChecksumMode: 'ENABLED' }));
  } catch (error) {
    const status = statusOf(error);
    if (status === 412) throw new KeyFailure('SourceChanged', 'the source is no longer what it was when this was planned');
    if ((status === 404 || status === 403) && !(await hasKey(s3, settings.source, key))) {
      throw new KeyFailure('SourceGone', 'the source has gone since this was planned');
    }
    if (status === 403) throw new KeyFailure('AccessDenied', 'the source may not be read, or not be decrypted');
    throw error;
  }
}

/** With all that belongs to it. Only what S3 can't be told to keep is named: the storage class and the redirect. */
async function copyWhole(key: string, original: HeadObjectCommandOutput, pinned: Preconditions, context: CopyContext): Promise<void> {
  const { settings } = context;
  const marked = settings.destinationKms || !isHash(original);
  const etag = await copyOnce(key, original, pinned, marked, context);
  if (marked || etag === unquoted(original.ETag ?? '')) return;
  // The destination turned out to encrypt with KMS: without the mark a later run could not tell that this is a copy.
  await copyOnce(key, original, { CopySourceIfMatch: pinned.CopySourceIfMatch, IfMatch: quoted(etag) }, true, context);
}

async function copyOnce(
  key: string,
  original: HeadObjectCommandOutput,
  pinned: Preconditions,
  marked: boolean,
  { s3, settings: { source, destination } }: CopyContext,
): Promise<string> {
  const REPLACE: MetadataDirective = 'REPLACE';
  const input: CopyObjectCommandInput = {
    Bucket: destination.bucket,
    Key: destination.prefix + key,
    CopySource: copySource(source.bucket, source.prefix + key),
    StorageClass: storageClassOf(original),
    WebsiteRedirectLocation: original.WebsiteRedirectLocation,
    ...pinned,
    ...(marked && { MetadataDirective: REPLACE, ...headersOf(original), Metadata: markedMetadata(original) }),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const { CopyObjectResult } = await s3.send(new CopyObjectCommand(input));
      return unquoted(CopyObjectResult?.ETag ?? '');
    } catch (error) {
      // Somebody else was writing the same key; S3 says to try again.
      if (statusOf(error) !== 409 || attempt === 3) throw error;
    }
  }
}

/** Why a copy was refused: it may be there already, since an attempt before had its effect and only its answer was lost. */
async function alreadyThere(
  error: unknown,
  { key }: PlanLine,
  source: ObjectState,
  context: CopyContext,
): Promise<HeadObjectCommandOutput | undefined> {
  const status = statusOf(error);
  if (status !== 412 && status !== 404) throw error;
  const { s3, settings } = context;
  const there = await head(s3, settings.destination, key);
  if (isCopyOf(there, source)) return there;
  const now = await head(s3, settings.source, key);
  if (!now) throw new KeyFailure('SourceGone', 'the source has gone since this was planned');
  if (unquoted(now.ETag ?? '') !== source.etag) {
    throw new KeyFailure('SourceChanged', 'the source is no longer what it was when this was planned');
  }
  throw new KeyFailure('DestinationChanged', 'the destination is no longer what it was when this was planned: it was left as it is');
}

function verified(
  original: HeadObjectCommandOutput,
  copy: HeadObjectCommandOutput | undefined,
  source: ObjectState,
): Pick<Copied, 'verifiedBy' | 'etag' | 'versionId'> {
  if (!copy) throw new KeyFailure('DestinationChanged', 'the copy has gone, right after it was made');
  const etag = unquoted(copy.ETag ?? '');
  const verifiedBy = evidence(original, copy, source);
  if (!verifiedBy) {
    throw new KeyFailure(
      'VerificationFailed',
      `what the destination has after the copy, ${copy.ContentLength} bytes with the ETag ${etag}, is not what was copied`,
    );
  }
  return { verifiedBy, etag, ...(copy.VersionId !== undefined && { versionId: copy.VersionId }) };
}

/** By what a copy is known to be good; undefined when it isn't, or when somebody else has written there meanwhile. */
function evidence(original: HeadObjectCommandOutput, copy: HeadObjectCommandOutput, source: ObjectState): Copied['verifiedBy'] | undefined {
  const same = sameChecksum(original, copy);
  if (copy.ContentLength !== source.size || same === false) return undefined;
  if (same) return 'checksum';
  if (unquoted(copy.ETag ?? '') === source.etag) return 'etag';
  const unmarked = markedMetadata(original)[COPIED_FROM] !== source.etag;
  return unmarked || copy.Metadata?.[COPIED_FROM] === source.etag ? 'size' : undefined;
}

/**
 * Whether the ETag is the MD5 of the content, which a copy has too.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
function isHash({ ETag = '', ServerSideEncryption }: HeadObjectCommandOutput): boolean {
  return !ETag.includes('-') && !ServerSideEncryption?.startsWith('aws:kms');
}
