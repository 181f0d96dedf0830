/** What a job's function is given to work with. */
import { inMilliseconds } from '../../clock';
import type { Cloud } from '../../cloud-types';
import { clientConfig } from '../../wire/client-config';
import type { StandingTime } from './standing-time';
import type { JobContext, JobService } from './types';

export interface Surroundings {
  readonly cloud: Cloud;
  /** Where SDK clients reach it. */
  readonly endpoint: string;
  /** The job's name. */
  readonly job: string;
  log(line: string): void;
}

interface Request {
  readonly service: JobService;
  readonly id: string;
  readonly roleArn?: string;
  readonly attempt?: number;
}

/** `told` is aborted when the job is told to end, `cut` when it has ended. */
interface Signals {
  readonly told: AbortSignal;
  readonly cut: AbortSignal;
}

export function jobContext(
  { service, id, roleArn, attempt = 1 }: Request,
  { cloud, endpoint, job, log }: Surroundings,
  time: StandingTime,
  { told, cut }: Signals,
): JobContext {
  const { clock } = cloud;
  // Who was told to end may still take its time to clear up.
  const wait = <T>(event: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    time.passing(async () => {
      const signal = told.aborted ? cut : told;
      signal.throwIfAborted();
      return event(signal);
    });
  const until = <T>(event: Promise<T>): Promise<T> =>
    wait(
      (signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          event.then(resolve, reject);
        }),
    );
  const role = (): string => {
    if (roleArn) return roleArn;
    throw new Error(`the ${service} job ${job} has no role of its own, so it can call nothing`);
  };
  return {
    id,
    attempt,
    roleArn,
    signal: told,
    now: () => clock.now(),
    until,
    sleep: (duration) =>
      duration === Number.POSITIVE_INFINITY
        ? until(new Promise<never>(() => {}))
        : wait((signal) => clock.sleepUntil(clock.now() + inMilliseconds(duration), signal)),
    call: (service, operation, input) =>
      time.passing(async () => {
        cut.throwIfAborted();
        return cloud.call({ service, operation, input, principal: { kind: 'role', arn: role() } });
      }),
    get clientConfig() {
      return clientConfig(cloud.region, endpoint, role());
    },
    log,
  };
}
