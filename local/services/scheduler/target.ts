/** What a schedule does when its time has come. Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html */
import type { Cloud, Json, Principal } from '../../cloud-types';
import { StatesError } from '../../engine/types';
import { toInput } from '../../integrations/parameters';
import { models } from '../../wire/model';
import { deliver, stringAttributes } from '../delivery';
import { notImplemented } from '../errors';
import { digits } from '../identifiers';
import { type GivenUp, withRetries } from '../retry-policy';
import { validation } from './expression';
import type { ScheduleTarget, StoredSchedule } from './schedules';

const UNIVERSAL = /^arn:[^:]+:scheduler:::aws-sdk:([\w-]+):(\w+)$/;
/** "The following API actions … aren't supported": https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html#unsupported-api-actions */
const READS =
  /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)/;

/** What can be said of a target before it is needed. */
export function checkTarget({ Arn, Input, EventBridgeParameters }: ScheduleTarget): void {
  const universal = UNIVERSAL.exec(Arn);
  if (universal && READS.test(universal[2])) throw validation(`Provided Arn is not supported: ${Arn} only reads`);
  if (universal) jsonOf(Input ?? '{}');
  const kind = Arn.split(':')[2];
  if (kind === 'events' && !EventBridgeParameters) throw validation('EventBridgeParameters must be provided for an event bus');
  if ((kind === 'events' || kind === 'states') && Input !== undefined) jsonOf(Input);
}

/** Trying again for as long as the retry policy says, then to the dead-letter queue. @param assume @throws when the role may not be assumed */
export async function invokeTarget(cloud: Cloud, schedule: StoredSchedule, scheduledAt: number, assume: () => void): Promise<void> {
  const { Target } = schedule.input;
  const executionId = digits(cloud, 16);
  const scheduledTime = new Date(scheduledAt).toISOString().replace(/\.\d+Z$/, 'Z');
  const values = (attempt: number): Record<string, string> => ({
    'schedule-arn': schedule.arn,
    'scheduled-time': scheduledTime,
    'execution-id': executionId,
    'attempt-number': String(attempt),
  });
  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
  const inputFor = (attempt: number): string | undefined =>
    Target.Input?.replace(/<aws\.scheduler\.([\w-]+)>/g, (all, name: string) => values(attempt)[name] ?? all);

  const failure = await withRetries(cloud.clock, Target.RetryPolicy, (attempt) => {
    assume();
    return send(cloud, Target, inputFor(attempt));
  });
  if (failure) await toDeadLetter(cloud, schedule, inputFor(failure.retries + 1) ?? '{}', failure, { executionId, scheduledTime });
}

async function send(cloud: Cloud, target: ScheduleTarget, input: string | undefined): Promise<void> {
  const principal: Principal = { kind: 'role', arn: target.RoleArn };
  const universal = UNIVERSAL.exec(target.Arn);
  if (universal) {
    await cloud.call({ ...universalRequest(target.Arn, universal[1], universal[2], jsonOf(input ?? '{}')), principal });
    return;
  }
  switch (target.Arn.split(':')[2]) {
    case 'lambda':
    case 'sns':
    case 'sqs':
      return deliver(cloud, principal, target.Arn, { body: input ?? '{}', groupId: target.SqsParameters?.MessageGroupId });
    case 'states':
      await cloud.call({ service: 'sfn', operation: 'StartExecution', principal, input: { stateMachineArn: target.Arn, input } });
      return;
    case 'events': {
      const { DetailType, Source } = target.EventBridgeParameters ?? {};
      const entry = { EventBusName: target.Arn, DetailType, Source, Detail: input ?? '{}' };
      await cloud.call({ service: 'eventbridge', operation: 'PutEvents', principal, input: { Entries: [entry] } });
      return;
    }
    default:
      throw notImplemented(`the Scheduler target ${target.Arn}`);
  }
}

/** Any operation of any service, by the name that the AWS SDK gives both. */
function universalRequest(targetArn: string, service: string, action: string, input: Json) {
  const name = Object.keys(models).find((known) => known.replaceAll('-', '') === service.replaceAll('-', ''));
  const operation = action[0].toUpperCase() + action.slice(1);
  if (!name || !models[name].operations[operation]) throw notImplemented(`the Scheduler target ${targetArn}`);
  try {
    return { service: name, operation, input: toInput(name, operation, 'java2', input) };
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    throw validation(error.causeText);
  }
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw validation(`Provided Input is not valid JSON: ${text}`);
  }
}

/** In the role's name. https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
async function toDeadLetter(
  cloud: Cloud,
  { arn, input: { Target } }: StoredSchedule,
  body: string,
  { error, retries, exhausted }: GivenUp,
  { executionId, scheduledTime }: { executionId: string; scheduledTime: string },
): Promise<void> {
  if (!Target.DeadLetterConfig?.Arn) return;
  const attributes = stringAttributes({
    ERROR_CODE: error.code,
    ERROR_MESSAGE: error.message,
    EXECUTION_ID: executionId,
    IS_PAYLOAD_TRUNCATED: 'false',
    RETRY_ATTEMPTS: String(retries),
    SCHEDULE_ARN: arn,
    SCHEDULED_TIME: scheduledTime,
    TARGET_ARN: Target.Arn,
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  });
  await deliver(cloud, { kind: 'role', arn: Target.RoleArn }, Target.DeadLetterConfig.Arn, { body, attributes });
}

/** Whether Scheduler may act as the role. @param mayAssume its trust policy's answer */
export function assumedOrRefused(mayAssume: boolean): void {
  if (mayAssume) return;
  throw validation('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.');
}
