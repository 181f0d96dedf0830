import { ErrorName } from '../../lib/asl/error-names';
import type { StateFailure } from './errors';

/** What States.TaskFailed does not mean. The second as measured by others: https://github.com/iwamot/sfnx/blob/main/src/sfnx/testing.py */
const NO_TASK_FAILURES: readonly (string | undefined)[] = [ErrorName.TIMEOUT, ErrorName.QUERY_EVALUATION];

/** Whether a retrier's or a catcher's `ErrorEquals` means this failure. */
export function matches(errorEquals: readonly string[], failure: StateFailure): boolean {
  return errorEquals.some((name) => {
    if (name === failure.error || name === ErrorName.ALL) return true;
    if (name === ErrorName.TASK_FAILED) return !NO_TASK_FAILURES.includes(failure.error);
    return failure.aliases.includes(name);
  });
}
