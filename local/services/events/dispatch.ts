/** From a matched rule to its targets. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html */
import { ApiError, type Cloud, type Json, type Principal } from '../../cloud-types';
import { deliver, stringAttributes } from '../delivery';
import { notImplemented } from '../errors';
import { type GivenUp, withRetries } from '../retry-policy';
import type { Rule, Target } from './rules';
import { inputFor } from './target-input';

export async function dispatch(cloud: Cloud, rule: Rule, target: Target, event: Json): Promise<void> {
  const ingestedAt = new Date(cloud.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const input = inputFor(target, event, { ruleArn: rule.arn, ruleName: rule.name, ingestedAt });
  const failure = await withRetries(cloud.clock, target.RetryPolicy, () => send(cloud, rule, target, input));
  if (failure) await toDeadLetter(cloud, rule, target, input, failure);
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
async function toDeadLetter(cloud: Cloud, rule: Rule, target: Target, body: string, { error, retries, exhausted }: GivenUp): Promise<void> {
  if (!target.DeadLetterConfig?.Arn) return;
  const attributes = stringAttributes({
    RULE_ARN: rule.arn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: error.code,
    ERROR_MESSAGE: error.message,
    RETRY_ATTEMPTS: String(retries),
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  });
  await deliver(cloud, { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule.arn }, target.DeadLetterConfig.Arn, {
    body,
    attributes,
  });
}
