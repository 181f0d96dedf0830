/** Amazon SQS. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
import { type AccessRequest, ApiError, type Cloud, type Principal, type Service } from '../../cloud-types';
import { digits, uuid } from '../identifiers';
import { batch } from './batch';
import { type MessageAttributes, md5, md5OfAttributes, type Queue, type StoredMessage } from './queue';
import { type ReceiveInput, received } from './receive';
import { invalid, sqsResources } from './resources';

export type { StoredMessage } from './queue';

export interface SqsService extends Service {
  /** What is in a queue, in flight or not, without receiving it. */
  messages(queueUrl: string): readonly StoredMessage[];
  /** For who waits for its messages. */
  queue(queueArn: string): Queue | undefined;
}

interface SendInput {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: MessageAttributes;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}
/** @param gatewayUrl queue URLs begin with it, for an SDK calls the host that its queue's URL names */
export function createSqs(cloud: Cloud, gatewayUrl: string, keyArn: (reference: string) => string | undefined): SqsService {
  const queues = new Map<string, Queue>();
  let sequence = 18_849_496_460_467_696_128n;

  /** The queue is the end of the URL's path. */
  function queueAt(url: string): Queue {
    const queue = queues.get(url.split('/').at(-1) ?? '');
    if (!queue) throw new ApiError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  function access(action: string, keyActions: readonly string[] = []) {
    return ({ QueueUrl }: { QueueUrl: string }): AccessRequest[] => {
      const { arn, kmsKey } = queueAt(QueueUrl).settings;
      const resource = kmsKey && keyArn(kmsKey);
      const context = { 'kms:viaservice': `sqs.${cloud.region}.amazonaws.com`, 'kms:encryptioncontext:aws:sqs:arn': arn };
      return [
        { action: `sqs:${action}`, resource: arn },
        ...(resource ? keyActions.map((key) => ({ action: `kms:${key}`, resource, context })) : []),
      ];
    };
  }
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  const toSend = access('SendMessage', ['GenerateDataKey', 'Decrypt']);
  const toReceive = access('ReceiveMessage', ['Decrypt']);

  function send(queue: Queue, input: Omit<SendInput, 'QueueUrl'>, caller: Principal) {
    const { settings } = queue;
    const attributes = input.MessageAttributes ?? {};
    checkBody(input, settings.maximumMessageSize);
    // The digests are of what was sent now, for the SDK to compare, even if an earlier message stands for it.
    const result = ({ id: MessageId, sequenceNumber: SequenceNumber }: StoredMessage) => ({
      MessageId,
      MD5OfMessageBody: md5(input.MessageBody),
      MD5OfMessageAttributes: md5OfAttributes(attributes),
      SequenceNumber,
    });
    let deduplicationId: string | undefined;
    if (settings.fifo) {
      if (!input.MessageGroupId) throw new ApiError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
      if (input.DelaySeconds)
        throw invalid(
          `Value ${input.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
        );
      deduplicationId = input.MessageDeduplicationId ?? (settings.contentBasedDeduplication ? md5(input.MessageBody) : undefined);
      if (deduplicationId === undefined) {
        throw invalid('The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
      }
      const former = queue.accepted(deduplicationId);
      if (former) return result(former);
      sequence += 256n;
    } else if (input.MessageDeduplicationId !== undefined) {
      throw invalid(
        `Value ${input.MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.`,
      );
    }
    const now = cloud.clock.now();
    const message: StoredMessage = {
      id: uuid(cloud),
      body: input.MessageBody,
      attributes,
      sentAt: now,
      senderId: caller.kind === 'role' ? caller.arn : caller.kind === 'service' ? caller.service : cloud.accountId,
      groupId: input.MessageGroupId,
      deduplicationId,
      sequenceNumber: settings.fifo ? String(sequence) : undefined,
      visibleAt: now + (input.DelaySeconds ?? settings.delaySeconds) * 1000,
      receiveCount: 0,
    };
    queue.add(message);
    return result(message);
  }

  /** What was received too often goes to the dead-letter queue, when it would be received once more. */
  function toDeadLetter(queue: Queue, message: StoredMessage): boolean {
    const { redrive } = queue.settings;
    if (!redrive || message.receiveCount < redrive.maxReceiveCount) return false;
    const target = queues.get(redrive.deadLetterTargetArn.split(':').at(-1) ?? '');
    if (!target) return false;
    queue.remove(message);
    target.add({
      ...message,
      visibleAt: cloud.clock.now(),
      receiveCount: 0,
      receivedBefore: (message.receivedBefore ?? 0) + message.receiveCount,
      deadLetterSource: queue.settings.arn,
      deadLetteredAt: cloud.clock.now(),
    });
    return true;
  }

  function take(queue: Queue, max: number, visibilitySeconds: number): StoredMessage[] {
    const now = cloud.clock.now();
    const live = queue.available().filter((message) => !toDeadLetter(queue, message));
    const taken = live.slice(0, max);
    for (const message of taken) {
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilitySeconds * 1000;
      message.receiptHandle = `${message.id}#${message.receiveCount}#${digits(cloud, 32)}`;
    }
    return taken;
  }

  async function receive(input: ReceiveInput) {
    const queue = queueAt(input.QueueUrl);
    const max = inRange('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
    const wait = inRange('WaitTimeSeconds', input.WaitTimeSeconds ?? queue.settings.receiveWaitSeconds, 0, 20);
    const visibility = inRange('VisibilityTimeout', input.VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds, 0, 43_200);
    const deadline = cloud.clock.now() + wait * 1000;
    let messages = take(queue, max, visibility);
    while (messages.length === 0 && cloud.clock.now() < deadline) {
      await queue.change(deadline);
      messages = take(queue, max, visibility);
    }
    return messages.length === 0 ? {} : { Messages: messages.map((message) => received(message, input)) };
  }

  /** The message of a receipt handle; undefined when a later receipt, or a deletion, has made it stale. */
  function receipt(queue: Queue, handle: string): StoredMessage | undefined {
    if (!/^[0-9a-f-]{36}#\d+#[0-9a-f]{32}$/.test(handle))
      throw new ApiError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    return queue.messages.find(({ receiptHandle }) => receiptHandle === handle);
  }

  function remove(queue: Queue, { ReceiptHandle }: { ReceiptHandle: string }): undefined {
    const message = receipt(queue, ReceiptHandle);
    if (message) queue.remove(message);
  }

  function changeVisibility(
    queue: Queue,
    { ReceiptHandle, VisibilityTimeout }: { ReceiptHandle: string; VisibilityTimeout: number },
  ): undefined {
    const now = cloud.clock.now();
    const message = receipt(queue, ReceiptHandle);
    inRange('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
    if (!message || message.visibleAt <= now) {
      throw invalid(
        `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    message.visibleAt = now + VisibilityTimeout * 1000;
    queue.wake();
  }

  return {
    name: 'sqs',
    queue: (queueArn) => [...queues.values()].find(({ settings }) => settings.arn === queueArn),
    messages(queueUrl) {
      const queue = queueAt(queueUrl);
      queue.expire();
      return queue.messages;
    },
    operations: {
      SendMessage: { access: toSend, run: (input: SendInput, caller) => send(queueAt(input.QueueUrl), input, caller) },
      SendMessageBatch: {
        access: toSend,
        run: (input, caller) =>
          batch(
            input.Entries,
            (entry: SendInput) => send(queueAt(input.QueueUrl), entry, caller),
            queueAt(input.QueueUrl).settings.maximumMessageSize,
          ),
      },
      ReceiveMessage: { access: toReceive, run: receive },
      DeleteMessage: {
        access: access('DeleteMessage'),
        run: (input) => remove(queueAt(input.QueueUrl), input),
      },
      DeleteMessageBatch: {
        access: access('DeleteMessage'),
        run: (input) => batch(input.Entries, (entry: { ReceiptHandle: string }) => remove(queueAt(input.QueueUrl), entry)),
      },
      ChangeMessageVisibility: {
        access: access('ChangeMessageVisibility'),
        run: (input) => changeVisibility(queueAt(input.QueueUrl), input),
      },
      ChangeMessageVisibilityBatch: {
        access: access('ChangeMessageVisibility'),
        run: (input) =>
          batch(input.Entries, (entry: { ReceiptHandle: string; VisibilityTimeout?: number }) =>
            changeVisibility(queueAt(input.QueueUrl), { VisibilityTimeout: 0, ...entry }),
          ),
      },
      GetQueueUrl: {
        access: ({ QueueName }) => access('GetQueueUrl')({ QueueUrl: QueueName }),
        run: ({ QueueName }) => ({ QueueUrl: urlOf(queueAt(QueueName)) }),
      },
      GetQueueAttributes: {
        access: access('GetQueueAttributes'),
        run: ({ QueueUrl, AttributeNames = [] }: { QueueUrl: string; AttributeNames?: readonly string[] }) => {
          const all = attributesOf(queueAt(QueueUrl));
          const wanted = Object.entries(all).filter(
            ([name, value]) => value !== undefined && (AttributeNames.includes('All') || AttributeNames.includes(name)),
          );
          return wanted.length > 0 ? { Attributes: Object.fromEntries(wanted) } : {};
        },
      },
      PurgeQueue: {
        access: access('PurgeQueue'),
        run(input) {
          queueAt(input.QueueUrl).messages.length = 0;
        },
      },
    },
    resources: sqsResources(cloud, queues, urlOf),
  };

  function urlOf({ settings }: Queue): string {
    return `${gatewayUrl}/${cloud.accountId}/${settings.name}`;
  }

  function attributesOf(queue: Queue): Record<string, string | undefined> {
    const { settings } = queue;
    const { visible, delayed, inFlight } = queue.count();
    return {
      QueueArn: settings.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
      DelaySeconds: String(settings.delaySeconds),
      ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
      MessageRetentionPeriod: String(settings.retentionSeconds),
      MaximumMessageSize: String(settings.maximumMessageSize),
      RedrivePolicy: settings.redrive && JSON.stringify(settings.redrive),
      FifoQueue: settings.fifo ? 'true' : undefined,
      ContentBasedDeduplication: settings.fifo ? String(settings.contentBasedDeduplication) : undefined,
      KmsMasterKeyId: settings.kmsKey,
    };
  }
}

function checkBody({ MessageBody, MessageAttributes = {} }: Omit<SendInput, 'QueueUrl'>, max: number): void {
  if (MessageBody.length === 0) throw new ApiError('MissingParameter', 'The request must contain the parameter MessageBody.');
  const size = Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + BinaryValue.length,
    Buffer.byteLength(MessageBody),
  );
  if (size > max) throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${max} bytes.`);
  // #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF
  const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
  if (forbidden.test(MessageBody)) {
    throw new ApiError(
      'InvalidMessageContents',
      'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw invalid(`Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`);
}
