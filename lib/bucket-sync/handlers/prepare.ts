import { GetBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { folderOfPlan, shardsKey } from './folder';
import { listPage } from './listing';
import { type Plan, type PlannedRun, plannedRun } from './plan';
import type { Shard } from './plan-shard';
import { readJson, writeLines } from './results';
import type { BucketPlace, SyncSettings } from './settings';
import { findBoundaries, rangesBetween, SHARD_OPTIONS, type ShardOptions } from './shards';

export interface PrepareEvent {
  readonly execution: string;
  /** Key of a plan that is to be applied as it is. */
  readonly applyPlan?: string;
}

/** Ranges that are to be planned, or a plan that is there already. */
export type PrepareAnswer =
  | { readonly folder: string; readonly shards: { readonly key: string; readonly count: number } }
  | { readonly folder: string; readonly plan: PlannedRun };

/** Thrown by name: each ends the run before anything is touched. */
class Refused extends Error {
  constructor(name: 'OverlappingPrefixes' | 'UnversionedDestination' | 'InvalidPlan', message: string) {
    super(message);
    this.name = name;
  }
}

/** Refuses what can't be synchronized; then finds ranges of keys to plan, or reads the plan that is to be applied. */
export async function prepare(
  { execution, applyPlan }: PrepareEvent,
  s3: S3Client,
  settings: SyncSettings,
  shardOptions: ShardOptions = SHARD_OPTIONS,
): Promise<PrepareAnswer> {
  const { source, destination, results, deletion } = settings;
  assertApart('source and destination', source, destination);
  assertApart('source and results', source, results);
  assertApart('results and destination', results, destination);
  if (deletion && !deletion.allowUnversioned) await assertVersioned(s3, destination);
  const folder = `${results.prefix}${execution}/`;
  if (applyPlan !== undefined) return { folder, plan: await planFor(applyPlan, s3, settings) };
  const boundaries = await Promise.all(
    [source, destination].map((place) => findBoundaries((request) => listPage(s3, place, request), shardOptions)),
  );
  const shards = rangesBetween(boundaries.flat()).map((range, index): Shard => ({ folder, index, ...range }));
  const key = shardsKey(folder);
  await writeLines(s3, results.bucket, key, shards);
  return { folder, shards: { key, count: shards.length } };
}

/** In one bucket what is written would be read again, or be deleted. */
function assertApart(both: string, { bucket, prefix: a }: BucketPlace, { bucket: other, prefix: b }: BucketPlace): void {
  if (bucket !== other || (!a.startsWith(b) && !b.startsWith(a))) return;
  throw new Refused(
    'OverlappingPrefixes',
    `${both} are in the same bucket ${bucket}, below '${a}' and '${b}', one of which is within the other: give prefixes that are apart`,
  );
}

async function assertVersioned(s3: S3Client, { bucket }: BucketPlace): Promise<void> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  if (Status === 'Enabled') return;
  throw new Refused(
    'UnversionedDestination',
    `the destination ${bucket} keeps no versions, so that what is deleted is lost: switch versioning on, or allow it in SyncDeletion.afterCopy`,
  );
}

async function planFor(key: string, s3: S3Client, settings: SyncSettings): Promise<PlannedRun> {
  const { source, destination, results, comparison, deletion } = settings;
  const { objects } = await listPage(s3, { bucket: results.bucket, prefix: '' }, { prefix: key, most: 1 });
  if (objects[0]?.key !== key) throw new Refused('InvalidPlan', `there is no plan ${key} in ${results.bucket}`);
  const plan = await readJson<Plan>(s3, results.bucket, key);
  const differences = [
    plan.version !== 1 && 'its version',
    !same(plan.source, source) && 'its source',
    !same(plan.destination, destination) && 'its destination',
    plan.comparison !== comparison && 'its comparison',
    plan.deletes !== (deletion !== undefined) && 'whether it deletes',
    plan.lines.copy !== `${folderOfPlan(key)}plan/copy/` && 'where its lines are',
  ].filter(Boolean);
  if (differences.length > 0) {
    throw new Refused(
      'InvalidPlan',
      `the plan ${key} is not of this workflow as it is now: ${differences.join(', ')} is another. Plan anew`,
    );
  }
  return plannedRun(key, plan, settings);
}

function same(a: BucketPlace, b: BucketPlace): boolean {
  return a.bucket === b.bucket && a.prefix === b.prefix;
}
