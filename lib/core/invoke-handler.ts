import { type Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface HandlerCall {
  /** JSONata, as is `outputs`: without the braces. */
  readonly payload: string;
  readonly outputs: string;
  /** Longer than the function's own, whose time-out says more. */
  readonly timeout: Duration;
  readonly comment?: string;
}

/** A state that calls one of a workflow's own functions. What is tried again is up to the workflow. */
export function invokeHandler(
  scope: Construct,
  id: string,
  handler: lambda.IFunction,
  { payload, outputs, timeout, comment }: HandlerCall,
): tasks.LambdaInvoke {
  return tasks.LambdaInvoke.jsonata(scope, id, {
    comment,
    lambdaFunction: handler,
    payload: sfn.TaskInput.fromText(`{% ${payload} %}`),
    taskTimeout: sfn.Timeout.duration(timeout),
    retryOnServiceExceptions: false,
    outputs: `{% ${outputs} %}`,
  });
}
