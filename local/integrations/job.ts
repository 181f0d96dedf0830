/** What `.sync` does with the job that it started: how it stops it, how it learns of its end, what of it is the task's output. */
import type { Json } from '../cloud-types';

type Members = Readonly<Record<string, Json>>;

/** One call, its input in the API's own names. */
interface JobCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Job {
  /** What the service knows it by. Its answer to the start has the Java names. */
  id(started: Members): string;
  /** Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync */
  stop(started: Members): JobCall;
  describe(started: Members): JobCall;
  /**
   * Whether the role must be allowed to describe the job. Not where the event tells enough: CDK's `BatchSubmitJob` grants no
   * `batch:DescribeJobs`, and works.
   */
  readonly describedByRole: boolean;
  /** The task's output, or the cause of its failure, out of the description. */
  result(description: Members): Members;
  succeeded(result: Members): boolean;
  /** `.sync:2`: members that are JSON text. */
  readonly jsonMembers?: readonly string[];
}

const listed = (description: Members, member: string): Members => (description[member] as unknown as readonly Members[])[0];

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
export const NESTED_EXECUTION: Job = {
  id: ({ ExecutionArn }) => String(ExecutionArn),
  stop: ({ ExecutionArn }) => ({ operation: 'StopExecution', input: { executionArn: ExecutionArn } }),
  describe: ({ ExecutionArn }) => ({ operation: 'DescribeExecution', input: { executionArn: ExecutionArn } }),
  describedByRole: true,
  // From recorded executions: nothing about redrives.
  result: (execution) => Object.fromEntries(Object.entries(execution).filter(([name]) => !name.startsWith('Redrive'))),
  succeeded: ({ Status }) => Status === 'SUCCEEDED',
  jsonMembers: ['Input', 'Output'],
};

/** Glue has no rule: its runs are asked for. What AWS makes of a run that somebody stopped isn't documented; it is no success here. */
export const GLUE_JOB_RUN: Job = {
  id: ({ JobRunId }) => String(JobRunId),
  stop: ({ JobName, JobRunId }) => ({ operation: 'BatchStopJobRun', input: { JobName, JobRunIds: [JobRunId] } }),
  describe: ({ JobName, JobRunId }) => ({ operation: 'GetJobRun', input: { JobName, RunId: JobRunId } }),
  describedByRole: true,
  result: ({ JobRun }) => JobRun as unknown as Members,
  succeeded: ({ JobRunState }) => JobRunState === 'SUCCEEDED',
};

/** A task has succeeded when it ended by itself and all its containers with exit code 0. */
export const ECS_TASK: Job = {
  id: (started) => String(listed(started, 'Tasks').TaskArn),
  stop: (started) => {
    const { ClusterArn, TaskArn } = listed(started, 'Tasks');
    return { operation: 'StopTask', input: { cluster: ClusterArn, task: TaskArn, reason: STOPPED } };
  },
  describe: (started) => {
    const { ClusterArn, TaskArn } = listed(started, 'Tasks');
    return { operation: 'DescribeTasks', input: { cluster: ClusterArn, tasks: [TaskArn] } };
  },
  describedByRole: true,
  result: (description) => listed(description, 'Tasks'),
  succeeded: ({ StopCode, Containers }) =>
    StopCode === 'EssentialContainerExited' && (Containers as unknown as readonly Members[]).every(({ ExitCode }) => ExitCode === 0),
};

export const BATCH_JOB: Job = {
  id: ({ JobId }) => String(JobId),
  stop: ({ JobId }) => ({ operation: 'TerminateJob', input: { jobId: JobId, reason: STOPPED } }),
  describe: ({ JobId }) => ({ operation: 'DescribeJobs', input: { jobs: [JobId] } }),
  describedByRole: false,
  result: (description) => listed(description, 'Jobs'),
  succeeded: ({ Status }) => Status === 'SUCCEEDED',
};

export const BUILD: Job = {
  id: ({ Build }) => String((Build as unknown as Members).Id),
  stop: ({ Build }) => ({ operation: 'StopBuild', input: { id: (Build as unknown as Members).Id } }),
  describe: ({ Build }) => ({ operation: 'BatchGetBuilds', input: { ids: [(Build as unknown as Members).Id] } }),
  describedByRole: true,
  result: (description) => ({ Build: listed(description, 'Builds') }),
  succeeded: ({ Build }) => (Build as unknown as Members).BuildStatus === 'SUCCEEDED',
};

const STOPPED = 'Stopped by AWS Step Functions';
