import type { PlanCounts } from './counts';
import type { EstimatedPrice } from './price';
import type { BucketPlace, Comparison, SyncSettings } from './settings';

/** `plan.json`: what the lines of a plan come to, and what it was made for. */
export interface Plan {
  readonly version: 1;
  readonly execution: string;
  readonly plannedAt: string;
  readonly source: BucketPlace;
  readonly destination: BucketPlace;
  readonly comparison: Comparison;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly deletes: boolean;
  readonly counts: PlanCounts;
  /** Of the destination's objects. */
  readonly deletePercent: number;
  readonly estimatedPrice: EstimatedPrice;
  /** Folders of the lines, by action; those to be replaced are among those to be copied. */
  readonly lines: { readonly copy: string; readonly delete: string; readonly skip: string };
}

/** Why a plan is not applied. */
export interface Refusal {
  readonly error: 'EmptySource' | 'TooManyDeletions';
  readonly cause: string;
}

/** What the state machine is told of a plan. */
export interface PlannedRun {
  readonly key: string;
  readonly folder: string;
  readonly counts: PlanCounts;
  readonly deletePercent: number;
  readonly estimatedUsd: number;
  readonly refusal?: Refusal;
}

export function plannedRun(key: string, plan: Plan, settings: SyncSettings): PlannedRun {
  const { counts, deletePercent } = plan;
  const refusal = refusalOf(plan, settings);
  const folder = plan.lines.copy.replace(/plan\/copy\/$/, '');
  return { key, folder, counts, deletePercent, estimatedUsd: plan.estimatedPrice.usd, ...(refusal && { refusal }) };
}

/** Only what deletes can destroy: a copy is refused by nothing but its preconditions. */
function refusalOf({ counts, deletePercent, source }: Plan, { deletion }: SyncSettings): Refusal | undefined {
  if (!deletion) return undefined;
  if (counts.source === 0) {
    return {
      error: 'EmptySource',
      cause: `the listing of s3://${source.bucket}/${source.prefix} has no object: with deletion on, all ${counts.destination} objects of the destination would go. Nothing was touched`,
    };
  }
  if (counts.delete <= deletion.maxCount && counts.delete * 100 <= deletion.maxPercent * counts.destination) return undefined;
  return {
    error: 'TooManyDeletions',
    cause: `${counts.delete} of ${counts.destination} objects (${deletePercent} %) would be deleted; at most ${deletion.maxCount} and ${deletion.maxPercent} % may be. Nothing was touched`,
  };
}
