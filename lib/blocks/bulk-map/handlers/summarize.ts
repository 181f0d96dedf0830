import { type Counts, childOutcome, type RecordOptions } from './child-outcome';
import type { Failure } from './failure';
import { JsonLinesWriter } from './json-lines-writer';
import { type BucketTarget, findManifest, readManifest, recordLines } from './result-files';

/** What the state gives. */
export interface SummarizeEvent extends RecordOptions {
  /** Key of the manifest, when the map ended well. */
  readonly manifest?: string;
  /** What the manifest's key begins with, when the map was stopped. */
  readonly folder?: string;
}

export interface Summary {
  readonly counts: Counts;
  readonly results: { readonly bucket: string; readonly manifest: string; readonly failures?: string };
}

/** Reads every record of a map run once, counts its items and writes down those that failed. */
export async function summarize(event: SummarizeEvent, target: BucketTarget): Promise<Summary> {
  const manifest = event.manifest ?? (await findManifest(target, event.folder ?? ''));
  const counts: Counts = { total: 0, succeeded: 0, rejected: 0, crashed: 0, unfinished: 0, skipped: 0 };
  const key = `${manifest.split('/').slice(0, -2).join('/')}/failures.jsonl`;
  const failures = new JsonLinesWriter(target, key);
  const inOrder: Failure[] = [];
  for (const file of await readManifest(target, manifest)) {
    for await (const line of recordLines(target, file)) {
      const outcome = childOutcome(JSON.parse(line), event);
      counts.succeeded += outcome.succeeded;
      counts.skipped += outcome.skipped;
      for (const failure of outcome.failures) {
        counts[COUNT_OF[failure.kind]]++;
        // An ordered list is short: its items come one after the other.
        if (event.ordered) inOrder.push(failure);
        else await failures.add(failure);
      }
    }
  }
  for (const failure of inOrder.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))) await failures.add(failure);
  const any = await failures.end();
  const total = counts.succeeded + counts.rejected + counts.crashed + counts.unfinished;
  return { counts: { ...counts, total }, results: { bucket: target.bucket, manifest, ...(any ? { failures: key } : {}) } };
}

const COUNT_OF = { REJECTED: 'rejected', CRASHED: 'crashed', UNFINISHED: 'unfinished' } as const;
