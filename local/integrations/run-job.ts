/** `.sync`: a task that waits for the job that it started. Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync */
import type { Json } from '../cloud-types';
import { StatesError } from '../engine/types';
import { inBackground } from '../services/background';
import type { Job } from './job';

interface StartedJob {
  readonly job: Job;
  readonly started: Readonly<Record<string, Json>>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly signal: AbortSignal;
  /** `.sync:2` gives members that are JSON text as JSON. */
  readonly parsed: boolean;
  stop(operation: string, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  describe(operation: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, Json>>;
}

/** The job's description, or States.TaskFailed with it as the cause. */
export async function completionOf({ job, started, ended, signal, parsed, stop, describe }: StartedJob): Promise<Json> {
  const onAbort = (): void => {
    const { operation, input } = job.stop(started);
    inBackground(stop(operation, input));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await ended;
  signal.removeEventListener('abort', onAbort);

  const { operation, input } = job.describe(started);
  const result = inOrder(job.result(await describe(operation, input)));
  if (!job.succeeded(result)) throw new StatesError('States.TaskFailed', JSON.stringify(result));
  return parsed ? { ...result, ...parsedMembers(result, job.jsonMembers ?? []) } : result;
}

function inOrder(members: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parsedMembers(result: Readonly<Record<string, Json>>, members: readonly string[]): Record<string, Json> {
  return Object.fromEntries(members.map((member) => [member, JSON.parse(String(result[member]))]));
}
