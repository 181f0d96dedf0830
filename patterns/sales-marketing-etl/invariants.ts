import type { Invariant, Invariants, World } from '../../local/sweep';
import { week } from './datasets';

const STACK = 'SalesMarketingEtl';
const DAY = 86_400;

interface Outcome {
  readonly period: string;
  readonly output: { readonly prefix: string };
  readonly missing: readonly string[];
}

const outcomes = ({ runs }: World) =>
  runs
    .filter(({ status }) => status === 'SUCCEEDED')
    .map(({ name, input, output }) => ({ name, input, outcome: output as unknown as Outcome }));

const joinedRight: Invariant = {
  name: 'what a run says it joined is there, every row of it',
  holds: (world) =>
    outcomes(world).flatMap(({ name, outcome: { output, missing, period } }) => {
      const key = `${output.prefix}campaigns.csv`;
      const bucket = world.cloud.bucket(`${STACK}/Etl/Output`);
      if (!bucket.keys(output.prefix).includes(key)) return [`the run ${name} names ${key}, which is not there`];
      const { joined, sales } = week(period);
      // Where a scenario corrects the data, what is joined is another matter.
      const isCorrected = world.cloud.bucket(`${STACK}/Incoming`).text('sales/sales.csv') !== sales;
      return isCorrected || missing.length > 0 || bucket.text(key) === joined()
        ? []
        : [`the run ${name} joined other rows in ${key} than there are`];
    }),
};

const nobodyWaits: Invariant = {
  name: 'nobody is left waiting for data, with a task token in the table',
  holds: ({ cloud, runs }) =>
    runs.some(({ status }) => status === 'RUNNING')
      ? []
      : cloud
          .table(`${STACK}/Etl/Gate/Waiters`)
          .items()
          .map((row) => `a row is left: ${JSON.stringify(row).slice(0, 200)}`),
};

const joinedOnce: Invariant = {
  name: 'the same request joins once: its runs give the same output',
  holds: (world) => {
    const prefixes = new Map<string, string>();
    return outcomes(world).flatMap(({ name, input, outcome }) => {
      const former = prefixes.get(input) ?? outcome.output.prefix;
      prefixes.set(input, former);
      return former === outcome.output.prefix ? [] : [`the run ${name} gives ${outcome.output.prefix}, another one of its input ${former}`];
    });
  },
};

/** What must be true of datasets, joined rows and waiters, whatever fails. */
export const invariants: Invariants = {
  hold: [joinedRight, nobodyWaits, joinedOnce],
  scenarios: ['sales-first'],
  patience: 9 * DAY,
  // A sweep is made every six hours.
  afterwards: DAY / 2,
};
