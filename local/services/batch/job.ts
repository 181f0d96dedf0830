import type { Cloud, Json } from '../../cloud-types';
import type { Jobs, RunningJob } from '../jobs';
import type { BatchArguments } from '../jobs/types';
import type { Container, JobDefinition, RetryStrategy } from './job-definition';
import { type AttemptEnd, mayRetry } from './retry';

export interface BatchJobOptions {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly queue: string;
  readonly definition: JobDefinition;
  readonly parameters: Readonly<Record<string, string>>;
  readonly container: Container;
  readonly retryStrategy: RetryStrategy;
  readonly timeoutSeconds?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly propagateTags: boolean;
}

/** https://docs.aws.amazon.com/batch/latest/userguide/job_states.html */
type JobStatus = 'SUBMITTED' | 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

interface Attempt extends AttemptEnd {
  readonly startedAt?: number;
  readonly stoppedAt: number;
}

/** SIGTERM, and after 30 seconds SIGKILL: https://docs.aws.amazon.com/batch/latest/userguide/job_timeouts.html */
const GRACE_MS = 30_000;
const EXITED = 'Essential container in task exited';

export class BatchJob {
  #status: JobStatus = 'SUBMITTED';
  #statusReason?: string;
  #terminated?: string;
  #startedAt?: number;
  #stoppedAt?: number;
  #running?: RunningJob;
  readonly #attempts: Attempt[] = [];
  readonly #createdAt: number;
  readonly #cloud: Cloud;
  readonly #options: BatchJobOptions;

  constructor(cloud: Cloud, options: BatchJobOptions) {
    this.#cloud = cloud;
    this.#options = options;
    this.#createdAt = cloud.clock.now();
  }

  start(jobs: Jobs): void {
    this.#attempt(jobs, 1);
    jobs.track(this.#options.id, this.#toTheEnd(jobs));
  }

  /** https://docs.aws.amazon.com/batch/latest/APIReference/API_TerminateJob.html: whatever its status, it becomes FAILED. */
  terminate(reason: string): void {
    if (this.#stoppedAt !== undefined) return;
    this.#terminated = reason;
    this.#running?.stop();
  }

  describe() {
    const { definition, container, ...job } = this.#options;
    const last = this.#attempts.at(-1);
    return {
      jobArn: job.arn,
      jobName: job.name,
      jobId: job.id,
      jobQueue: job.queue,
      status: this.#status,
      attempts: this.#attempts.map(({ exitCode, reason, statusReason, startedAt, stoppedAt }) => ({
        container: { exitCode, reason, networkInterfaces: [] },
        startedAt,
        stoppedAt,
        statusReason,
      })),
      statusReason: this.#statusReason,
      createdAt: this.#createdAt,
      retryStrategy: job.retryStrategy,
      startedAt: this.#startedAt,
      stoppedAt: this.#stoppedAt,
      dependsOn: [],
      jobDefinition: definition.arn,
      parameters: job.parameters,
      container: {
        ...container,
        volumes: [],
        mountPoints: [],
        ulimits: [],
        networkInterfaces: [],
        secrets: [],
        exitCode: last?.exitCode,
        reason: last?.reason,
      },
      timeout: job.timeoutSeconds === undefined ? undefined : { attemptDurationSeconds: job.timeoutSeconds },
      tags: { resourceArn: job.arn, ...job.tags },
      propagateTags: job.propagateTags,
      platformCapabilities: definition.platformCapabilities,
    };
  }

  #attempt(jobs: Jobs, attempt: number): void {
    const { definition, container, id, timeoutSeconds } = this.#options;
    this.#running = jobs.start({
      service: 'batch',
      ref: definition.arn,
      id,
      attempt,
      args: this.#arguments(attempt),
      roleArn: container.jobRoleArn,
      timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
      graceMs: GRACE_MS,
      onStarting: () => {
        this.#enter('RUNNABLE');
        this.#enter('STARTING');
      },
      onRunning: () => {
        this.#startedAt = this.#cloud.clock.now();
        this.#enter('RUNNING');
      },
    });
  }

  async #toTheEnd(jobs: Jobs): Promise<void> {
    for (let made = 1; ; made++) {
      const end = await (this.#running as RunningJob).ended;
      const attempt: Attempt = { ...this.#told(end), startedAt: this.#startedAt, stoppedAt: this.#cloud.clock.now() };
      this.#attempts.push(attempt);
      this.#statusReason = attempt.statusReason;
      // What was terminated, or ran into its time limit, is not tried again.
      const again = end.status === 'failed' && this.#terminated === undefined && mayRetry(this.#options.retryStrategy, made, attempt);
      if (!again) {
        this.#stoppedAt = attempt.stoppedAt;
        this.#enter(end.status === 'succeeded' ? 'SUCCEEDED' : 'FAILED');
        return;
      }
      this.#startedAt = undefined;
      this.#attempt(jobs, made + 1);
    }
  }

  #told(end: Awaited<RunningJob['ended']>): AttemptEnd {
    switch (end.status) {
      case 'succeeded':
        return { exitCode: 0, statusReason: EXITED };
      case 'failed':
        return { exitCode: end.exitCode, reason: end.error.reason, statusReason: end.error.statusReason ?? EXITED };
      case 'timedOut':
        return { exitCode: end.exitCode, statusReason: 'Job attempt duration exceeded timeout' };
      case 'stopped':
        return { exitCode: end.exitCode, statusReason: this.#terminated ?? '' };
    }
  }

  /** https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html and …/job_definition_parameters.html#parameters */
  #arguments(attempt: number): BatchArguments {
    const { container, parameters, id, queue } = this.#options;
    return {
      command: container.command.map((word) => {
        const name = /^Ref::([\w.-]+)$/.exec(word)?.[1];
        return name === undefined ? word : (parameters[name] ?? word);
      }),
      environment: {
        ...Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
        AWS_BATCH_JOB_ID: id,
        AWS_BATCH_JOB_ATTEMPT: String(attempt),
        AWS_BATCH_JQ_NAME: queue.slice(queue.lastIndexOf('/') + 1),
      },
      parameters,
    };
  }

  /** Each change but the submission is an event: https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html */
  #enter(status: JobStatus): void {
    this.#status = status;
    const detail = JSON.parse(JSON.stringify(this.describe())) as Json;
    this.#cloud.emit({ source: 'aws.batch', 'detail-type': 'Batch Job State Change', resources: [this.#options.arn], detail });
  }
}
