import { Duration, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { expressionText, isJsonata } from '../../asl/jsonata';
import { TransientRetry } from '../../core/transient-retry';

/** One attempt of a task that reads or writes one row. */
export const ROW_TIMEOUT = sfn.Timeout.duration(Duration.seconds(15));

/** Each task on a row may be done twice: that nobody knows whether it was done is no reason to stop. */
export const ROW_RETRY: sfn.RetryProps = {
  ...TransientRetry.forDynamoDb(),
  errors: [...(TransientRetry.forDynamoDb().errors ?? []), 'States.Timeout'],
};

export const CONDITION_FAILED = 'DynamoDB.ConditionalCheckFailedException';

/** JSONata for an item's name. */
export function keyExpression(key: string): string {
  return isJsonata(key) ? `$string(${expressionText(key)})` : JSON.stringify(key);
}

/** @throws if it can't be a name */
export function assertKey(key: string): void {
  if (key !== '' && (isJsonata(key) || Buffer.byteLength(key) <= 2048)) return;
  throw new Error('key is empty or too long: give a text of 1 to 2,048 bytes, or JSONata');
}

/** The primary key of a row. @param key JSONata */
export function rowKey(key: string, step: string): { [attribute: string]: tasks.DynamoAttributeValue } {
  return { key: tasks.DynamoAttributeValue.fromString(`{% ${key} %}`), step: tasks.DynamoAttributeValue.fromString(step) };
}

/** JSONata for what a row says, from GetItem's result. */
export const ROW =
  '( $item := $states.result.Item; { "status": $exists($item) ? $item.status.S : "NONE", "result": $exists($item.result) ? $parse($item.result.S).value, "error": $item.error.S, ' +
  '"cause": $item.cause.S, "execution": $item.execution.S, "attempt": $item.attempt.S, "attempts": $number($item.attempts.N), ' +
  '"startedAt": $item.startedAt.S, "finishedAt": $item.finishedAt.S } )';
