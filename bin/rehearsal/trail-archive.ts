import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TrailRecord } from '../../lib/policy-guard/handlers/record';
import { AppError } from '../commands/app-error';
import { UsageError } from '../commands/usage-error';

/** What a trail has written, as far as it was exported. */
export interface TrailArchive {
  readonly files: number;
  /** Of all services, each event once, in the order of their times. */
  readonly records: readonly TrailRecord[];
}

/**
 * Reads a file of CloudTrail, or a folder of them: `AWSLogs/<account>/CloudTrail/<region>/<year>/<month>/<day>/*.json.gz`, from any level on. Digests and insights, which
 * have folders of their own, are no records of calls.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
export function readArchive(path: string): TrailArchive {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`there is no file or folder '${path}'`);
  const files = stats.isDirectory() ? logFiles(path) : [path];
  if (files.length === 0)
    throw new UsageError(`the folder '${path}' holds no .json.gz and no .json: give what CloudTrail has written to its bucket`);
  // Delivered at least once.
  const byId = new Map(files.flatMap(readLog).map((record, index) => [record.eventID ?? `#${index}`, record]));
  const records = [...byId.values()].sort((a, b) => Date.parse(a.eventTime) - Date.parse(b.eventTime));
  return { files: files.length, records };
}

function logFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return /^CloudTrail-(Digest|Insight)$/.test(entry.name) ? [] : logFiles(path);
      return /\.json(\.gz)?$/.test(entry.name) ? [path] : [];
    });
}

function readLog(path: string): TrailRecord[] {
  const bytes = readFileSync(path);
  let content: { readonly Records?: unknown };
  try {
    // By what it is, and not by its name: a browser may have unpacked it.
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    content = JSON.parse(plain.toString('utf8'));
  } catch (error) {
    throw new AppError(`${path} is no log file of CloudTrail: ${(error as Error).message}`);
  }
  const records = content?.Records;
  if (!Array.isArray(records)) throw new AppError(`${path} is no log file of CloudTrail: it has no list 'Records'`);
  const bad = records.findIndex((record) => typeof record?.eventName !== 'string' || Number.isNaN(Date.parse(record.eventTime)));
  if (bad >= 0) throw new AppError(`${path}: Records[${bad}] has no eventName or no eventTime`);
  return records;
}
