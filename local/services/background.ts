import { ApiError } from '../cloud-types';
import { RuntimeDisposed } from '../functions/types';

/**
 * Work that nobody waits for: a delivery, an asynchronous invocation. What AWS refuses is in the record of calls already; a failure
 * of the runner itself is thrown where nothing can swallow it; what is on its way when a cloud is disposed of is nobody's failure.
 */
export function inBackground(work: Promise<unknown>): void {
  work.catch((error) => {
    if (error instanceof RuntimeDisposed) return;
    if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
  });
}
