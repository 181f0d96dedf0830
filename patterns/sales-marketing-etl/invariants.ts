import type { Invariant, Invariants, World } from '../../local/sweep';
import { FAN_IN_ETL_UNREACHED } from '../fan-in-etl';
import { nobodyWaits } from '../object-gate';
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
    outcomes(world).flatMap(({ name, input, outcome: { output, missing, period } }) => {
      const key = `${output.prefix}campaigns.csv`;
      const bucket = world.cloud.bucket(`${STACK}/Etl/Output`);
      if (!bucket.keys(output.prefix).includes(key)) return [`the run ${name} names ${key}, which is not there`];
      // There, the first run reads what is corrected for the second.
      const isUncorrected = world.scenario.name === 'rerun' && !('rerun' in JSON.parse(input));
      return isUncorrected || missing.length > 0 || bucket.text(key) === week(period).joined()
        ? []
        : [`the run ${name} joined other rows in ${key} than there are`];
    }),
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
  hold: [joinedRight, nobodyWaits(`${STACK}/Etl/Gate`), joinedOnce],
  scenarios: ['sales-first', 'nothing-arrives', 'at-work'],
  patience: 9 * DAY,
  // A sweep is made every six hours.
  afterwards: DAY / 2,
  unreached: [
    ...FAN_IN_ETL_UNREACHED,
    {
      what: '* retries Glue.ConcurrentRunsExceededException*',
      why: 'Glue is throttled with another error, and each job has one run of the three that it may have.',
    },
  ],
  unusedPermissions: [
    { what: '*Role: s3:GetObject on *cdk-*.py', why: "Glue itself reads the job's script; a function runs in its place." },
    { what: '*Role: logs:* on *:/aws-glue/python-jobs/*', why: "Glue itself writes the job's log; a function runs in its place." },
    { what: '*: glue:GetJobRuns on *', why: "AWS's policy for `.sync` has it, and says nothing of when it is used." },
  ],
  waived: [
    {
      invariant: 'what passes changes no end',
      fault: 'throttle',
      at: 'RunPeriodClaim dynamodb:UpdateItem #1',
      why: 'Two runs are started at once there: the second has the week, and the first is told so.',
    },
  ],
};
