import type { aws_glue as glue, aws_lambda as lambda, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type EcsJobProps, ecsJob } from './ecs-job';
import { type GlueJobProps, glueJob } from './glue-job';
import { type InvokeJobProps, invokeJob } from './invoke-job';
import type { JobAdapter } from './job-adapter';
import { JobStep } from './job-step';
import type { JobStepProps } from './job-step-props';

/**
 * Work that has an end, whatever service does it. What it is given stands in the job as JSONata over the state that it will find; how it
 * ends is told in one form. `Job` makes them; one of your own keeps the contract of `step`.
 */
export interface IJob {
  /**
   * Fresh steps that run the job and wait for its end. What follows them (`.next`) is reached by success only.
   *
   * - Input: an object.
   * - Output: the input with the outcome under `outcomeField`: `{ status: "SUCCEEDED", output?, run?, seconds? }`. `output` is what a
   *   function answered, `run` the service's id of the run, `seconds` how long it took, as far as the service tells.
   * - Errors, without `onFailed`: those of `JobError`, with the reason as the cause. With `onFailed` its steps get the input with
   *   `{ status: "FAILED" | "TIMED_OUT" | "STOPPED", error, reason, run? }` under `outcomeField`; `error` is of `JobError`.
   *
   * @param scope where the states are made
   * @param id name of the state that runs the job, unique in the state machine
   */
  step(scope: Construct, id: string, props?: JobStepProps): sfn.StateMachineFragment;
}

/**
 * Runs jobs in AWS services: one state each, which starts the job and waits for its end (`.sync` where AWS has it), within a time limit.
 * Errors that pass by themselves are tried again, with jitter and a cap; a job that failed is not. When the execution is stopped, Step
 * Functions stops the job, as far as it can. A start whose answer is lost is tried again, so a job may run twice: let it write where it
 * wrote before.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
 */
export class Job implements IJob {
  /** A Lambda function. Pass an alias or a version, so that running executions are not cut off by a deployment. */
  public static invoke(handler: lambda.IFunction, props: InvokeJobProps): Job {
    return new Job(invokeJob(handler, props));
  }

  /** A run of a Glue job. It takes the permissions on this job only. */
  public static glue(job: glue.IJobRef, props: GlueJobProps): Job {
    return new Job(glueJob(job, props));
  }

  /** A task on ECS, on Fargate where its definition allows it. */
  public static ecs(props: EcsJobProps): Job {
    return new Job(ecsJob(props));
  }

  private constructor(private readonly adapter: JobAdapter) {}

  public step(scope: Construct, id: string, props: JobStepProps = {}): sfn.StateMachineFragment {
    return new JobStep(scope, id, this.adapter, props);
  }
}
