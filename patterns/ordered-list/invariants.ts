import type { Invariant, Invariants, World } from '../../local/sweep';
import { BULK_UNREACHED, bulkInvariants } from '../bulk-results';

interface Reading {
  readonly meter: string;
  readonly at: string;
  readonly value: number;
}

interface Meter extends Reading {
  readonly consumption: number;
  readonly readings: number;
}

const metersIn = ({ cloud }: World) => cloud.table('OrderedList/Meters').items() as unknown as Meter[];

/** Of every list that was sent, in the order of sending, each reading once. */
function sentTo(meter: string, { runs }: World): Reading[] {
  const sent = runs.flatMap(({ input }) => (JSON.parse(input) as { readings?: unknown }).readings ?? []) as Reading[];
  const own = sent.filter((reading) => reading.meter === meter);
  return [...new Map(own.map((reading) => [reading.at, reading])).values()].sort((a, b) => a.at.localeCompare(b.at));
}

const inOrder: Invariant = {
  name: 'a meter shows what its readings in their order give, each counted once',
  holds: (world) =>
    metersIn(world).flatMap((meter) => {
      const sent = sentTo(meter.meter, world);
      const last = sent.findIndex(({ at }) => at === meter.at);
      if (last < 0) return [`${meter.meter} shows a reading of ${meter.at}, which nobody sent`];
      const consumption = last === 0 ? 0 : sent[last].value - sent[last - 1].value;
      const expected = { value: sent[last].value, consumption, readings: last + 1 };
      return (['value', 'consumption', 'readings'] as const)
        .filter((field) => meter[field] !== expected[field])
        .map((field) => `${meter.meter} has ${field} ${meter[field]} after the reading of ${meter.at}, not ${expected[field]}`);
    }),
};

const nothingLost: Invariant = {
  name: 'a list whose run succeeded is recorded to its end',
  holds: (world) =>
    world.runs
      .filter(({ status, input }) => status === 'SUCCEEDED' && 'readings' in JSON.parse(input))
      .flatMap(({ name, input }) => {
        const { readings } = JSON.parse(input) as { readings: Reading[] };
        return [...new Set(readings.map(({ meter }) => meter))].flatMap((meter) => {
          const last = readings.findLast((reading) => reading.meter === meter) as Reading;
          const shown = metersIn(world).find((one) => one.meter === meter)?.at ?? '';
          return shown >= last.at
            ? []
            : [`the run ${name} recorded ${meter} to its end, ${last.at}, but the table has ${shown || 'nothing'}`];
        });
      }),
};

/** What must be true of meters and readings, whatever fails. */
export const invariants: Invariants = {
  hold: [inOrder, nothingLost, ...bulkInvariants('Readings/BulkMap/Results')],
  // A list that is recorded in part is not taken a second time: its readings would come too late. It goes on where it had come to.
  async recover(operator, failed) {
    const run = failed.error === 'TooManyFailures' ? failed : await operator.redrive(failed);
    await operator.finished(run);
    const [, rerunOf] = /s3:\/\/[^/]+\/(\S+)$/.exec(run.error === 'TooManyFailures' ? (run.cause ?? '') : '') ?? [];
    if (rerunOf) await operator.start('OrderedList/Readings', { rerunOf });
  },
  unreached: BULK_UNREACHED,
  scenarios: ['two-meters', 'lower-reading', 'stopped-rerun'],
};
