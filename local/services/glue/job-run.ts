import type { Cloud } from '../../cloud-types';
import { inBackground } from '../background';
import type { JobEnd, Jobs, RunningJob } from '../jobs';

export interface RunSettings {
  readonly timeoutMinutes: number;
  /** Minutes. */
  readonly notifyDelayAfter?: number;
  readonly maxCapacity?: number;
  readonly workerType?: string;
  readonly numberOfWorkers?: number;
  readonly glueVersion?: string;
}

/** https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html */
type JobRunState = 'STARTING' | 'RUNNING' | 'STOPPING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED' | 'TIMEOUT';

const STATES: Readonly<Record<JobEnd['status'], JobRunState>> = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  timedOut: 'TIMEOUT',
  stopped: 'STOPPED',
};
const SEVERITIES = { SUCCEEDED: 'INFO', FAILED: 'ERROR', TIMEOUT: 'WARN', STOPPED: 'INFO' } as const;

export class JobRun {
  state: JobRunState = 'STARTING';
  readonly #cloud: Cloud;
  readonly #startedOn: number;
  #running?: RunningJob;
  #ranOn?: number;
  #modifiedOn: number;
  #completedOn?: number;
  #errorMessage?: string;
  /** The threshold of the delay notification has passed. */
  #late = false;

  constructor(
    cloud: Cloud,
    readonly id: string,
    readonly jobName: string,
    readonly args: Readonly<Record<string, string>>,
    readonly settings: RunSettings,
  ) {
    this.#cloud = cloud;
    this.#startedOn = this.#modifiedOn = cloud.clock.now();
  }

  get active(): boolean {
    return this.#completedOn === undefined;
  }

  start(jobs: Jobs, job: { ref: string; roleArn?: string; args: Readonly<Record<string, string>> }): void {
    this.#running = jobs.start({
      service: 'glue',
      id: this.id,
      ...job,
      timeoutMs: this.settings.timeoutMinutes * 60_000,
      graceMs: 0,
      onRunning: () => {
        this.#ranOn = this.#cloud.clock.now();
        this.#enter('RUNNING');
      },
      onStopping: () => this.#enter('STOPPING'),
    });
    jobs.track(
      this.id,
      this.#running.ended.then((end) => this.#end(end)),
    );
    if (this.settings.notifyDelayAfter) inBackground(this.#notifyDelay(this.settings.notifyDelayAfter));
  }

  stop(): void {
    this.#running?.stop();
  }

  describe() {
    const { settings } = this;
    const capacity = settings.maxCapacity ?? settings.numberOfWorkers ?? 10;
    const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at));
    return {
      Id: this.id,
      Attempt: 0,
      JobName: this.jobName,
      StartedOn: date(this.#startedOn),
      LastModifiedOn: date(this.#modifiedOn),
      CompletedOn: date(this.#completedOn),
      JobRunState: this.state,
      Arguments: this.args,
      ErrorMessage: this.#errorMessage,
      PredecessorRuns: [],
      AllocatedCapacity: Math.ceil(capacity),
      ExecutionTime: this.#ranOn === undefined ? 0 : Math.round(((this.#completedOn ?? this.#cloud.clock.now()) - this.#ranOn) / 1000),
      Timeout: settings.timeoutMinutes,
      MaxCapacity: capacity,
      WorkerType: settings.workerType,
      NumberOfWorkers: settings.numberOfWorkers,
      NotificationProperty: settings.notifyDelayAfter === undefined ? undefined : { NotifyDelayAfter: settings.notifyDelayAfter },
      LogGroupName: '/aws-glue/jobs',
      GlueVersion: settings.glueVersion,
      ExecutionClass: 'STANDARD',
    };
  }

  #enter(state: JobRunState): void {
    this.state = state;
    this.#modifiedOn = this.#cloud.clock.now();
    if (this.#late && this.active) this.#emitStatus();
  }

  #end(end: JobEnd): void {
    this.#completedOn = this.#cloud.clock.now();
    if (end.status === 'failed') this.#errorMessage = end.error.message;
    this.#enter(STATES[end.status]);
    this.#emit('Glue Job State Change', {
      severity: SEVERITIES[this.state as keyof typeof SEVERITIES],
      message: this.#message(),
    });
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-glue.html */
  #message(): string {
    switch (this.state) {
      case 'FAILED':
        return `JobName:${this.jobName} and JobRunId:${this.id} failed to execute with exception ${this.#errorMessage}`;
      case 'TIMEOUT':
        return 'Job run timed out';
      default:
        return `Job run ${this.state.toLowerCase()}`;
    }
  }

  /**
   * "Glue Job Run Status" tells of STARTING, RUNNING and STOPPING, once each, when the threshold of the delay notification is passed.
   * https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
   */
  async #notifyDelay(minutes: number): Promise<void> {
    await this.#cloud.clock.sleepUntil(this.#startedOn + minutes * 60_000);
    this.#late = true;
    if (this.active) this.#emitStatus();
  }

  #emitStatus(): void {
    this.#emit('Glue Job Run Status', {
      severity: 'INFO',
      notificationCondition: { NotifyDelayAfter: this.settings.notifyDelayAfter ?? 0 },
      message: `Job is in ${this.state} state`,
      startedOn: new Date(this.#startedOn).toISOString(),
    });
  }

  #emit(type: string, detail: { [key: string]: string | { [key: string]: number } }): void {
    this.#cloud.emit({
      source: 'aws.glue',
      'detail-type': type,
      resources: [],
      detail: { jobName: this.jobName, state: this.state, jobRunId: this.id, ...detail },
    });
  }
}
