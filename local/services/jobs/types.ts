/** What a scenario supplies in a job's place, and what it is given. */
import type { DurationLike } from '../../clock';
import type { ClientConfig } from '../../wire/client-config';

/** Services whose jobs are supplied, with what their jobs are started with. */
export interface JobArguments {
  /** `DefaultArguments` of the job with the run's own over them: `{ '--date': '2026-01-05' }`. */
  readonly glue: Readonly<Record<string, string>>;
  readonly ecs: EcsArguments;
  readonly batch: BatchArguments;
  readonly codebuild: BuildArguments;
}

export type JobService = keyof JobArguments;

/** What a container's process sees: definition and overrides together. */
export interface ContainerArguments {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Those of the first essential container, and of every container by name. */
export interface EcsArguments extends ContainerArguments {
  readonly containers: Readonly<Record<string, ContainerArguments>>;
}

/** `Ref::name` in the command is replaced by its parameter. */
export interface BatchArguments extends ContainerArguments {
  readonly parameters: Readonly<Record<string, string>>;
}

export interface BuildArguments {
  readonly environment: Readonly<Record<string, string>>;
  readonly sourceVersion?: string;
  readonly buildspec?: string;
}

/**
 * Runs in a job's place. When it returns, the job has succeeded; when it throws, it has failed: the error's message is the job's, and a
 * `JobFailure` also says how a container ended. What it returns means something to CodeBuild only: an object's texts are the build's
 * exported environment variables.
 *
 * Time stands still while it works, so that its file and network access takes none; it passes in `sleep`, `until` and `call`.
 */
export type JobFunction<S extends JobService = JobService> = (args: JobArguments[S], job: JobContext) => unknown;

export interface JobContext {
  /** The job run's, task's, job's or build's id. */
  readonly id: string;
  /** From 1: AWS Batch may try again. */
  readonly attempt: number;
  /** Whose permissions the job's calls need. */
  readonly roleArn?: string;
  /** Aborted when the job is told to end, by a stop or its time limit. What goes on longer than the service waits is cut off. */
  readonly signal: AbortSignal;
  /** Virtual time, in milliseconds since the epoch. */
  now(): number;
  /** Lets virtual time pass; for ever with `Infinity`. Rejects when the job is told to end; what is begun later, when it is cut off. */
  sleep(duration: DurationLike): Promise<void>;
  /** Lets virtual time pass until something has happened, such as a promise that the test resolves. Rejects as `sleep` does. */
  until<T>(event: Promise<T>): Promise<T>;
  /**
   * Calls a service of the local cloud in the role's name.
   * @param service SDK client's package suffix: "dynamodb"
   */
  // biome-ignore lint/suspicious/noExplicitAny: the shapes are the API's
  call(service: string, operation: string, input: Readonly<Record<string, unknown>>): Promise<any>;
  /** For an AWS SDK client that calls in the role's name: `new S3Client(job.clientConfig)`. */
  readonly clientConfig: ClientConfig;
  /** Writes a line to the job's log. */
  log(line: string): void;
}

export interface JobOptions {
  /** How long a run waits for its resources before it begins. @default 0 */
  readonly startAfter?: DurationLike;
}

/** How a container failed, where that is not just exit code 1. */
export class JobFailure extends Error {
  /** @default 1 */
  readonly exitCode: number;
  /** The container's: "OutOfMemoryError: Container killed due to memory usage". */
  readonly reason?: string;
  /** The task's or job's: "Host EC2 (instance i-0abc) terminated." @default "Essential container in task exited" */
  readonly statusReason?: string;

  constructor(message: string, how: { readonly exitCode?: number; readonly reason?: string; readonly statusReason?: string } = {}) {
    super(message);
    this.name = 'JobFailure';
    this.exitCode = how.exitCode ?? 1;
    this.reason = how.reason;
    this.statusReason = how.statusReason;
  }
}

/** Why a job was told to end: the reason of its `signal`. */
export class JobInterrupted extends Error {
  constructor(readonly by: 'stop' | 'timeout') {
    super(by === 'stop' ? 'the job was stopped' : 'the job ran into its time limit');
    this.name = 'JobInterrupted';
  }
}

export interface JobLogLine {
  readonly service: JobService;
  /** As for `job`: the name that the job was deployed under. */
  readonly job: string;
  readonly id: string;
  readonly line: string;
}
