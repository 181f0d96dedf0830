import type { PlanCounts } from './counts';
import type { Comparison } from './settings';

/**
 * US dollars, us-east-1, S3 Standard. Cheaper or dearer elsewhere.
 * @see https://aws.amazon.com/s3/pricing/ https://aws.amazon.com/step-functions/pricing/ https://aws.amazon.com/lambda/pricing/
 */
const USD = {
  write: 0.005 / 1000,
  read: 0.0004 / 1000,
  transition: 0.025 / 1000,
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1_000_000,
};

/** Keys in a batch, and seconds that a batch of small objects is taken to last: copies go on side by side. */
export const BATCH_ITEMS = 100;
const BATCH_SECONDS = 3;
const BATCH_GB = 0.5;
const TRANSITIONS_PER_BATCH = 4;

export interface EstimatedPrice {
  readonly usd: number;
  readonly requests: { readonly write: number; readonly read: number };
  readonly leavesOut: string;
}

/** What it would cost to apply a plan; the listing was paid for by planning. */
export function priceOf(counts: PlanCounts, comparison: Comparison): EstimatedPrice {
  const copies = counts.copy + counts.replace;
  const batches = Math.ceil(copies / BATCH_ITEMS) + Math.ceil(counts.delete / BATCH_ITEMS);
  // A copy is one request, or one for each part and two around them; a deletion costs nothing itself, but its source is looked for.
  const write = copies - counts.largeObjects + counts.parts + 2 * counts.largeObjects + counts.delete + batches;
  // Before a copy the source is looked at, after it the copy.
  const read = 2 * copies + counts.largeObjects;
  const workflow = batches * TRANSITIONS_PER_BATCH * USD.transition;
  const lambda = batches * (USD.lambdaRequest + BATCH_SECONDS * BATCH_GB * USD.lambdaGbSecond);
  const usd = write * USD.write + read * USD.read + workflow + lambda;
  return {
    usd: Number(usd.toPrecision(3)),
    requests: { write, read },
    leavesOut: `data transfer between regions, KMS requests, storage${comparison === 'CHECKSUM' ? ', and the two HEAD requests that planning made for each key' : ''}`,
  };
}
