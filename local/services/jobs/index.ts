/**
 * What every job service shares: a job of the assembly is run by the function that the scenario supplies, on the virtual clock, until it
 * ends, is stopped or runs into its time limit. How that is told, in states, errors and events, is each service's own matter.
 */
import { inMilliseconds } from '../../clock';
import { ApiError, type Cloud } from '../../cloud-types';
import { type JobEnd, type JobStart, runJob } from './run';
import { type JobFunction, JobInterrupted, type JobLogLine, type JobOptions, type JobService } from './types';

export type { JobEnd } from './run';

/** A job as it was deployed. */
interface DeployedJob {
  readonly service: JobService;
  /** What `Ref` gives. */
  readonly ref: string;
  /** Its physical name. */
  readonly name: string;
  readonly path: string;
  supplied?: { readonly run: JobFunction; readonly startMs: number };
}

export interface RunningJob {
  stop(): void;
  readonly ended: Promise<JobEnd>;
}

export class Jobs {
  readonly logs: JobLogLine[] = [];
  readonly #deployed: DeployedJob[] = [];
  readonly #ends = new Map<string, Promise<unknown>>();
  readonly #cloud: Cloud;
  readonly #endpoint: string;

  constructor(cloud: Cloud, endpoint: string) {
    this.#cloud = cloud;
    this.#endpoint = endpoint;
  }

  /** A job of the assembly. */
  deploy(job: DeployedJob): void {
    this.#deployed.push({ ...job, path: job.path.replace(/\/Resource$/, '') });
  }

  /** What `Ref` gives for the job of this physical name. */
  refOf(service: JobService, name: string): string | undefined {
    return this.#deployed.find((job) => job.service === service && job.name === name)?.ref;
  }

  supply<S extends JobService>(service: S, ref: string, run: JobFunction<S>, { startAfter = 0 }: JobOptions): void {
    this.#job(service, ref).supplied = { run: run as JobFunction, startMs: inMilliseconds(startAfter) };
  }

  /** @throws for a job that has no function: nothing has happened then */
  start({ ref, ...request }: JobStart & { readonly ref: string }): RunningJob {
    const job = this.#job(request.service, ref);
    if (!job.supplied) throw nothingSupplied(job);
    const stop = new AbortController();
    const surroundings = {
      cloud: this.#cloud,
      endpoint: this.#endpoint,
      job: job.name,
      log: (line: string) => this.logs.push({ service: job.service, job: job.name, id: request.id, line }),
    };
    return {
      stop: () => stop.abort(new JobInterrupted('stop')),
      ended: runJob(request, { ...job.supplied, surroundings, stop: stop.signal }),
    };
  }

  /** Remembers when a job, with all its attempts, has ended: `.sync` waits for it. It rejects for what the local cloud itself can't do. */
  track(id: string, ended: Promise<unknown>): void {
    this.#ends.set(id, ended);
  }

  async ended(id: string): Promise<void> {
    const ended = this.#ends.get(id);
    if (!ended) throw new Error(`nobody knows when the job ${id} ends`);
    await ended;
  }

  #job(service: JobService, ref: string): DeployedJob {
    const job = this.#deployed.find((candidate) => candidate.service === service && candidate.ref === ref);
    if (!job) throw new Error(`the assembly has no ${service} job ${ref}`);
    return job;
  }
}

/** 501: the scenario lacks something; no workflow may take that for a failed job. */
function nothingSupplied({ service, name, path }: DeployedJob): ApiError {
  return new ApiError(
    'NotImplemented',
    `The ${service} job ${name} (${path}) was started, and nothing was supplied to run in its place: cloud.job('${service}', '${path}', async (args, job) => { … }).`,
    501,
  );
}
