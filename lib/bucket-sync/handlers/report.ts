import type { S3Client } from '@aws-sdk/client-s3';
import { JsonLinesWriter } from '../../blocks/bulk-map/handlers/json-lines-writer';
import { recordLines } from '../../blocks/bulk-map/handlers/result-files';
import { reportKey, reportLinesKey, reportPartsPrefix } from './folder';
import { inParallel } from './in-parallel';
import { listRange } from './listing';
import { chunks } from './merge';
import type { PlannedRun } from './plan';
import type { ReportLine } from './report-line';
import { writeJson } from './results';
import type { SyncSettings } from './settings';

export interface ReportEvent {
  readonly folder: string;
  /** None when it failed before there was one. */
  readonly plan?: PlannedRun;
  /** What the run failed with. */
  readonly failure?: { readonly Error: string; readonly Cause?: string };
}

export interface ReportCounts {
  copied: number;
  replaced: number;
  /** Copies that were there already, from an attempt before. */
  present: number;
  deleted: number;
  /** What was to be deleted and was gone already. */
  absent: number;
  failed: number;
  copiedBytes: number;
  deletedBytes: number;
}

/** `report.json`, and what the run gives. */
export interface Report {
  readonly status: 'SYNCED' | 'FAILED';
  readonly counts: ReportCounts & { readonly skipped: number };
  readonly plan?: string;
  /** Key of the lines, one for each key that was changed or failed; none when there is none. */
  readonly lines?: string;
  readonly failure?: { readonly error: string; readonly cause?: string };
}

const FILES_AT_ONCE = 16;

/** Puts together what the batches wrote down. */
export async function report(
  { folder, plan, failure }: ReportEvent,
  s3: S3Client,
  settings: SyncSettings,
): Promise<Report & { readonly report: string }> {
  const target = { s3, bucket: settings.results.bucket };
  const writer = new JsonLinesWriter(target, reportLinesKey(folder));
  const counts: ReportCounts = { copied: 0, replaced: 0, present: 0, deleted: 0, absent: 0, failed: 0, copiedBytes: 0, deletedBytes: 0 };
  const parts = listRange(s3, { bucket: target.bucket, prefix: reportPartsPrefix(folder) }, {});
  for await (const files of chunks(parts, FILES_AT_ONCE)) {
    const texts = await inParallel(files, FILES_AT_ONCE, ({ key }) => linesOf(recordLines(target, reportPartsPrefix(folder) + key)));
    for (const line of texts.flat()) {
      add(counts, line);
      await writer.add(line);
    }
  }
  const any = await writer.end();
  const result: Report = {
    status: failure ? 'FAILED' : 'SYNCED',
    counts: { ...counts, skipped: plan?.counts.skip ?? 0 },
    ...(plan && { plan: plan.key }),
    ...(any && { lines: reportLinesKey(folder) }),
    ...(failure && { failure: { error: failure.Error, cause: failure.Cause } }),
  };
  await writeJson(s3, target.bucket, reportKey(folder), result);
  return { ...result, report: reportKey(folder) };
}

/** At most a batch's. */
async function linesOf(lines: AsyncIterable<string>): Promise<ReportLine[]> {
  const all: ReportLine[] = [];
  for await (const line of lines) all.push(JSON.parse(line));
  return all;
}

function add(counts: ReportCounts, line: ReportLine): void {
  counts[line.outcome]++;
  if (line.outcome === 'copied' || line.outcome === 'replaced') counts.copiedBytes += line.bytes;
  if (line.outcome === 'deleted') counts.deletedBytes += line.bytes;
}
