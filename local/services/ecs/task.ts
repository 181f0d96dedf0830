import type { Cloud, Json } from '../../cloud-types';
import { uuid } from '../identifiers';
import type { JobEnd, Jobs, RunningJob } from '../jobs';
import type { ContainerArguments, EcsArguments } from '../jobs/types';
import type { ContainerDefinition, TaskDefinition } from './definitions';

export interface Overrides {
  readonly containerOverrides?: readonly ContainerOverride[];
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly cpu?: string;
  readonly memory?: string;
}

interface ContainerOverride {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name?: string; readonly value?: string }[];
}

export interface RunSettings {
  readonly launchType?: string;
  readonly platformVersion?: string;
  readonly capacityProviderStrategy?: readonly { readonly capacityProvider: string }[];
  readonly group?: string;
  readonly startedBy?: string;
  readonly enableExecuteCommand?: boolean;
  readonly tags?: readonly unknown[];
  readonly networkConfiguration?: { readonly awsvpcConfiguration?: { readonly subnets: readonly string[] } };
}

interface TaskOptions {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly definition: TaskDefinition;
  readonly overrides: Overrides;
  readonly settings: RunSettings;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html, those that last. */
type TaskStatus = 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED';

interface Times {
  createdAt?: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  connectivityAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
}

const EXITED = 'Essential container in task exited';

const CONTAINER_STATUS: Readonly<Record<TaskStatus, string>> = {
  PROVISIONING: 'PENDING',
  PENDING: 'PENDING',
  RUNNING: 'RUNNING',
  DEPROVISIONING: 'STOPPED',
  STOPPED: 'STOPPED',
};
const ATTACHMENT_STATUS: Readonly<Record<TaskStatus, string>> = {
  PROVISIONING: 'PRECREATED',
  PENDING: 'ATTACHED',
  RUNNING: 'ATTACHED',
  DEPROVISIONING: 'ATTACHED',
  STOPPED: 'DELETED',
};

export class Task {
  readonly arn: string;
  #status: TaskStatus = 'PROVISIONING';
  #desired: 'RUNNING' | 'STOPPED' = 'RUNNING';
  #version = 1;
  #updatedAt: number;
  #stopCode?: string;
  #stoppedReason?: string;
  #exitCode?: number;
  #containerReason?: string;
  #running?: RunningJob;
  readonly #times: Times;
  readonly #attachmentId: string;
  readonly #containerArns: ReadonlyMap<string, string>;
  readonly #cloud: Cloud;
  readonly #options: TaskOptions;

  constructor(cloud: Cloud, options: TaskOptions) {
    this.#cloud = cloud;
    this.#options = options;
    this.arn = options.arn;
    this.#updatedAt = cloud.clock.now();
    this.#times = { createdAt: this.#updatedAt };
    this.#attachmentId = uuid(cloud);
    const base = options.arn.replace(':task/', ':container/');
    this.#containerArns = new Map(options.definition.containers.map(({ name }) => [name, `${base}/${uuid(cloud)}`]));
  }

