/** How one service hands a message to another: as an API call in the sender's name, so that policies decide. */
import type { Cloud, Principal } from '../cloud-types';
import { notImplemented } from './errors';

/** SQS takes queue URLs only; the path tells the queue, whatever the host. */
export function queueUrlOf(queueArn: string): string {
  const [, , , region, account, name] = queueArn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

export async function deliver(
  cloud: Cloud,
  principal: Principal,
  target: string,
  body: string,
  attributes: Readonly<Record<string, string>> = {},
) {
  const service = target.split(':')[2];
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  switch (service) {
    case 'sqs':
      return cloud.call({
        service: 'sqs',
        operation: 'SendMessage',
        principal,
        input: { QueueUrl: queueUrlOf(target), MessageBody: body, MessageAttributes },
      });
    case 'sns':
      return cloud.call({ service: 'sns', operation: 'Publish', principal, input: { TopicArn: target, Message: body, MessageAttributes } });
    case 'lambda':
      return cloud.call({
        service: 'lambda',
        operation: 'Invoke',
        principal,
        input: { FunctionName: target, InvocationType: 'Event', Payload: Buffer.from(body) },
      });
    default:
      throw notImplemented(`a delivery to ${target}`);
  }
}
