/** From a matched rule to its targets. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html */
import { ApiError, type Cloud, type Json, type Principal } from '../../cloud-types';
import { deliver, stringAttributes } from '../delivery';
import { notImplemented } from '../errors';
import type { Rule, Target } from './rules';
import { inputFor } from './target-input';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html: 24 hours and up to 185 times. */
const MAX_ATTEMPTS = 185;
const MAX_AGE_S = 86_400;
/** The page gives no numbers for its "exponential back off and jitter". */
const [FIRST_DELAY_S, LONGEST_DELAY_S] = [1, 600];

export async function dispatch(cloud: Cloud, rule: Rule, target: Target, event: Json): Promise<void> {
  const start = cloud.clock.now();
  const ingestedAt = new Date(start).toISOString().replace(/\.\d+Z$/, 'Z');
  const input = inputFor(target, event, { ruleArn: rule.arn, ruleName: rule.name, ingestedAt });
  const { MaximumRetryAttempts: retries = MAX_ATTEMPTS, MaximumEventAgeInSeconds: age = MAX_AGE_S } = target.RetryPolicy ?? {};
  for (let attempt = 0; ; attempt++) {
    try {
      await send(cloud, rule, target, input);
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
      const next = cloud.clock.now() + Math.min(FIRST_DELAY_S * 2 ** attempt, LONGEST_DELAY_S) * 1000;
      const exhausted = attempt >= retries ? 'MaximumRetryAttempts' : next > start + age * 1000 ? 'MaximumEventAgeInSeconds' : undefined;
      if (mayPass(error) && !exhausted) {
        await cloud.clock.sleepUntil(next);
        continue;
      }
      await toDeadLetter(cloud, rule, target, input, { error, attempt, exhausted });
      return;
    }
  }
}

/** Missing permissions and missing targets stay missing: they are not tried again. */
function mayPass(error: ApiError): boolean {
  return error.statusCode >= 500 || error.statusCode === 429 || /Throttl|TooManyRequests|LimitExceeded/.test(error.code);
}

async function send(cloud: Cloud, rule: Rule, target: Target, input: string): Promise<void> {
  const service: Principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule.arn };
  const asRole = (): Principal => {
    if (!target.RoleArn) throw new ApiError('ValidationException', `RoleArn is required for target ${target.Arn}.`);
    return { kind: 'role', arn: target.RoleArn };
  };
  const [, , kind] = target.Arn.split(':');
  switch (kind) {
    case 'lambda':
    case 'sns':
    case 'sqs':
      return deliver(cloud, target.RoleArn ? asRole() : service, target.Arn, {
        body: input,
        groupId: target.SqsParameters?.MessageGroupId,
      });
    case 'states':
      await cloud.call({ service: 'sfn', operation: 'StartExecution', principal: asRole(), input: { stateMachineArn: target.Arn, input } });
      return;
    case 'events': {
      const { source, 'detail-type': DetailType, detail, resources, time } = JSON.parse(input);
      const entry = {
        EventBusName: target.Arn,
        Source: source,
        DetailType,
        Detail: JSON.stringify(detail),
        Resources: resources,
        Time: new Date(time),
      };
      await cloud.call({ service: 'eventbridge', operation: 'PutEvents', principal: asRole(), input: { Entries: [entry] } });
      return;
    }
    default:
      throw notImplemented(`the EventBridge target ${target.Arn}`);
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
async function toDeadLetter(
  cloud: Cloud,
  rule: Rule,
  target: Target,
  body: string,
  { error, attempt, exhausted }: { error: ApiError; attempt: number; exhausted?: string },
): Promise<void> {
  if (!target.DeadLetterConfig?.Arn) return;
  const attributes = stringAttributes({
    RULE_ARN: rule.arn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: error.code,
    ERROR_MESSAGE: error.message,
    RETRY_ATTEMPTS: String(attempt),
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  });
  await deliver(cloud, { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule.arn }, target.DeadLetterConfig.Arn, {
    body,
    attributes,
  });
}
