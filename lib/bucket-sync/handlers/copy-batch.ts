import { createHash } from 'node:crypto';
import { type Copied, copyObject } from './copy-object';
import type { CopyContext, Unfinished } from './copy-request';
import { reportPartsPrefix } from './folder';
import { inParallel } from './in-parallel';
import type { PlanLine } from './plan-line';
import type { ReportLine } from './report-line';
import { writeLines } from './results';
import { failureOf } from './s3-errors';

/** What a call before this one left undone. */
export interface BatchProgress {
  readonly lap: number;
  /** Places in `Items` of those that are done. */
  readonly done: readonly number[];
  readonly failures: readonly BatchFailure[];
  /** Uploads to go on with, by place in `Items`. */
  readonly uploads: Readonly<Record<string, string>>;
}

export interface BatchFailure {
  readonly index: number;
  readonly error: string;
  readonly cause: string;
}

export interface BatchEvent {
  readonly Items: readonly PlanLine[];
  readonly BatchInput: { readonly folder: string };
  readonly progress?: BatchProgress;
}

/** Either what is still to do, or the answer of the batch. */
export type BatchAnswer =
  | { readonly progress: BatchProgress }
  | { readonly result: { readonly done: number }; readonly failures: readonly BatchFailure[] };

const COPIES_AT_ONCE = 16;

/** 200 calls of a quarter of an hour are two days: an object that isn't copied by then never will be. */
const MOST_LAPS = 200;

/** What S3 is taken to copy in a second at least; and time to write the report. */
const BYTES_PER_MS = 25_000;
const RESERVE_MS = 30_000;

/**
 * Copies the objects of a batch, verifies each, and writes down what became of it. What there was no time for is left to another call. A
 * batch that comes again finds what is done already.
 */
export async function copyBatch(event: BatchEvent, context: CopyContext): Promise<BatchAnswer> {
  const { Items: items, BatchInput, progress } = event;
  const { lap = 0, done = [], failures = [], uploads = {} } = progress ?? {};
  const settled = new Set([...done, ...failures.map(({ index }) => index)]);
  const left = items.map((_, index) => index).filter((index) => !settled.has(index));
  const results = await inParallel(left, COPIES_AT_ONCE, async (index) => {
    const line = items[index];
    if (context.remaining() < timeFor(line)) return { index, unfinished: {} as Partial<Unfinished> };
    try {
      const copied = await copyObject(line, context, uploads[index]);
      return 'uploadId' in copied ? { index, unfinished: copied } : { index, copied };
    } catch (error) {
      return { index, failure: { index, ...failureOf(error) } };
    }
  });
  const now = results.map((result) => reportLine(items[result.index], result)).filter((line) => line !== undefined);
  const batch = createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 24);
  if (now.length > 0) {
    const key = `${reportPartsPrefix(BatchInput.folder)}copy-${batch}-${String(lap).padStart(3, '0')}.jsonl`;
    await writeLines(context.s3, context.settings.results.bucket, key, now);
  }
  const allDone = [...done, ...results.flatMap(({ index, copied }) => (copied ? [index] : []))];
  const allFailures = [...failures, ...results.flatMap(({ failure }) => (failure ? [failure] : []))];
  const unfinished = results.flatMap((result) => (result.unfinished ? [{ index: result.index, ...result.unfinished }] : []));
  if (unfinished.length === 0) return { result: { done: allDone.length }, failures: allFailures };
  if (lap + 1 >= MOST_LAPS) {
    const late = unfinished.map(({ index }) => ({ index, error: 'OutOfTime', cause: `not copied in ${MOST_LAPS} calls` }));
    return { result: { done: allDone.length }, failures: [...allFailures, ...late] };
  }
  const begun = unfinished.flatMap(({ index, uploadId }) => (uploadId === undefined ? [] : [[index, uploadId] as const]));
  return { progress: { lap: lap + 1, done: allDone, failures: allFailures, uploads: Object.fromEntries(begun) } };
}

/** Parts see to their time themselves. */
function timeFor({ source }: PlanLine): number {
  return RESERVE_MS + Math.min((source?.size ?? 0) / BYTES_PER_MS, 200_000);
}

function reportLine(line: PlanLine, { copied, failure }: { copied?: Copied; failure?: BatchFailure }): ReportLine | undefined {
  const { key, source } = line;
  if (copied) return { key, bytes: source?.size ?? 0, sourceEtag: source?.etag, ...copied };
  return failure && { outcome: 'failed', key, action: line.action, error: failure.error, cause: failure.cause };
}
