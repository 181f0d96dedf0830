import { type Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { TransientRetry } from '../../core/transient-retry';
import { type JobAdapter, textOf } from './job-adapter';

/** How a Lambda function runs as a job. */
export interface InvokeJobProps {
  /** How long one attempt may take. */
  readonly timeout: Duration;
  /** What the function is given: JSONata, for example `{% { "key": $states.input.object.key } %}`. @default - the state's input */
  readonly payload?: string;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
export function invokeJob(handler: lambda.IFunction, { timeout, payload = '{% $states.input %}' }: InvokeJobProps): JobAdapter {
  return {
    timeout,
    // That it was cut off is how a job ends: `JobTimedOut`, or in a larger place.
    retries: [TransientRetry.forLambdaService()],
    outcome: '{ "output": $states.result.Payload }',
    failure:
      '{ "status": $e.Error = "Sandbox.Timedout" or $contains($string($e.Cause), "Task timed out after") ? "TIMED_OUT" : "FAILED", ' +
      `"reason": $e.Error & ": " & ( $m := ${textOf('errorMessage')}; $exists($m) ? $m : $e.Cause ) }`,
    task: (scope, id, outputs) =>
      tasks.LambdaInvoke.jsonata(scope, id, {
        lambdaFunction: handler,
        payload: sfn.TaskInput.fromText(payload),
        taskTimeout: sfn.Timeout.duration(timeout),
        retryOnServiceExceptions: false,
        outputs,
      }),
  };
}
