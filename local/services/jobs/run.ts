/** One run of a job, from its start to its end. */
import { ApiError } from '../../cloud-types';
import { jobContext, type Surroundings } from './context';
import { StandingTime } from './standing-time';
import { type JobContext, JobFailure, type JobFunction, JobInterrupted, type JobService } from './types';

export interface JobStart {
  readonly service: JobService;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: JobArguments of the service
  readonly args: any;
  readonly roleArn?: string;
  /** @default 1 */
  readonly attempt?: number;
  /** From the moment when it runs. */
  readonly timeoutMs?: number;
  /** How long it may go on after it was told to end. */
  readonly graceMs: number;
  /** It waits for its resources. */
  onStarting?(): void;
  onRunning(): void;
  /** It was told to end. */
  onStopping?(): void;
}

export type JobEnd =
  | { readonly status: 'succeeded'; readonly value: unknown }
  | { readonly status: 'failed'; readonly error: JobFailure; readonly exitCode: number }
  /** `exitCode` is what a container's would be; undefined where it had not begun. */
  | { readonly status: 'stopped' | 'timedOut'; readonly exitCode?: number };

interface Supplied {
  readonly run: JobFunction;
  /** How long it waits for its resources. */
  readonly startMs: number;
  readonly surroundings: Surroundings;
  /** Aborted with a `JobInterrupted`. */
  readonly stop: AbortSignal;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html: 128 and the signal's number. */
const SIGTERM = 143;
const SIGKILL = 137;

export async function runJob(request: JobStart, { run, startMs, surroundings, stop }: Supplied): Promise<JobEnd> {
  const { clock } = surroundings.cloud;
  try {
    // Whoever started it has the answer first.
    await clock.sleepUntil(clock.now(), stop);
    request.onStarting?.();
    if (startMs > 0) await clock.sleepUntil(clock.now() + startMs, stop);
  } catch (error) {
    if (!(error instanceof JobInterrupted)) throw error;
    request.onStopping?.();
    return { status: 'stopped' };
  }
  request.onRunning();

  const [told, cut, timers] = [new AbortController(), new AbortController(), new AbortController()];
  /** Resolves when so much time has passed; never, once the job has ended. */
  const passed = async (milliseconds: number): Promise<void> => {
    await clock.sleepUntil(clock.now() + milliseconds, timers.signal).catch(() => new Promise(() => {}));
  };
  const time = new StandingTime(clock, `the ${request.service} job ${surroundings.job}`);
  const work = perform(run, request.args, time, jobContext(request, surroundings, time, { told: told.signal, cut: cut.signal }));
  try {
    const ends: Promise<JobEnd | JobInterrupted>[] = [work, interruption(stop)];
    if (request.timeoutMs !== undefined) ends.push(passed(request.timeoutMs).then(() => new JobInterrupted('timeout')));
    const first = await Promise.race(ends);
    if (!(first instanceof JobInterrupted)) return first;
    request.onStopping?.();
    told.abort(first);
    const killed = request.graceMs > 0 ? passed(request.graceMs) : Promise.resolve();
    const exitCode = await Promise.race([work.then(exitCodeOf), killed.then(() => SIGKILL)]);
    return { status: first.by === 'stop' ? 'stopped' : 'timedOut', exitCode };
  } finally {
    time.close();
    timers.abort();
    cut.abort(new Error(`the ${request.service} job ${surroundings.job} has ended`));
  }
}

async function perform(run: JobFunction, args: JobStart['args'], time: StandingTime, context: JobContext): Promise<JobEnd> {
  time.begin();
  try {
    return { status: 'succeeded', value: await run(args, context) };
  } catch (thrown) {
    // What the local cloud itself can't do is no failure of the job.
    if (thrown instanceof ApiError && thrown.statusCode === 501) throw thrown;
    if (thrown instanceof JobInterrupted) return { status: 'stopped', exitCode: SIGTERM };
    const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    context.log(stack ?? message);
    const error = thrown instanceof JobFailure ? thrown : new JobFailure(message);
    return { status: 'failed', error, exitCode: error.exitCode };
  } finally {
    time.close();
  }
}

function interruption(stop: AbortSignal): Promise<JobInterrupted> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve(stop.reason);
    stop.addEventListener('abort', () => resolve(stop.reason), { once: true });
  });
}

function exitCodeOf(end: JobEnd): number | undefined {
  return end.status === 'succeeded' ? 0 : end.exitCode;
}
