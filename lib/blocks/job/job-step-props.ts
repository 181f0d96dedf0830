import type { aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** One run of a job, as a step of a workflow. */
export interface JobStepProps {
  /** The field of the state that gets the outcome; a second step of the same name replaces it. @default "job" */
  readonly outcomeField?: string;
  /** What happens when the job does not succeed. The steps get the input with the outcome, whose `status` is not `SUCCEEDED`. @default - the run fails with the outcome's `error`, one of `JobError` */
  readonly onFailed?: sfn.IChainable;
}
