import { ApiError } from '../cloud-types';

/**
 * Work that nobody waits for: a delivery, an asynchronous invocation. What AWS refuses is in the record of calls already; a failure
 * of the runner itself is thrown where nothing can swallow it.
 */
export function inBackground(work: Promise<unknown>): void {
  work.catch((error) => {
    if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
  });
}
