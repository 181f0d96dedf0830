import type { Cloud, Json } from '../../cloud-types';
import type { JobEnd, Jobs, RunningJob } from '../jobs';

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
}

/** `AWS::CodeBuild::Project`, members named as the API does. */
export interface Project {
  readonly arn: string;
  readonly name: string;
  readonly serviceRole?: string;
  readonly encryptionKey?: string;
  readonly timeoutInMinutes: number;
  readonly queuedTimeoutInMinutes: number;
  readonly concurrentBuildLimit?: number;
  readonly source: { readonly type?: string; readonly location?: string };
  readonly artifacts?: string;
  readonly buildspec?: string;
  readonly environment: {
    readonly type?: string;
    readonly image?: string;
    readonly computeType?: string;
    readonly privilegedMode: boolean;
    readonly environmentVariables: readonly EnvironmentVariable[];
  };
}

interface BuildOptions {
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly project: Project;
  readonly sourceVersion?: string;
  readonly initiator: string;
}

interface Phase {
  readonly type: string;
  readonly startedAt: number;
  endedAt?: number;
  status?: string;
  message?: string;
}

type BuildStatus = 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';

const STATUSES: Readonly<Record<JobEnd['status'], BuildStatus>> = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  timedOut: 'TIMED_OUT',
  stopped: 'STOPPED',
};

/**
 * The function stands for the BUILD phase; the others take no time.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
const BEFORE = ['DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD'];
/** These come after a failed BUILD too; a stop and a time limit end it all. */
const AFTER = ['POST_BUILD', 'UPLOAD_ARTIFACTS', 'FINALIZING'];

export class Build {
  readonly id: string;
  readonly arn: string;
  #status: BuildStatus = 'IN_PROGRESS';
  #running?: RunningJob;
  #endTime?: number;
  #exported: readonly { readonly name: string; readonly value: string }[] = [];
  readonly #phases: Phase[] = [];
  readonly #startTime: number;
  readonly #cloud: Cloud;
  readonly #options: BuildOptions;

  constructor(cloud: Cloud, options: BuildOptions) {
    this.id = options.id;
    this.arn = options.arn;
    this.#cloud = cloud;
    this.#options = options;
    this.#startTime = cloud.clock.now();
    this.#pass('SUBMITTED');
    this.#begin('QUEUED');
  }

  get active(): boolean {
    return this.#endTime === undefined;
  }

