import type { Invariant, Invariants, World } from '../../local/sweep';
import { BULK_UNREACHED, bulkInvariants, type Counts, linesOf } from '../bulk-results';

interface Counted {
  readonly counts: Counts;
  readonly results: { readonly failures?: string };
  readonly traffic: { readonly requests: number; readonly bytes: number };
}

/** The lines of all objects that a run without `rerunOf` counts. */
function linesIn({ cloud }: World): { readonly bytes?: unknown }[] {
  const logs = cloud.bucket('LargeScaleMap/Logs');
  return logs.keys('logs/').flatMap((key) => linesOf(logs.text(key)) as { bytes?: unknown }[]);
}

const succeeded = ({ runs }: World) =>
  runs
    .filter(({ status }) => status === 'SUCCEEDED')
    .map(({ name, input, output }) => ({ name, input: JSON.parse(input) as { rerunOf?: string }, output: output as unknown as Counted }));

const countedOnce: Invariant = {
  name: 'every line is counted once, and the traffic is that of the sound ones',
  holds: (world) =>
    succeeded(world)
      .filter(({ input }) => input.rerunOf === undefined)
      .flatMap(({ name, output: { counts, results, traffic } }) => {
        const lines = linesIn(world);
        const failures =
          results.failures === undefined
            ? []
            : linesOf(world.cloud.bucket('LargeScaleMap/Counting/BulkMap/Results').text(results.failures));
        const failed = new Set(failures.map((failure) => JSON.stringify((failure as { item: unknown }).item)));
        const sound = lines.filter((line) => !failed.has(JSON.stringify(line)));
        const bytes = sound.reduce((sum, line) => sum + Number(line.bytes), 0);
        return [
          ...(counts.total === lines.length ? [] : [`the run ${name} counted ${counts.total} of ${lines.length} lines`]),
          ...(traffic.requests === counts.succeeded
            ? []
            : [`the run ${name} sums up ${traffic.requests} requests of ${counts.succeeded} lines`]),
          ...(traffic.bytes === bytes ? [] : [`the run ${name} sums up ${traffic.bytes} bytes, the lines have ${bytes}`]),
        ];
      }),
};

/** What must be true of logs, counts and written failures, whatever fails. */
export const invariants: Invariants = {
  hold: [countedOnce, ...bulkInvariants('Counting/BulkMap/Results')],
  unreached: BULK_UNREACHED,
  scenarios: ['other-objects', 'too-many-malformed', 'crashed-rerun'],
};
