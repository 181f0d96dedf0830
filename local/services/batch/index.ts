/** AWS Batch: jobs of one container. Source: https://docs.aws.amazon.com/batch/latest/APIReference/ */
import { type AccessRequest, ApiError, type Cloud, type Service } from '../../cloud-types';
import { notImplemented } from '../errors';
import { arn, uuid } from '../identifiers';
import type { Jobs } from '../jobs';
import { BatchJob } from './job';
import { type JobDefinition, jobDefinition, type KeyValue } from './job-definition';

interface SubmitInput {
  readonly jobName: string;
  readonly jobQueue: string;
  readonly jobDefinition: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly containerOverrides?: {
    readonly command?: readonly string[];
    readonly environment?: readonly KeyValue[];
    readonly resourceRequirements?: readonly { readonly type: string; readonly value: string }[];
  };
  readonly retryStrategy?: { readonly attempts?: number; readonly evaluateOnExit?: JobDefinition['retryStrategy']['evaluateOnExit'] };
  readonly timeout?: { readonly attemptDurationSeconds?: number };
  readonly tags?: Readonly<Record<string, string>>;
  readonly propagateTags?: boolean;
}

/** What is refused loudly rather than left out. */
const UNSUPPORTED = ['arrayProperties', 'dependsOn', 'nodeOverrides', 'eksPropertiesOverride', 'ecsPropertiesOverride'];

export function createBatch(cloud: Cloud, jobs: Jobs): Service {
  const definitions: JobDefinition[] = [];
  /** By ARN. */
  const queues = new Set<string>();
  const submitted = new Map<string, BatchJob>();

  const definitionOf = (reference: string): JobDefinition | undefined => {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return definitions.findLast((one) => name === one.name || name === `${one.name}:${one.revision}`);
  };
  const arnOf = (kind: string, reference: string): string =>
    reference.startsWith('arn:') ? reference : arn(cloud, 'batch', `${kind}/${reference}`);
  const jobArn = (id: string): string => arn(cloud, 'batch', `job/${id}`);

  /** As Batch words what it refuses. */
  function refuse(message: string): never {
    throw new ApiError('ClientException', `Error executing request, Exception : ${message}, RequestId: ${uuid(cloud)}`);
  }

  function submit(input: SubmitInput) {
    const queue = arnOf('job-queue', input.jobQueue);
    if (!/^[A-Za-z0-9][\w-]{0,127}$/.test(input.jobName))
      refuse(`Job name should match valid pattern: a letter or digit, then up to 127 letters, digits, - and _ (it is '${input.jobName}')`);
    if (!queues.has(queue)) refuse(`JobQueue ${input.jobQueue} not found`);
    const definition = definitionOf(input.jobDefinition) ?? refuse(`JobDefinition ${input.jobDefinition} not found`);
    const unsupported = UNSUPPORTED.find((member) => (input as unknown as Record<string, unknown>)[member] !== undefined);
    if (unsupported) throw notImplemented(`batch:SubmitJob with ${unsupported}`);
    if (definition.unsupported) throw notImplemented(`${definition.unsupported} (job definition ${definition.name})`);

    const attempts = input.retryStrategy?.attempts ?? definition.retryStrategy.attempts;
    if (!(attempts >= 1 && attempts <= 10)) refuse(`RetryStrategy attempts ${attempts} is not allowed: 1 to 10`);
    const timeoutSeconds = input.timeout?.attemptDurationSeconds ?? definition.timeoutSeconds;
    // https://docs.aws.amazon.com/batch/latest/userguide/job_timeouts.html
    if (timeoutSeconds !== undefined && timeoutSeconds < 60)
      refuse(`Timeout attemptDurationSeconds ${timeoutSeconds} is not allowed: 60 or more`);

    const { container } = definition;
    const overrides = input.containerOverrides ?? {};
    const id = uuid(cloud);
    const job = new BatchJob(cloud, {
      id,
      arn: jobArn(id),
      name: input.jobName,
      queue,
      definition,
      parameters: { ...definition.parameters, ...input.parameters },
      container: {
        ...container,
        command: overrides.command?.length ? overrides.command : container.command,
        environment: merged(container.environment, overrides.environment ?? [], ({ name }) => name),
        resourceRequirements: merged(container.resourceRequirements, overrides.resourceRequirements ?? [], ({ type }) => type),
      },
      retryStrategy: { attempts, evaluateOnExit: input.retryStrategy?.evaluateOnExit ?? definition.retryStrategy.evaluateOnExit },
      timeoutSeconds,
      tags: input.tags ?? {},
      propagateTags: input.propagateTags ?? definition.propagateTags,
    });
    job.start(jobs);
    submitted.set(id, job);
    return { jobArn: jobArn(id), jobName: input.jobName, jobId: id };
  }

  const onEverything = (action: string) => (): AccessRequest[] => [{ action: `batch:${action}`, resource: '*' }];

  return {
    name: 'batch',
    operations: {
      SubmitJob: {
        // Both: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html
        access: (input: SubmitInput) => [
          {
            action: 'batch:SubmitJob',
            resource: definitionOf(input.jobDefinition)?.arn ?? arnOf('job-definition', input.jobDefinition),
          },
          { action: 'batch:SubmitJob', resource: arnOf('job-queue', input.jobQueue) },
        ],
        run: submit,
      },
      DescribeJobs: {
        access: onEverything('DescribeJobs'),
        run: (input: { jobs: readonly string[] }) => ({ jobs: input.jobs.flatMap((id) => submitted.get(idOf(id))?.describe() ?? []) }),
      },
      TerminateJob: {
        access: (input: { jobId: string }) => [{ action: 'batch:TerminateJob', resource: jobArn(idOf(input.jobId)) }],
        run(input: { jobId: string; reason: string }) {
          submitted.get(idOf(input.jobId))?.terminate(input.reason);
          return {};
        },
      },
    },
    resources: {
      'AWS::Batch::ComputeEnvironment': {
        create({ properties, physicalName }) {
          const ref = arn(cloud, 'batch', `compute-environment/${properties.ComputeEnvironmentName ?? physicalName(128)}`);
          return { ref, attributes: { ComputeEnvironmentArn: ref } };
        },
      },
      'AWS::Batch::SchedulingPolicy': {
        create({ properties, physicalName }) {
          const ref = arn(cloud, 'batch', `scheduling-policy/${properties.Name ?? physicalName(128)}`);
          return { ref, attributes: { Arn: ref } };
        },
      },
      'AWS::Batch::JobQueue': {
        create({ properties, physicalName }) {
          const ref = arn(cloud, 'batch', `job-queue/${properties.JobQueueName ?? physicalName(128)}`);
          queues.add(ref);
          return { ref, attributes: { JobQueueArn: ref } };
        },
      },
      'AWS::Batch::JobDefinition': {
        create({ properties, path, logicalId, physicalName }) {
          const name: string = properties.JobDefinitionName ?? physicalName(128);
          const revision = definitions.filter((one) => one.name === name).length + 1;
          const ref = arn(cloud, 'batch', `job-definition/${name}:${revision}`);
          definitions.push(jobDefinition(properties, { arn: ref, name, revision }));
          jobs.deploy({ service: 'batch', ref, name, path: path ?? logicalId });
          return { ref, attributes: { JobDefinitionArn: ref } };
        },
      },
    },
  };
}

function idOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

/** What is given later stands for what has the same key. */
function merged<T>(base: readonly T[], over: readonly T[], key: (one: T) => string): T[] {
  return [...new Map([...base, ...over].map((one) => [key(one), one])).values()];
}
