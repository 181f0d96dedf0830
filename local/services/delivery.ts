/** How one service hands a message to another: as an API call in the sender's name, so that policies decide. */
import type { Cloud, Principal } from '../cloud-types';
import { notImplemented } from './errors';

export interface Message {
  readonly body: string;
  readonly subject?: string;
  /** As SQS and SNS both write them. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export function stringAttributes(values: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
}

/** SQS takes queue URLs only; the path tells the queue, whatever the host. */
export function queueUrlOf(queueArn: string): string {
  const [, , , region, account, name] = queueArn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** To a queue, a topic, or a function, which is invoked asynchronously. */
export async function deliver(cloud: Cloud, principal: Principal, target: string, message: Message): Promise<void> {
  const { body, subject, attributes, groupId, deduplicationId } = message;
  const common = { MessageAttributes: attributes, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId };
  const service = target.split(':')[2];
  switch (service) {
    case 'sqs':
      await cloud.call({
        service,
        operation: 'SendMessage',
        principal,
        input: { QueueUrl: queueUrlOf(target), MessageBody: body, ...common },
      });
      return;
    case 'sns':
      await cloud.call({
        service,
        operation: 'Publish',
        principal,
        input: { TopicArn: target, Message: body, Subject: subject, ...common },
      });
      return;
    case 'lambda':
      await cloud.call({
        service,
        operation: 'Invoke',
        principal,
        input: { FunctionName: target, InvocationType: 'Event', Payload: Buffer.from(body) },
      });
      return;
    default:
      throw notImplemented(`a delivery to ${target}`);
  }
}
