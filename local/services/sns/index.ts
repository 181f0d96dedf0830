/** Amazon SNS: topics with filtered subscriptions to mail (caught in an outbox), queues and functions. Source: https://docs.aws.amazon.com/sns/latest/api/ */
import { type AccessRequest, ApiError, type Cloud, type Service } from '../../cloud-types';
import { inBackground } from '../background';
import { deliver } from '../delivery';
import { notImplemented } from '../errors';
import { arn, uuid } from '../identifiers';
import { type Mail, mailOf } from './mail';
import {
  acceptsNotification,
  attributesForFilter,
  checkStructure,
  envelope,
  type MessageAttributes,
  type Notification,
  textFor,
} from './notification';
import { snsResources } from './resources';
import type { Subscription, Topic } from './topic';

export type { Mail } from './mail';

export interface SnsService extends Service {
  /** Every mail that was sent, in order. */
  readonly outbox: readonly Mail[];
}

/** https://docs.aws.amazon.com/general/latest/gr/sns.html */
const MAX_MESSAGE = 262_144;
const DEDUPLICATION_MS = 5 * 60_000;

interface Message {
  readonly Message: string;
  readonly Subject?: string;
  readonly MessageStructure?: string;
  readonly MessageAttributes?: MessageAttributes;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}
interface PublishInput extends Message {
  readonly TopicArn?: string;
  readonly TargetArn?: string;
  readonly PhoneNumber?: string;
}

