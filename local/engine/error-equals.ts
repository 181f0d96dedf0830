import { ErrorName } from '../../lib/asl/error-names';
import type { StateFailure } from './errors';

/** Whether a retrier's or a catcher's `ErrorEquals` means this failure. */
export function matches(errorEquals: readonly string[], failure: StateFailure): boolean {
  return errorEquals.some((name) => {
    if (name === failure.error || name === ErrorName.ALL) return true;
    if (name === ErrorName.TASK_FAILED) return failure.error !== ErrorName.TIMEOUT;
    return failure.aliases.includes(name);
  });
}
