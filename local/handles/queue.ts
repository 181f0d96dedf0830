import type { StoredMessage } from '../services/sqs';
import type { OperatedCloud } from './operated-cloud';

export interface SendOptions {
  readonly delaySeconds?: number;
  /** FIFO queues need one. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** A message that is in a queue, in flight or not. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** How often it was received. */
  readonly receiveCount: number;
  readonly groupId?: string;
  /** ARN of the queue that gave it up, in a dead-letter queue. */
  readonly deadLetterSource?: string;
}

/** A deployed SQS queue. */
export class LocalQueue {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly url: string,
    private readonly read: () => readonly StoredMessage[],
  ) {}

  /** @param body anything but a text is sent as JSON */
  async send(body: unknown, { delaySeconds, groupId, deduplicationId }: SendOptions = {}): Promise<void> {
    await this.cloud.operate('sqs', 'SendMessage', {
      QueueUrl: this.url,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      DelaySeconds: delaySeconds,
      MessageGroupId: groupId,
      MessageDeduplicationId: deduplicationId,
    });
  }

  /** What is in it, without receiving it: also what is in flight or delayed. */
  messages(): readonly QueueMessage[] {
    return this.read().map(({ id, body, receiveCount, groupId, deadLetterSource }) => ({
      id,
      body,
      receiveCount,
      ...(groupId !== undefined && { groupId }),
      ...(deadLetterSource !== undefined && { deadLetterSource }),
    }));
  }
}
