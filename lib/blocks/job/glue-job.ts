import { Duration, type aws_glue as glue, aws_iam as iam, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { TransientRetry } from '../../core/transient-retry';
import { found, type JobAdapter, textOf } from './job-adapter';
import { RunJobTask } from './run-job-task';

/** How a Glue job runs. */
export interface GlueJobProps {
  /** How long a run may take: whole minutes. It becomes the run's own time limit, so that it ends even if nobody stops it. */
  readonly timeout: Duration;
  /** Arguments over the job's defaults, by name with `--`: texts, or JSONata that gives one. @default - the job's defaults */
  readonly arguments?: { [name: string]: string };
}

/** A run waits for its resources before its time limit counts, and its end is noticed by asking. */
const START_AND_POLLING = Duration.minutes(10);
/** @see https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html `Timeout` */
const LONGEST_MINUTES = 7 * 24 * 60;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html */
export function glueJob({ jobRef }: glue.IJobRef, { timeout, arguments: given }: GlueJobProps): JobAdapter {
  const seconds = timeout.toSeconds();
  if (seconds % 60 !== 0 || seconds < 60 || seconds > LONGEST_MINUTES * 60) {
    throw new Error(`timeout of a Glue job is ${timeout.toHumanString()}: give whole minutes, from 1 to ${LONGEST_MINUTES}`);
  }
  const wrong = Object.keys(given ?? {}).filter((name) => !name.startsWith('--'));
  if (wrong.length > 0) throw new Error(`the Glue arguments ${wrong.join(', ')} would not reach the script: their names begin with '--'`);
  const waits = timeout.plus(START_AND_POLLING);
  return {
    timeout: waits,
    retries: [
      {
        ...TransientRetry.forLambda(),
        // A throttled call is one of the first two, depending on the age of the model that Step Functions calls Glue with.
        errors: [
          'Glue.ThrottlingException',
          'Glue.AWSGlueException',
          'Glue.InternalServiceException',
          'Glue.OperationTimeoutException',
          'Glue.SdkClientException',
        ],
      },
      {
        // Others use the job, or the account's workers: an hour and a half at most.
        errors: ['Glue.ConcurrentRunsExceededException', 'Glue.ResourceNumberLimitExceededException'],
        interval: Duration.minutes(1),
        backoffRate: 2,
        maxAttempts: 12,
        maxDelay: Duration.minutes(10),
        jitterStrategy: sfn.JitterType.FULL,
      },
    ],
    // A run that somebody stopped: whether Step Functions takes it for a success is not documented, so it is looked at here.
    outcome:
      '$states.result.JobRunState = "SUCCEEDED" ? { "run": $states.result.Id, "seconds": $states.result.ExecutionTime } ' +
      `: $error('"JobRunState":"' & $states.result.JobRunState & '"')`,
    failure:
      `( $state := ${found('"JobRunState":"([A-Z]+)"')}; $message := ${textOf('ErrorMessage')}; ` +
      '{ "status": $state = "TIMEOUT" ? "TIMED_OUT" : $state in ["STOPPED", "STOPPING"] ? "STOPPED" : "FAILED", ' +
      '"reason": $exists($message) ? $message : $exists($state) ? "the job run ended in " & $state : $e.Error & ": " & $e.Cause, ' +
      `"run": ${found('"Id":"([^"]+)"')} } )`,
    task: (scope, id, outputs) =>
      new RunJobTask(scope, id, {
        action: 'glue:startJobRun',
        arguments: { JobName: jobRef.jobName, Timeout: timeout.toMinutes(), ...(given && { Arguments: given }) },
        statements: [
          new iam.PolicyStatement({
            actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
            resources: [Stack.of(scope).formatArn({ service: 'glue', resource: 'job', resourceName: jobRef.jobName })],
          }),
        ],
        timeout: waits,
        outputs,
      }),
  };
}
