/** `InvocationType: Event`. Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html and …/invocation-async-retain-records.html */
import type { Cloud } from '../../cloud-types';
import type { InvocationResult } from '../../functions/types';
import { deliver, stringAttributes } from '../delivery';
import type { AsyncConfig, LambdaFunction } from './functions';

/** 1 MB since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_ASYNC_PAYLOAD = 1_048_576;
/** "Lambda waits one minute before the first retry, and two minutes between the second and third attempts". */
const RETRY_DELAYS_MS = [60_000, 120_000];
const SIX_HOURS_S = 21_600;
/** A throttled event: "from 1 second after the first attempt to a maximum of 5 minutes". */
const THROTTLED_DELAY_MS = { first: 1_000, longest: 300_000 };

export interface AsyncInvocation {
  readonly fn: LambdaFunction;
  readonly version: string;
  /** As named by the caller: an alias has a configuration of its own. */
  readonly qualifier: string;
  readonly payload: string;
  readonly requestId: string;
  /** Undefined when it is throttled. */
  readonly invoke: () => Promise<InvocationResult | undefined>;
}

export async function invokeAsynchronously(cloud: Cloud, invocation: AsyncInvocation): Promise<void> {
  const { fn } = invocation;
  const config: AsyncConfig = fn.asyncConfigs.get(invocation.qualifier) ?? {};
  const deadline = cloud.clock.now() + (config.maximumEventAgeSeconds ?? SIX_HOURS_S) * 1000;
  const retries = config.maximumRetryAttempts ?? RETRY_DELAYS_MS.length;

  let attempts = 0;
  let delay = THROTTLED_DELAY_MS.first;
  let result: InvocationResult | undefined;
  let condition = 'RetriesExhausted';
  // A reserved concurrency of 0 sends every event straight to the failure destination: the same page, on throttling.
  while (fn.reservedConcurrency !== 0) {
    const answer = await invocation.invoke();
    let wait = delay;
    if (answer) {
      result = answer;
      attempts += 1;
      if (!result.functionError) return report(cloud, invocation, config.onSuccess, 'Success', attempts, result);
      if (attempts > retries) break;
      wait = RETRY_DELAYS_MS[attempts - 1];
    } else {
      delay = Math.min(2 * delay, THROTTLED_DELAY_MS.longest);
    }
    const next = cloud.clock.now() + wait;
    if (next > deadline) {
      condition = 'EventAgeExceeded';
      break;
    }
    await cloud.clock.sleepUntil(next);
  }
  await report(cloud, invocation, config.onFailure, condition, attempts, result);
  await toDeadLetter(cloud, invocation, result);
}

async function report(
  cloud: Cloud,
  { fn, version, requestId, payload }: AsyncInvocation,
  destination: string | undefined,
  condition: string,
  attempts: number,
  result: InvocationResult | undefined,
): Promise<void> {
  if (!destination) return;
  const record = {
    version: '1.0',
    timestamp: new Date(cloud.clock.now()).toISOString(),
    requestContext: { requestId, functionArn: `${fn.configuration.arn}:${version}`, condition, approximateInvokeCount: attempts },
    requestPayload: JSON.parse(payload),
    ...(result && {
      responseContext: { statusCode: 200, executedVersion: version, ...(result.functionError && { functionError: result.functionError }) },
      responsePayload: JSON.parse(result.payload),
    }),
  };
  const principal = { kind: 'role', arn: fn.configuration.roleArn } as const;
  if (destination.split(':')[2] !== 'events') {
    await deliver(cloud, principal, destination, { body: JSON.stringify(record) });
    return;
  }
  await cloud.call({
    service: 'eventbridge',
    operation: 'PutEvents',
    principal,
    input: {
      Entries: [
        {
          EventBusName: destination,
          Source: 'lambda',
          DetailType: `Lambda Function Invocation Result - ${condition === 'Success' ? 'Success' : 'Failure'}`,
          Resources: [destination, `${fn.configuration.arn}:${version}`],
          Detail: JSON.stringify(record),
        },
      ],
    },
  });
}

/** The event itself, with the error in message attributes. */
async function toDeadLetter(
  cloud: Cloud,
  { fn, requestId, payload }: AsyncInvocation,
  result: InvocationResult | undefined,
): Promise<void> {
  if (!fn.deadLetterArn) return;
  const error = result ? JSON.parse(result.payload) : undefined;
  const attributes = stringAttributes({
    RequestID: requestId,
    ErrorCode: result ? '200' : '429',
    ErrorMessage: String(error?.errorMessage ?? 'Rate Exceeded.').slice(0, 1024),
  });
  await deliver(cloud, { kind: 'role', arn: fn.configuration.roleArn }, fn.deadLetterArn, { body: payload, attributes });
}
