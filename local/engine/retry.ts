import type { Retrier } from '../../lib/asl/definition';
import { matches } from './error-equals';
import type { StateFailure } from './errors';
import type { Visit } from './visit';

/** The ASL specification's defaults. */
const DEFAULT = { intervalSeconds: 1, maxAttempts: 3, backoffRate: 2 };

/** The wait before the next attempt; undefined where there is none. Each retrier counts its own attempts. */
export function nextRetry(visit: Visit, failure: StateFailure, attempts: Map<object, number>): Promise<void> | undefined {
  const retrier = retriers(visit).find((r) => matches(r.ErrorEquals, failure));
  if (!retrier) return undefined;
  const attempt = attempts.get(retrier) ?? 0;
  if (attempt >= (retrier.MaxAttempts ?? DEFAULT.maxAttempts)) return undefined;
  attempts.set(retrier, attempt + 1);
  const { clock, random } = visit.branch.run.surroundings.options;
  const seconds = retryDelay(retrier, attempt, random);
  return visit.branch.wait(clock.sleepUntil(clock.now() + seconds * 1000, visit.branch.signal));
}

export function retriers(visit: Visit): readonly Retrier[] {
  return ('Retry' in visit.state && visit.state.Retry) || [];
}

/**
 * Seconds before attempt number `attempt` (from 0) is made again.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
export function retryDelay(retrier: Retrier, attempt: number, random: () => number): number {
  const interval = (retrier.IntervalSeconds ?? DEFAULT.intervalSeconds) * (retrier.BackoffRate ?? DEFAULT.backoffRate) ** attempt;
  const capped = Math.min(interval, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return retrier.JitterStrategy === 'FULL' ? capped * random() : capped;
}
