/** `{"batchItemFailures": [{"itemIdentifier": "…"}]}`, what a function says of a batch that it did in part. */
import type { InvocationResult } from '../../../functions/types';

/**
 * The items that failed. Undefined stands for all of them: the function failed, or said something that Lambda can't make sense of.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#sqs-batchfailurereporting-conditions
 */
export function failedItems(result: InvocationResult, reported: boolean, identifiers: readonly string[]): ReadonlySet<string> | undefined {
  if (result.functionError) return undefined;
  if (!reported) return new Set();
  const failures = JSON.parse(result.payload)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return undefined;
  const failed = failures.map((failure) => failure?.itemIdentifier);
  return failed.every((identifier) => identifiers.includes(identifier)) ? new Set(failed) : undefined;
}
