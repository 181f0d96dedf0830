/** What is asked of every pattern. */
import { allResources } from '../assembly';
import type { Execution } from '../engine/types';
import type { LocalCloud } from '../local-cloud';
import type { Invariant, RunEnd, World } from './invariants';

/** No pattern ends so by design: what a state could not do was not foreseen. */
const UNDEFINED_ENDS = new Set(['States.Runtime', 'States.DataLimitExceeded', 'Stepworks.InternalError']);

export const GENERIC: readonly Invariant[] = [
  {
    name: 'the fault happens where it was planned',
    holds: ({ met }) => (met ? [] : ['the call was never made: two plays of the scenario differ']),
  },
  {
    name: 'every run ends, in a way that was foreseen',
    holds: ({ cloud, patience }) =>
      cloud.executions().flatMap(({ name, status, error, cause, startDate, stopDate = startDate, redriveCount }) => {
        if (status === 'RUNNING') return [`the run ${name} goes on and on`];
        const seconds = (stopDate - startDate) / 1000;
        if (seconds > patience && redriveCount === 0) return [`the run ${name} ends after ${seconds} s only: ${status}`];
        return error !== undefined && UNDEFINED_ENDS.has(error) ? [`the run ${name} ${status} with ${error}: ${cause}`] : [];
      }),
  },
  {
    name: 'a run that does not succeed is told to somebody',
    holds: ({ cloud, runs }) =>
      runs
        .filter(({ status, startedBy }) => status !== 'SUCCEEDED' && startedBy === undefined)
        .filter((run) => !isTold(cloud, run))
        .map(({ name, status, error }) => `nobody was told that the run ${name} ${status}${error === undefined ? '' : ` with ${error}`}`),
  },
  {
    name: 'what passes changes no end',
    holds: ({ fault, runs, faultless }) => (fault === 'throttle' ? differences(runs, faultless) : []),
  },
  {
    name: 'the second time ends as if nothing had been',
    holds: ({ again, faultless }) => {
      const [last, expected] = [again.at(-1), faultless.at(-1)];
      if (!last || expected?.status !== 'SUCCEEDED' || last.status === 'SUCCEEDED') return [];
      return [`the run ${last.name} ${show(last)}: ${last.cause ?? ''}`];
    },
  },
  {
    name: 'no multipart upload is left open',
    holds: ({ cloud }) =>
      named(cloud, 'AWS::S3::Bucket').flatMap(({ name, path }) =>
        cloud
          .bucket(name)
          .openUploads()
          .map((key) => `the bucket ${path} has an open upload of ${key}`),
      ),
  },
  {
    name: 'no message is left in a queue, or given up without a reason',
    holds: ({ cloud, fault }) => {
      const queues = named(cloud, 'AWS::SQS::Queue');
      const deadLetters = new Set(queues.map(({ properties }) => properties.RedrivePolicy?.deadLetterTargetArn).filter(Boolean));
      return queues.flatMap(({ name, path, attributes }) => {
        const isDeadLetter = deadLetters.has(attributes.Arn) || path.includes('DeadLetter');
        // What failed for good has its place there.
        if (isDeadLetter && fault !== undefined && fault !== 'throttle' && fault !== 'duplicate') return [];
        const { length } = cloud.queue(name).messages();
        return length === 0 ? [] : [`${length} ${length === 1 ? 'message is' : 'messages are'} left in the queue ${path}`];
      });
    },
  },
  {
    name: 'no call is denied',
    holds: ({ cloud }) => cloud.access.denied.map(({ role, action, resource }) => `${role} may not ${action} on ${resource}`),
  },
];

/** Runs that end otherwise than the same run without a fault; what has no counterpart there is let be. */
function differences(runs: readonly Execution[], faultless: readonly RunEnd[]): string[] {
  const left = [...faultless];
  return runs.flatMap(({ machine, input, status, error, name }) => {
    const at = left.findIndex((end) => end.machine === machine.arn && sameInput(end.input, input));
    if (at < 0) return [];
    const [end] = left.splice(at, 1);
    return end.status === status && end.error === error ? [] : [`the run ${name} ${show({ status, error })}, not ${show(end)}`];
  });
}

const show = ({ status, error }: { readonly status: string; readonly error?: string }): string =>
  [status, error].filter(Boolean).join(' with ');

function sameInput(one: string, other: string): boolean {
  return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
}

/** A message about it on a topic, of the status event or, for Express, of an alarm; or the run's caller waited for it and has its error. */
function isTold(cloud: LocalCloud, { arn, machine, stopDate = 0 }: Execution): boolean {
  return cloud.calls.some(({ service, operation, input, output, error, at }) => {
    if (error) return false;
    if (service === 'sfn' && operation === 'StartSyncExecution') return (output as { executionArn?: string }).executionArn === arn;
    if (service !== 'sns' || operation !== 'Publish' || at < stopDate) return false;
    return String(input.Message).includes(machine.type === 'EXPRESS' ? machine.arn : arn);
  });
}

function named(cloud: LocalCloud, wanted: string) {
  return cloud.stacks
    .flatMap(allResources)
    .filter(({ type }) => type === wanted)
    .map(({ path, attributes, properties }) => ({ name: path.replace(/\/Resource$/, ''), path, attributes, properties }));
}

export function runsOf(executions: readonly Execution[]): Execution[] {
  return executions.filter(({ mapRunArn }) => mapRunArn === undefined);
}

export function endsOf(world: Pick<World, 'runs'>): RunEnd[] {
  return world.runs.map(({ machine, input, status, error }) => ({
    machine: machine.arn,
    input,
    status,
    ...(error !== undefined && { error }),
  }));
}
