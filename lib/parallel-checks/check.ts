import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TransientRetry } from '../core/transient-retry';

/** How a check is carried out. */
export interface CheckOptions {
  /** How long each attempt may take. @default Duration.seconds(30) */
  readonly timeout?: Duration;
}

/**
 * A check of `ParallelChecks`.
 *
 * It is given the workflow's input and answers with an object: `flagged` (boolean, required), `reason` (text, shown to a person),
 * `score` (number, for `CheckRule.totalScore`). Whatever else it answers is left out of the state.
 */
export class Check {
  /** A Lambda function checks. Pass an alias or a version, so that running executions are not cut off by a deployment. */
  public static invoke(handler: lambda.IFunction, options: CheckOptions = {}): Check {
    return new Check(handler, options.timeout ?? Duration.seconds(30));
  }

  private constructor(
    private readonly handler: lambda.IFunction,
    private readonly timeout: Duration,
  ) {}

  /**
   * A fresh state that carries the check out. An answer without a boolean `flagged` is an error like any other.
   * @internal
   */
  public _task(scope: Construct, id: string): sfn.TaskStateBase {
    const task = tasks.LambdaInvoke.jsonata(scope, id, {
      lambdaFunction: this.handler,
      payload: sfn.TaskInput.fromText('{% $states.input %}'),
      taskTimeout: sfn.Timeout.duration(this.timeout),
      retryOnServiceExceptions: false,
      outputs:
        '{% ( $answer := $states.result.Payload; $type($answer.flagged) = "boolean"' +
        ' ? { "flagged": $answer.flagged, "reason": $answer.reason, "score": $answer.score }' +
        ' : $error("the check answered without a boolean `flagged`") ) %}',
    });
    // Whether somebody’s check may be done twice is not known here.
    return task.addRetry(TransientRetry.forLambdaService());
  }
}
