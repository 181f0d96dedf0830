import type { S3Client } from '@aws-sdk/client-s3';
import { type PlanCounts, sum } from './counts';
import { countsPrefix, linesPrefix, planKey } from './folder';
import { inParallel } from './in-parallel';
import { listRange } from './listing';
import { type Plan, type PlannedRun, plannedRun } from './plan';
import { priceOf } from './price';
import { readJson, writeJson } from './results';
import type { SyncSettings } from './settings';

export interface SummarizePlanEvent {
  readonly folder: string;
  readonly execution: string;
  /** When the run began: ISO 8601. */
  readonly plannedAt: string;
}

/** Adds up what the shards counted, and says whether that may be applied. */
export async function summarizePlan(event: SummarizePlanEvent, s3: S3Client, settings: SyncSettings): Promise<PlannedRun> {
  const { folder, execution, plannedAt } = event;
  const { source, destination, results, comparison, include, exclude, deletion } = settings;
  const keys: string[] = [];
  for await (const { key } of listRange(s3, { bucket: results.bucket, prefix: countsPrefix(folder) }, {})) keys.push(key);
  const counts = sum(await inParallel(keys, 16, (key) => readJson<PlanCounts>(s3, results.bucket, countsPrefix(folder) + key)));
  const plan: Plan = {
    version: 1,
    execution,
    plannedAt,
    source,
    destination,
    comparison,
    include,
    exclude,
    deletes: deletion !== undefined,
    counts,
    deletePercent: counts.destination === 0 ? 0 : Math.round((10_000 * counts.delete) / counts.destination) / 100,
    estimatedPrice: priceOf(counts, comparison),
    lines: { copy: linesPrefix(folder, 'copy'), delete: linesPrefix(folder, 'delete'), skip: linesPrefix(folder, 'skip') },
  };
  const key = planKey(folder);
  await writeJson(s3, results.bucket, key, plan);
  return plannedRun(key, plan, settings);
}
