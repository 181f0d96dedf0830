import { createHash } from 'node:crypto';
import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import type { BatchEvent, BatchFailure } from './copy-batch';
import { quoted } from './copy-request';
import { reportPartsPrefix } from './folder';
import { inParallel } from './in-parallel';
import { hasKey } from './listing';
import type { ObjectState, PlanLine } from './plan-line';
import type { ReportLine } from './report-line';
import { writeLines } from './results';
import { failureOf } from './s3-errors';
import type { SyncSettings } from './settings';

export interface DeleteAnswer {
  readonly result: { readonly done: number };
  readonly failures: readonly BatchFailure[];
}

interface Deletion {
  readonly index: number;
  readonly line: PlanLine;
}

/** `error` is S3's code. */
interface Deleted extends Deletion {
  readonly error?: string;
  readonly cause?: string;
  readonly marker?: string;
}

/** Not allowed in XML 1.0, which DeleteObjects is sent as. @see https://www.w3.org/TR/xml/#charsets */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Deletes the objects of a batch that are still what they were when this was planned, and that the source still lacks.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export async function deleteBatch({ Items: items, BatchInput }: BatchEvent, s3: S3Client, settings: SyncSettings): Promise<DeleteAnswer> {
  const checked = await inParallel(items, 16, async (line, index): Promise<Deleted> => {
    const deletion = { index, line };
    try {
      if (!(await hasKey(s3, settings.source, line.key))) return deletion;
      return { ...deletion, error: 'SourceCameBack', cause: 'the source has this key again: what the destination has of it was left' };
    } catch (error) {
      return { ...deletion, ...failureOf(error) };
    }
  });
  const [sound, unsound] = [checked.filter(({ error }) => error === undefined), checked.filter(({ error }) => error !== undefined)];
  const together = sound.filter(({ line }) => !NOT_IN_XML.test(line.key));
  const alone = sound.filter(({ line }) => NOT_IN_XML.test(line.key));
  const tried = [
    ...(together.length > 0 ? await deleteTogether(together, s3, settings) : []),
    ...(await inParallel(alone, 16, (deletion) => deleteAlone(deletion, s3, settings))),
  ];
  const results = [...unsound, ...(await inParallel(tried, 16, (deletion) => unlessGone(deletion, s3, settings)))];
  const batch = createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 24);
  await writeLines(s3, settings.results.bucket, `${reportPartsPrefix(BatchInput.folder)}delete-${batch}.jsonl`, results.map(reportLine));
  const failures = results.flatMap((one) => (isFailed(one) ? [{ index: one.index, ...reasonOf(one) }] : []));
  return { result: { done: items.length - failures.length }, failures };
}

async function deleteTogether(deletions: readonly Deletion[], s3: S3Client, { destination }: SyncSettings): Promise<Deleted[]> {
  const Objects = deletions.map(({ line }) => ({ Key: destination.prefix + line.key, ETag: quoted(stateOf(line).etag) }));
  try {
    const { Deleted = [], Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: destination.bucket, Delete: { Objects } }));
    const markers = new Map(Deleted.map(({ Key, DeleteMarkerVersionId }) => [Key, DeleteMarkerVersionId]));
    const errors = new Map(Errors.map(({ Key, Code = 'Error', Message }) => [Key, { error: Code, cause: Message }]));
    return deletions.map((deletion, i) => {
      const marker = markers.get(Objects[i].Key);
      return { ...deletion, ...errors.get(Objects[i].Key), ...(marker !== undefined && { marker }) };
    });
  } catch (error) {
    return deletions.map((deletion) => ({ ...deletion, ...failureOf(error) }));
  }
}

async function deleteAlone(deletion: Deletion, s3: S3Client, { destination }: SyncSettings): Promise<Deleted> {
  const { line } = deletion;
  const input = { Bucket: destination.bucket, Key: destination.prefix + line.key, IfMatch: quoted(stateOf(line).etag) };
  try {
    const { VersionId } = await s3.send(new DeleteObjectCommand(input));
    return { ...deletion, ...(VersionId !== undefined && { marker: VersionId }) };
  } catch (error) {
    const code = statusOf(error) === 412 ? 'PreconditionFailed' : statusOf(error) === 404 ? GONE : undefined;
    return { ...deletion, ...failureOf(error), ...(code && { error: code }) };
  }
}

/** Deleted by an attempt before this one, or by somebody else: either way it is not there. */
const GONE = 'NoSuchKey';

/** A condition fails for an object that isn't there as well. */
async function unlessGone(deleted: Deleted, s3: S3Client, { destination }: SyncSettings): Promise<Deleted> {
  if (deleted.error !== 'PreconditionFailed' || (await hasKey(s3, destination, deleted.line.key))) return deleted;
  return { ...deleted, error: GONE };
}

function isFailed({ error }: Deleted): boolean {
  return error !== undefined && error !== GONE;
}

function reasonOf({ error = 'Error', cause = '' }: Deleted): { error: string; cause: string } {
  if (error !== 'PreconditionFailed') return { error, cause };
  return { error: 'DestinationChanged', cause: 'the destination is no longer what it was when this was planned: it was left as it is' };
}

function reportLine(deleted: Deleted): ReportLine {
  const { line, error, marker } = deleted;
  if (isFailed(deleted)) return { outcome: 'failed', key: line.key, action: 'delete', ...reasonOf(deleted) };
  const { size: bytes, etag } = stateOf(line);
  return {
    outcome: error === GONE ? 'absent' : 'deleted',
    key: line.key,
    bytes,
    etag,
    ...(marker !== undefined && { deleteMarker: marker }),
  };
}

function stateOf({ destination }: PlanLine): ObjectState {
  return destination as ObjectState;
}