/** @param keyArn the customer's key that a reference means, if it is one */
export function createSns(cloud: Cloud, keyArn: (reference: string) => string | undefined): SnsService {
  const topics = new Map<string, Topic>();
  const outbox: Mail[] = [];
  let sequence = 10_000_000_000_000_000_000n;

  function topicOf(topicArn: string): Topic {
    const topic = topics.get(topicArn);
    if (!topic) throw new ApiError('NotFound', 'Topic does not exist', 404);
    return topic;
  }

  function targetOf(input: PublishInput): string {
    if (input.PhoneNumber !== undefined) throw notImplemented('SMS (sns:Publish to a phone number)');
    const target = input.TopicArn ?? input.TargetArn;
    if (!target) throw new ApiError('InvalidParameter', 'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter');
    return target;
  }

  /** The publisher of an encrypted topic uses its key: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
  function publishAccess(topicArn: string): AccessRequest[] {
    const key = topics.get(topicArn)?.kmsKey;
    const resource = key && keyArn(key);
    const context = { 'kms:viaservice': `sns.${cloud.region}.amazonaws.com`, 'kms:encryptioncontext:aws:sns:topicarn': topicArn };
    return [
      { action: 'sns:Publish', resource: topicArn },
      ...(resource ? ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({ action, resource, context })) : []),
    ];
  }

  function publish(topicArn: string, message: Message): { MessageId: string; SequenceNumber?: string } {
    const topic = topicOf(topicArn);
    checkMessage(message);
    const MessageId = uuid(cloud);
    let SequenceNumber: string | undefined;
    if (topic.fifo) {
      const former = deduplicate(topic, message);
      if (former) return former;
      sequence += 1n;
      SequenceNumber = String(sequence);
      topic.recent.set(deduplicationId(topic, message), { at: cloud.clock.now(), MessageId, SequenceNumber });
    } else if (message.MessageDeduplicationId !== undefined) {
      throw new ApiError(
        'InvalidParameter',
        'Invalid parameter: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      );
    }

    const notification: Notification = {
      messageId: MessageId,
      topicArn,
      at: cloud.clock.now(),
      subject: message.Subject,
      message: message.Message,
      structured: message.MessageStructure === 'json',
      attributes: message.MessageAttributes ?? {},
    };
    if (notification.structured) checkStructure(notification);
    const receivers = topic.subscriptions.filter((subscription) =>
      acceptsNotification(subscription, notification, attributesForFilter(notification)),
    );
    for (const { protocol } of receivers) {
      if (!['email', 'email-json', 'sqs', 'lambda'].includes(protocol))
        throw notImplemented(`SNS subscriptions of the protocol ${protocol}`);
    }
    for (const receiver of receivers) {
      if (receiver.protocol.startsWith('email')) outbox.push(mailOf(notification, receiver));
      else inBackground(send(topic, receiver, notification, message));
    }
    return { MessageId, SequenceNumber };
  }

  /** In the name of SNS: the queue's or function's own policy decides. What can't be delivered goes to the subscription's dead-letter queue. */
  async function send(
    topic: Topic,
    to: Subscription,
    notification: Notification,
    { MessageGroupId, MessageDeduplicationId }: Message,
  ): Promise<void> {
    const principal = { kind: 'service', service: 'sns.amazonaws.com', sourceArn: topic.arn } as const;
    const raw = to.raw && to.protocol === 'sqs';
    const body = raw ? textFor(notification, to.protocol) : JSON.stringify(envelope(notification, to));
    const message = {
      body,
      attributes: raw ? notification.attributes : undefined,
      groupId: MessageGroupId,
      deduplicationId: topic.fifo ? (MessageDeduplicationId ?? notification.messageId) : undefined,
    };
    try {
      await deliver(cloud, principal, to.endpoint, message);
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode === 501 || !to.deadLetterArn) throw error;
      await deliver(cloud, principal, to.deadLetterArn, message);
    }
  }

  function deduplicationId(topic: Topic, message: Message): string {
    return message.MessageDeduplicationId ?? (topic.contentBasedDeduplication ? message.Message : '');
  }

  /** What a FIFO topic accepted within the last five minutes it accepts again, and delivers no more. */
  function deduplicate(topic: Topic, message: Message): { MessageId: string; SequenceNumber: string } | undefined {
    if (message.MessageGroupId === undefined) {
      throw new ApiError('InvalidParameter', 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics');
    }
    if (message.MessageDeduplicationId === undefined && !topic.contentBasedDeduplication) {
      throw new ApiError(
        'InvalidParameter',
        'Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      );
    }
    const former = topic.recent.get(deduplicationId(topic, message));
    return former && cloud.clock.now() - former.at < DEDUPLICATION_MS ? former : undefined;
  }

  return {
    name: 'sns',
    outbox,
    operations: {
      Publish: {
        access: (input: PublishInput) => publishAccess(targetOf(input)),
        run: (input: PublishInput) => publish(targetOf(input), input),
      },
      PublishBatch: {
        access: (input: { TopicArn: string }) => publishAccess(input.TopicArn),
        run: (input: { TopicArn: string; PublishBatchRequestEntries: (Message & { Id: string })[] }) => publishBatch(input, publish),
      },
      Subscribe: {
        access: (input) => [
          {
            action: 'sns:Subscribe',
            resource: input.TopicArn,
            context: { 'sns:protocol': input.Protocol, 'sns:endpoint': input.Endpoint ?? '' },
          },
        ],
        run(input: { TopicArn: string; Protocol: string; Endpoint: string; Attributes?: Record<string, string> }) {
          const topic = topicOf(input.TopicArn);
          const json = (name: string) => (input.Attributes?.[name] ? JSON.parse(input.Attributes[name]) : undefined);
          const subscription: Subscription = {
            arn: `${topic.arn}:${uuid(cloud)}`,
            protocol: input.Protocol,
            endpoint: input.Endpoint,
            filterPolicy: json('FilterPolicy'),
            filterScope: input.Attributes?.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes',
            raw: input.Attributes?.RawMessageDelivery === 'true',
            deadLetterArn: json('RedrivePolicy')?.deadLetterTargetArn,
          };
          topic.subscriptions.push(subscription);
          return { SubscriptionArn: subscription.arn };
        },
      },
    },
    resources: snsResources(cloud, topics, (name) => arn(cloud, 'sns', name)),
  };
}

function checkMessage({ Message, Subject, MessageAttributes }: Message): void {
  if (Message === '') throw new ApiError('InvalidParameter', 'Invalid parameter: Empty message');
  const attributes = Object.entries(MessageAttributes ?? {}).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + BinaryValue.length,
    0,
  );
  if (Buffer.byteLength(Message) + attributes > MAX_MESSAGE) throw new ApiError('InvalidParameter', 'Invalid parameter: Message too long');
  // "ASCII text that begins with a letter, number, or punctuation mark; must not include line breaks or control characters".
  if (Subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(Subject))
    throw new ApiError('InvalidParameter', 'Invalid parameter: Subject');
}

function publishBatch(
  { TopicArn, PublishBatchRequestEntries: entries }: { TopicArn: string; PublishBatchRequestEntries: (Message & { Id: string })[] },
  publish: (topicArn: string, message: Message) => { MessageId: string; SequenceNumber?: string },
) {
  if (entries.length === 0) throw new ApiError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (entries.length > 10) throw new ApiError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new ApiError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  if (entries.reduce((sum, { Message }) => sum + Buffer.byteLength(Message), 0) > MAX_MESSAGE) {
    throw new ApiError('BatchRequestTooLong', 'The length of all the batch messages put together is more than the limit.');
  }
  const Successful: unknown[] = [];
  const Failed: unknown[] = [];
  for (const { Id, ...message } of entries) {
    try {
      Successful.push({ Id, ...publish(TopicArn, message) });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'InvalidParameter') throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
