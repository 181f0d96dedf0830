import type { Json } from '../local';
import type { Explained, Invariant, World } from '../local/sweep';

export interface Counts {
  readonly total: number;
  readonly succeeded: number;
  readonly rejected: number;
  readonly crashed: number;
  readonly unfinished: number;
  readonly skipped: number;
}

interface Outcome {
  readonly counts: Counts;
  readonly results: { readonly manifest: string; readonly failures?: string };
}

/** What must be true of any `BulkProcess`. @param results construct path of the bucket of results, below the stack */
export function bulkInvariants(results: string): Invariant[] {
  const bucketOf = ({ cloud, scenario }: World) => cloud.bucket(`${scenario.stateMachine.split('/')[0]}/${results}`);
  const outcomes = ({ runs }: World) =>
    runs.filter(({ status }) => status === 'SUCCEEDED').map(({ name, output }) => ({ name, outcome: output as unknown as Outcome }));
  return [
    {
      name: 'every item is accounted for',
      holds: (world) =>
        outcomes(world).flatMap(({ name, outcome: { counts } }) => {
          const { total, ...parts } = counts;
          const sum = Object.values(parts).reduce((all, one) => all + one, 0);
          return sum === total ? [] : [`the run ${name} counts ${total} items, of which it tells ${sum}: ${JSON.stringify(counts)}`];
        }),
    },
    {
      name: 'what a run says it wrote is there',
      holds: (world) =>
        outcomes(world).flatMap(({ name, outcome }) => {
          const keys = new Set(bucketOf(world).keys());
          const { manifest, failures } = outcome.results;
          return [manifest, ...(failures === undefined ? [] : [failures])]
            .filter((key) => !keys.has(key))
            .map((key) => `the run ${name} names ${key}, which is not there`);
        }),
    },
    {
      name: 'every failure is written down once',
      holds: (world) =>
        outcomes(world).flatMap(({ name, outcome: { counts, results: written } }) => {
          const failed = counts.rejected + counts.crashed + counts.unfinished;
          const lines = written.failures === undefined ? [] : linesOf(bucketOf(world).text(written.failures));
          return lines.length === failed ? [] : [`the run ${name} has ${failed} failures and wrote ${lines.length} down`];
        }),
    },
  ];
}

export function linesOf(text: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What the local runner can't bring about in a `BulkProcess`. */
export const BULK_UNREACHED: readonly Explained[] = [
  {
    what: '*Summary retries ResultsNotWritten',
    why: 'Step Functions may write the manifest after it has told that too many items failed; the local runner writes it before.',
  },
];
