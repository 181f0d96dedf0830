import { ObjectCheckFailed } from './check-failed';
import type { Waiter } from './waiter';

/** So many at once, that neither S3 nor Step Functions is flooded. */
const AT_ONCE = 10;

/**
 * Does something for everybody, whoever fails.
 * @throws ObjectCheckFailed at the end, if it did for somebody: it is done again by a retry, or by the next sweep
 */
export async function each(pages: AsyncIterable<readonly Waiter[]>, act: (waiter: Waiter) => Promise<unknown>): Promise<void> {
  let all = 0;
  let failed = 0;
  for await (const page of pages) {
    all += page.length;
    for (let i = 0; i < page.length; i += AT_ONCE) {
      const done = await Promise.allSettled(page.slice(i, i + AT_ONCE).map(act));
      for (const [index, result] of done.entries()) {
        if (result.status === 'fulfilled') continue;
        failed += 1;
        // The name only: messages may quote the token.
        console.error(JSON.stringify({ level: 'ERROR', waiterId: page[i + index].waiterId, error: (result.reason as Error).name }));
      }
    }
  }
  if (failed > 0) throw new ObjectCheckFailed(`it could not be found out for ${failed} of ${all} who wait`);
}
