import type { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What runs jobs: Lambda, Glue, ECS. Each has a file of its own, which gives one of these. */
export interface JobAdapter {
  /** How long the state waits for the end. */
  readonly timeout: Duration;
  /** Errors that pass by themselves. */
  readonly retries: readonly sfn.RetryProps[];
  /** JSONata over `$states.result`: what the outcome says of a job that succeeded, an object. */
  readonly outcome: string;
  /** JSONata over `$e`, an error with its cause: `{ status: "FAILED" | "TIMED_OUT" | "STOPPED", reason, run? }`. Not asked about `States.Timeout`. */
  readonly failure: string;
  /** The one state. */
  task(scope: Construct, id: string, outputs: string): sfn.TaskStateBase;
}

/** JSONata for what a pattern with one group finds first in the cause. By pattern, since a long cause is cut off and no JSON then. */
export function found(pattern: string): string {
  return `$match($e.Cause, /${pattern}/)[0].groups[0]`;
}

/** JSONata for a text of the cause, which is JSON. JSONata takes a bracket after a backslash for one that is meant, so `\\\\` never stands before one. */
export function textOf(field: string): string {
  return `( $t := ${found(`"${field}":"((?:[^\\\\"]|\\\\.)*)"`)}; $exists($t) ? $parse('"' & $t & '"') )`;
}