  start(jobs: Jobs): void {
    const { project, sourceVersion } = this.#options;
    this.#running = jobs.start({
      service: 'codebuild',
      ref: project.name,
      id: this.id,
      args: {
        environment: Object.fromEntries(project.environment.environmentVariables.map(({ name, value }) => [name, value])),
        sourceVersion,
        buildspec: project.buildspec,
      },
      roleArn: project.serviceRole,
      timeoutMs: project.timeoutInMinutes * 60_000,
      graceMs: 0,
      onStarting: () => {
        this.#close('SUCCEEDED');
        this.#begin('PROVISIONING');
      },
      onRunning: () => {
        this.#close('SUCCEEDED');
        for (const phase of BEFORE) this.#pass(phase);
        this.#begin('BUILD');
      },
    });
    jobs.track(
      this.id,
      this.#running.ended.then((end) => this.#end(end)),
    );
    this.#emit();
  }

  stop(): void {
    this.#running?.stop();
  }

  describe() {
    const { project, number, sourceVersion, initiator } = this.#options;
    const stream = this.id.split(':')[1];
    return {
      id: this.id,
      arn: this.arn,
      buildNumber: number,
      startTime: new Date(this.#startTime),
      endTime: dateOf(this.#endTime),
      currentPhase: this.#phases.at(-1)?.type,
      buildStatus: this.#status,
      sourceVersion,
      projectName: project.name,
      phases: this.#phases.map(({ type, startedAt, endedAt, status, message }) => ({
        phaseType: type,
        phaseStatus: status,
        startTime: new Date(startedAt),
        endTime: dateOf(endedAt),
        durationInSeconds: endedAt === undefined ? undefined : Math.round((endedAt - startedAt) / 1000),
        contexts: message === undefined ? undefined : [{ statusCode: 'COMMAND_EXECUTION_ERROR', message }],
      })),
      source: { ...project.source, buildspec: project.buildspec },
      artifacts: { location: project.artifacts ?? '' },
      environment: project.environment,
      serviceRole: project.serviceRole,
      logs: {
        groupName: `/aws/codebuild/${project.name}`,
        streamName: stream,
        cloudWatchLogsArn: `arn:${this.#cloud.partition}:logs:${this.#cloud.region}:${this.#cloud.accountId}:log-group:/aws/codebuild/${project.name}:log-stream:${stream}`,
      },
      timeoutInMinutes: project.timeoutInMinutes,
      queuedTimeoutInMinutes: project.queuedTimeoutInMinutes,
      buildComplete: !this.active,
      initiator,
      encryptionKey: project.encryptionKey,
      exportedEnvironmentVariables: this.#exported,
      reportArns: [],
    };
  }

  #end(end: JobEnd): void {
    this.#status = STATUSES[end.status];
    this.#close(this.#status, end.status === 'failed' ? `Error while executing command: ${end.error.message}` : undefined);
    if (end.status === 'succeeded') this.#exported = exportedVariables(end.value);
    if (end.status === 'succeeded' || end.status === 'failed') for (const phase of AFTER) this.#pass(phase);
    this.#begin('COMPLETED');
    this.#endTime = this.#cloud.clock.now();
    this.#emit();
  }

  #begin(type: string): void {
    this.#phases.push({ type, startedAt: this.#cloud.clock.now() });
  }

  #close(status: BuildStatus, message?: string): void {
    Object.assign(this.#phases.at(-1) as Phase, { status, message, endedAt: this.#cloud.clock.now() });
  }

  #pass(type: string): void {
    this.#begin(type);
    this.#close('SUCCEEDED');
  }

  /** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html */
  #emit(): void {
    const build = this.describe();
    const detail = {
      'build-status': this.#status,
      'project-name': build.projectName,
      'build-id': this.arn,
      'current-phase': build.currentPhase,
      'current-phase-context': '[]',
      version: '1',
      'additional-information': {
        'build-number': build.buildNumber,
        environment: {
          image: build.environment.image,
          'privileged-mode': build.environment.privilegedMode,
          'compute-type': build.environment.computeType,
          type: build.environment.type,
          'environment-variables': build.environment.environmentVariables,
        },
        'timeout-in-minutes': build.timeoutInMinutes,
        'queued-timeout-in-minutes': build.queuedTimeoutInMinutes,
        'build-complete': build.buildComplete,
        initiator: build.initiator,
        'build-start-time': eventTime(build.startTime),
        source: build.source,
        'source-version': build.sourceVersion,
        artifact: build.artifacts,
        logs: { 'group-name': build.logs.groupName, 'stream-name': build.logs.streamName },
        'exported-environment-variables': build.exportedEnvironmentVariables,
        phases: build.phases.map((phase) => ({
          'phase-context': phase.contexts?.map(({ statusCode, message }) => `${statusCode}: ${message}`) ?? [],
          'start-time': eventTime(phase.startTime),
          'end-time': phase.endTime && eventTime(phase.endTime),
          'duration-in-seconds': phase.durationInSeconds,
          'phase-type': phase.phaseType,
          'phase-status': phase.phaseStatus,
        })),
      },
    };
    this.#cloud.emit({
      source: 'aws.codebuild',
      'detail-type': 'CodeBuild Build State Change',
      resources: [this.arn],
      detail: JSON.parse(JSON.stringify(detail)) as Json,
    });
  }
}

function dateOf(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}

/** "Sep 1, 2017 4:12:29 PM", in UTC. */
function eventTime(date: Date): string {
  const day = date.toLocaleDateString('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric', year: 'numeric' });
  return `${day} ${date.toLocaleTimeString('en-US', { timeZone: 'UTC' }).replace(/\u202f/g, ' ')}`;
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables */
function exportedVariables(value: unknown): { name: string; value: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [{ name, value: text }] : []));
}
