/** AWS Glue: jobs and their runs. Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html */
import { type AccessRequest, ApiError, type Cloud, type Service } from '../../cloud-types';
import { notImplemented } from '../errors';
import { arn, digits, isTrue } from '../identifiers';
import type { Jobs } from '../jobs';
import { page } from '../paging';
import { JobRun, type RunSettings } from './job-run';

interface GlueJob {
  readonly name: string;
  readonly role?: string;
  readonly defaultArguments: Readonly<Record<string, string>>;
  readonly maxConcurrentRuns: number;
  /** What the local cloud can't do of it. */
  readonly unsupported?: string;
  readonly settings: RunSettings;
  /** Newest first. */
  readonly runs: JobRun[];
}

interface StartInput {
  readonly JobName: string;
  readonly JobRunId?: string;
  readonly Arguments?: Readonly<Record<string, string>>;
  readonly Timeout?: number;
  readonly MaxCapacity?: number;
  readonly WorkerType?: string;
  readonly NumberOfWorkers?: number;
  readonly NotificationProperty?: { readonly NotifyDelayAfter?: number };
  readonly JobRunQueuingEnabled?: boolean;
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html: 2,880 minutes unless the job says otherwise, 7 days at most. */
const DEFAULT_TIMEOUT_MINUTES = 2880;
const MAX_TIMEOUT_MINUTES = 10_080;

export function createGlue(cloud: Cloud, jobs: Jobs): Service {
  const deployed = new Map<string, GlueJob>();
  const onJob =
    (action: string) =>
    ({ JobName }: { JobName: string }): AccessRequest[] => [{ action: `glue:${action}`, resource: arn(cloud, 'glue', `job/${JobName}`) }];

  function find(name: string): GlueJob {
    const job = deployed.get(name);
    if (!job) throw new ApiError('EntityNotFoundException', `Entity not found: the job ${name} does not exist`);
    return job;
  }

  function findRun({ JobName, RunId }: { JobName: string; RunId: string }): JobRun {
    const run = deployed.get(JobName)?.runs.find(({ id }) => id === RunId);
    if (!run) throw new ApiError('EntityNotFoundException', `Job Run ${RunId} of the job ${JobName} is not found`);
    return run;
  }

  function start(input: StartInput) {
    const job = find(input.JobName);
    if (job.unsupported) throw notImplemented(`${job.unsupported} (job ${job.name})`);
    if (input.JobRunId !== undefined) throw notImplemented('glue:StartJobRun with the JobRunId of a run to retry');
    if (input.JobRunQueuingEnabled) throw notImplemented("Glue's queue of job runs (JobRunQueuingEnabled)");
    const timeout = input.Timeout ?? job.settings.timeoutMinutes;
    if (!(timeout >= 1 && timeout <= MAX_TIMEOUT_MINUTES)) {
      throw new ApiError('InvalidInputException', `Timeout ${timeout} is not allowed: 1 to ${MAX_TIMEOUT_MINUTES} minutes.`);
    }
    if (job.runs.filter((run) => run.active).length >= job.maxConcurrentRuns) {
      throw new ApiError('ConcurrentRunsExceededException', `Concurrent runs exceeded for ${job.name}`);
    }
    const run = new JobRun(cloud, `jr_${digits(cloud, 64)}`, job.name, input.Arguments ?? {}, {
      ...job.settings,
      timeoutMinutes: timeout,
      notifyDelayAfter: input.NotificationProperty?.NotifyDelayAfter ?? job.settings.notifyDelayAfter,
      maxCapacity: input.MaxCapacity ?? (input.NumberOfWorkers === undefined ? job.settings.maxCapacity : undefined),
      workerType: input.WorkerType ?? job.settings.workerType,
      numberOfWorkers: input.NumberOfWorkers ?? job.settings.numberOfWorkers,
    });
    run.start(jobs, { ref: job.name, roleArn: job.role, args: { ...job.defaultArguments, ...input.Arguments } });
    job.runs.unshift(run);
    return { JobRunId: run.id };
  }

  return {
    name: 'glue',
    operations: {
      StartJobRun: { access: onJob('StartJobRun'), run: start },
      GetJobRun: {
        access: onJob('GetJobRun'),
        run: (input: { JobName: string; RunId: string }) => ({ JobRun: findRun(input).describe() }),
      },
      GetJobRuns: {
        access: onJob('GetJobRuns'),
        run(input: { JobName: string; MaxResults?: number; NextToken?: string }) {
          const { items, nextToken } = page(find(input.JobName).runs, input.MaxResults ?? 200, input.NextToken);
          return { JobRuns: items.map((run) => run.describe()), NextToken: nextToken };
        },
      },
      BatchStopJobRun: {
        access: onJob('BatchStopJobRun'),
        run({ JobName, JobRunIds }: { JobName: string; JobRunIds: readonly string[] }) {
          const outcomes = JobRunIds.map((id) => stopRun(deployed.get(JobName), JobName, id));
          return {
            SuccessfulSubmissions: outcomes.filter((outcome) => !outcome.ErrorDetail),
            Errors: outcomes.filter((outcome) => outcome.ErrorDetail),
          };
        },
      },
    },
    resources: {
      /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-glue-job.html */
      'AWS::Glue::Job': {
        create({ properties, logicalId, path, physicalName }) {
          const name: string = properties.Name ?? physicalName();
          deployed.set(name, {
            name,
            role: roleArn(cloud, properties.Role),
            defaultArguments: properties.DefaultArguments ?? {},
            maxConcurrentRuns: Number(properties.ExecutionProperty?.MaxConcurrentRuns ?? 1),
            unsupported: unsupportedPart(properties),
            settings: {
              timeoutMinutes: Number(properties.Timeout ?? DEFAULT_TIMEOUT_MINUTES),
              notifyDelayAfter: numberOf(properties.NotificationProperty?.NotifyDelayAfter),
              maxCapacity: numberOf(properties.MaxCapacity ?? properties.AllocatedCapacity),
              workerType: properties.WorkerType,
              numberOfWorkers: numberOf(properties.NumberOfWorkers),
              glueVersion: properties.GlueVersion,
            },
            runs: [],
          });
          jobs.deploy({ service: 'glue', ref: name, name, path: path ?? logicalId });
          return { ref: name };
        },
      },
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function unsupportedPart(properties: Record<string, any>): string | undefined {
  if (Number(properties.MaxRetries ?? 0) > 0) return "Glue's own retries (MaxRetries)";
  if (isTrue(properties.JobRunQueuingEnabled)) return "Glue's queue of job runs (JobRunQueuingEnabled)";
  return undefined;
}

interface StopOutcome {
  readonly JobName: string;
  readonly JobRunId: string;
  readonly ErrorDetail?: { readonly ErrorCode: string; readonly ErrorMessage: string };
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html */
function stopRun(job: GlueJob | undefined, JobName: string, JobRunId: string): StopOutcome {
  const run = job?.runs.find(({ id }) => id === JobRunId);
  const refused = (ErrorCode: string, ErrorMessage: string) => ({ JobName, JobRunId, ErrorDetail: { ErrorCode, ErrorMessage } });
  if (!run) return refused('EntityNotFoundException', `Job Run ${JobRunId} of the job ${JobName} is not found`);
  if (!run.active) return refused('InvalidInputException', `Job Run ${JobRunId} is in the state ${run.state}`);
  run.stop();
  return { JobName, JobRunId };
}

/** A role's name, with or without its path, or its ARN. */
function roleArn(cloud: Cloud, role: string | undefined): string | undefined {
  return role === undefined || role.startsWith('arn:') ? role : `arn:${cloud.partition}:iam::${cloud.accountId}:role/${role}`;
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
