import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { mailOf, subjectOf } from './mail';
import { messageOf, type Telling } from './message';
import type { Channel } from './notify-event';
import type { NewRequest } from './request';

export interface ChannelServices {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
}

/** Sends the approver exactly one message. */
export async function send({ sns, sqs, lambda }: ChannelServices, { type, target }: Channel, telling: Telling): Promise<void> {
  const { request } = telling;
  // Each approver's subscription lets through what carries their name.
  const MessageAttributes = { approver: { DataType: 'String', StringValue: request.approver } };
  const json = JSON.stringify(messageOf(telling));
  switch (type) {
    case 'email': {
      const Message = mailOf(telling, Date.now());
      await sns.send(new PublishCommand({ TopicArn: target, MessageAttributes, Subject: subjectOf(telling), Message }));
      return;
    }
    case 'sns':
      await sns.send(new PublishCommand({ TopicArn: target, MessageAttributes, Message: json, ...fifo(target, request) }));
      return;
    case 'sqs':
      await sqs.send(new SendMessageCommand({ QueueUrl: target, MessageBody: json, ...fifo(target, request) }));
      return;
    case 'lambda':
      await lambda.send(new InvokeCommand({ FunctionName: target, InvocationType: 'Event', Payload: Buffer.from(json) }));
  }
}

/** FIFO topics and queues take no message without a group. A retried task tells the approver again. */
function fifo(target: string, { requestId }: NewRequest): { MessageGroupId?: string; MessageDeduplicationId?: string } {
  return target.endsWith('.fifo') ? { MessageGroupId: requestId, MessageDeduplicationId: `${requestId}.${Date.now()}` } : {};
}
