/** S3, DynamoDB or Step Functions could not be asked. It may pass by itself. */
export class ObjectCheckFailed extends Error {
  override readonly name = 'ObjectCheckFailed';
}

/** By name, as the SDK has them: each service has its own. */
const PASSING = /Throttl|SlowDown|TooManyRequests|ThroughputExceeded|RequestLimitExceeded|Timeout|InternalError|ServiceUnavailable/;

/** What may leave the function for an error: named after whether it passes, and without the token, which messages of AWS may quote. */
export function withoutToken(error: unknown, taskToken: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error('no message');
  const text = typeof taskToken === 'string' && taskToken !== '' ? message.replaceAll(taskToken, '[hidden]') : message;
  const safe = passes(error) ? new ObjectCheckFailed(`${name}: ${text}`) : Object.assign(new Error(text), { name });
  safe.stack = `${safe.name}: ${safe.message}`;
  return safe;
}

function passes(error: unknown): boolean {
  const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  // Without a status nothing was heard of the service at all.
  return $metadata !== undefined && (PASSING.test(name) || ($metadata.httpStatusCode ?? 500) >= 500);
}