  start(jobs: Jobs): void {
    const { definition, overrides, id } = this.#options;
    this.#running = jobs.start({
      service: 'ecs',
      ref: definition.arn,
      id,
      args: this.#arguments(),
      roleArn: overrides.taskRoleArn ?? definition.taskRoleArn,
      graceMs: Math.max(...definition.containers.map(({ stopTimeout }) => stopTimeout)) * 1000,
      onStarting: () => this.#enter('PENDING', ['connectivityAt', 'pullStartedAt']),
      onRunning: () => this.#enter('RUNNING', ['pullStoppedAt', 'startedAt']),
    });
    jobs.track(
      this.arn,
      this.#running.ended.then((end) => this.#end(end)),
    );
    this.#emit();
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html: SIGTERM, and SIGKILL after the stop timeout. */
  stop(reason: string): void {
    if (this.#desired === 'STOPPED') return;
    this.#desired = 'STOPPED';
    this.#stopCode = 'UserInitiated';
    this.#stoppedReason = reason;
    this.#times.stoppingAt = this.#cloud.clock.now();
    this.#running?.stop();
  }

  describe() {
    const { definition, settings, overrides, clusterArn } = this.#options;
    const dates = Object.fromEntries(Object.entries(this.#times).map(([name, at]) => [name, new Date(at)]));
    const fargate = settings.launchType === 'FARGATE';
    return {
      attachments: this.#attachments(),
      attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
      availabilityZone: `${this.#cloud.region}a`,
      capacityProviderName: settings.capacityProviderStrategy?.[0]?.capacityProvider,
      clusterArn,
      ...(this.#times.connectivityAt !== undefined && { connectivity: 'CONNECTED' }),
      containers: definition.containers.map((container) => this.#container(container)),
      cpu: overrides.cpu ?? definition.cpu,
      ...dates,
      desiredStatus: this.#desired,
      enableExecuteCommand: settings.enableExecuteCommand ?? false,
      ...(fargate && { ephemeralStorage: { sizeInGiB: 20 } }),
      group: settings.group ?? `family:${definition.family}`,
      lastStatus: this.#status,
      launchType: settings.launchType ?? (settings.capacityProviderStrategy ? undefined : 'EC2'),
      memory: overrides.memory ?? definition.memory,
      overrides: { ...overrides, containerOverrides: overrides.containerOverrides ?? this.#noOverrides() },
      ...(fargate && { platformVersion: settings.platformVersion ?? '1.4.0', platformFamily: 'Linux' }),
      startedBy: settings.startedBy,
      stopCode: this.#stopCode,
      stoppedReason: this.#stoppedReason,
      tags: settings.tags ?? [],
      taskArn: this.arn,
      taskDefinitionArn: definition.arn,
      version: this.#version,
    };
  }

  #arguments(): EcsArguments {
    const { definition, overrides } = this.#options;
    const containers = Object.fromEntries(
      definition.containers.map((container): [string, ContainerArguments] => {
        const override = overrides.containerOverrides?.find(({ name }) => name === container.name);
        const environment = Object.fromEntries((override?.environment ?? []).map(({ name, value }) => [String(name), String(value)]));
        return [
          container.name,
          { command: override?.command ?? container.command, environment: { ...container.environment, ...environment } },
        ];
      }),
    );
    const main = definition.containers.find(({ essential }) => essential) ?? definition.containers[0];
    return { ...containers[main.name], containers };
  }

  #noOverrides(): ContainerOverride[] {
    return this.#options.definition.containers.map(({ name }) => ({ name }));
  }

  #container({ name, image, cpu, memory, memoryReservation }: ContainerDefinition) {
    return {
      containerArn: this.#containerArns.get(name),
      taskArn: this.arn,
      name,
      image,
      lastStatus: CONTAINER_STATUS[this.#status],
      exitCode: this.#exitCode,
      reason: this.#containerReason,
      networkBindings: [],
      networkInterfaces: [],
      cpu: String(cpu),
      memory: memory === undefined ? undefined : String(memory),
      memoryReservation: memoryReservation === undefined ? undefined : String(memoryReservation),
    };
  }

  #attachments() {
    const subnet = this.#options.settings.networkConfiguration?.awsvpcConfiguration?.subnets[0];
    if (subnet === undefined) return [];
    return [
      {
        id: this.#attachmentId,
        type: this.#status === 'PROVISIONING' ? 'ElasticNetworkInterface' : 'eni',
        status: ATTACHMENT_STATUS[this.#status],
        details: [{ name: 'subnetId', value: subnet }],
      },
    ];
  }

  #end(end: JobEnd): void {
    const failure = end.status === 'failed' ? end.error : undefined;
    this.#exitCode = end.status === 'succeeded' ? 0 : end.exitCode;
    this.#containerReason = failure?.reason;
    if (this.#desired === 'RUNNING') {
      this.#desired = 'STOPPED';
      this.#stopCode = 'EssentialContainerExited';
      this.#stoppedReason = failure?.statusReason ?? EXITED;
      this.#times.stoppingAt = this.#cloud.clock.now();
    }
    this.#enter('DEPROVISIONING', ['executionStoppedAt']);
    this.#enter('STOPPED', ['stoppedAt']);
  }

  #enter(status: TaskStatus, times: readonly (keyof Times)[]): void {
    this.#status = status;
    this.#version += 1;
    this.#updatedAt = this.#cloud.clock.now();
    for (const time of times) this.#times[time] = this.#updatedAt;
    this.#emit();
  }

  /** Times are ISO strings: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
  #emit(): void {
    const { tags: _tags, ...described } = this.describe();
    const detail = JSON.parse(JSON.stringify({ ...described, updatedAt: new Date(this.#updatedAt) })) as Json;
    this.#cloud.emit({ source: 'aws.ecs', 'detail-type': 'ECS Task State Change', resources: [this.arn], detail });
  }
}
