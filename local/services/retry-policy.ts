/** How EventBridge's rules and schedules go about a target that doesn't take what it is sent. */
import type { Clock } from '../clock';
import { ApiError } from '../cloud-types';

/** As rules, schedules and CloudFormation write it. */
export interface RetryPolicy {
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
}

export interface GivenUp {
  readonly error: ApiError;
  /** How many retries there were. */
  readonly retries: number;
  /** Undefined where a retry could not have helped. */
  readonly exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

/** 24 hours and up to 185 times: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const MAX_ATTEMPTS = 185;
const MAX_AGE_S = 86_400;
/** The page gives no numbers for its "exponential back off and jitter". */
const [FIRST_DELAY_S, LONGEST_DELAY_S] = [1, 600];

/** Undefined when it was delivered in the end. @param send with the number of the attempt, from 1 */
export async function withRetries(
  clock: Clock,
  policy: RetryPolicy | undefined,
  send: (attempt: number) => Promise<void>,
): Promise<GivenUp | undefined> {
  const { MaximumRetryAttempts: most = MAX_ATTEMPTS, MaximumEventAgeInSeconds: age = MAX_AGE_S } = policy ?? {};
  const start = clock.now();
  for (let retries = 0; ; retries++) {
    try {
      await send(retries + 1);
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
      const next = clock.now() + Math.min(FIRST_DELAY_S * 2 ** retries, LONGEST_DELAY_S) * 1000;
      const exhausted = retries >= most ? 'MaximumRetryAttempts' : next > start + age * 1000 ? 'MaximumEventAgeInSeconds' : undefined;
      if (!mayPass(error) || exhausted) return { error, retries, exhausted };
      await clock.sleepUntil(next);
    }
  }
}

/** Missing permissions and missing targets stay missing: they are not tried again. */
function mayPass(error: ApiError): boolean {
  return error.statusCode >= 500 || error.statusCode === 429 || /Throttl|TooManyRequests|LimitExceeded/.test(error.code);
}
