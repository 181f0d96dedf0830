import type { PlanLine } from './plan-line';

/** What a plan comes to. Bytes are of what is copied or deleted. */
export interface PlanCounts {
  /** Objects of the source that take part. */
  source: number;
  /** Objects of the destination that take part. */
  destination: number;
  copy: number;
  replace: number;
  delete: number;
  skip: number;
  /** Of those skipped, the ones that the source lacks. */
  orphaned: number;
  /** Keys that a filter leaves out, of either bucket. */
  excluded: number;
  copyBytes: number;
  deleteBytes: number;
  /** Objects above the limit of one copy, and the parts that they take. */
  largeObjects: number;
  parts: number;
}

export function noCounts(): PlanCounts {
  return {
    source: 0,
    destination: 0,
    copy: 0,
    replace: 0,
    delete: 0,
    skip: 0,
    orphaned: 0,
    excluded: 0,
    copyBytes: 0,
    deleteBytes: 0,
    largeObjects: 0,
    parts: 0,
  };
}

export function count(counts: PlanCounts, { action, reason, source, destination }: PlanLine, partsOf: (bytes: number) => number): void {
  counts[action]++;
  if (source) counts.source++;
  if (destination) counts.destination++;
  if (action === 'skip' && reason === 'orphaned') counts.orphaned++;
  if (action === 'delete') counts.deleteBytes += destination?.size ?? 0;
  if (action !== 'copy' && action !== 'replace') return;
  const bytes = source?.size ?? 0;
  counts.copyBytes += bytes;
  const parts = partsOf(bytes);
  if (parts === 0) return;
  counts.largeObjects++;
  counts.parts += parts;
}

export function sum(all: readonly PlanCounts[]): PlanCounts {
  const total = noCounts();
  for (const one of all) for (const name of Object.keys(total) as (keyof PlanCounts)[]) total[name] += one[name];
  return total;
}
