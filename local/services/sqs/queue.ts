/** One queue: what is in it, what is in flight, and who waits. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/ */
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock';

export type MessageAttributes = Readonly<
  Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: Uint8Array }>
>;

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly retentionSeconds: number;
  readonly maximumMessageSize: number;
  readonly kmsKey?: string;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly senderId: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  /** Not received before: the delay, or the visibility timeout of the last receipt. */
  visibleAt: number;
  /** In this queue: its redrive policy counts that. */
  receiveCount: number;
  /** In the queues that it was a dead letter of. */
  receivedBefore?: number;
  firstReceivedAt?: number;
  receiptHandle?: string;
  deadLetterSource?: string;
  /** When it came from there. */
  deadLetteredAt?: number;
}

const DEDUPLICATION_MS = 5 * 60_000;

export class Queue {
  readonly messages: StoredMessage[] = [];
  readonly #recent = new Map<string, { readonly at: number; readonly message: StoredMessage }>();
  readonly #waiting = new Set<() => void>();
  readonly #clock: Clock;

  constructor(
    clock: Clock,
    readonly settings: QueueSettings,
  ) {
    this.#clock = clock;
  }

  /** A FIFO queue accepts what it accepted within the last five minutes, and delivers it no more. */
  accepted(deduplicationId: string): StoredMessage | undefined {
    const former = this.#recent.get(deduplicationId);
    return former && this.#clock.now() - former.at < DEDUPLICATION_MS ? former.message : undefined;
  }

  add(message: StoredMessage): void {
    this.messages.push(message);
    if (message.deduplicationId !== undefined) this.#recent.set(message.deduplicationId, { at: message.sentAt, message });
    this.wake();
  }

  wake(): void {
    for (const resolve of this.#waiting) resolve();
  }

  remove(message: StoredMessage): void {
    const at = this.messages.indexOf(message);
    if (at >= 0) this.messages.splice(at, 1);
    this.wake(); // A FIFO group may go on.
  }

  expire(): void {
    const oldest = this.#clock.now() - this.settings.retentionSeconds * 1000;
    for (const message of this.messages.filter(({ sentAt }) => sentAt < oldest)) this.remove(message);
  }

  /** The messages that may be received now. In a FIFO queue, a group with a message in flight gives no other. */
  available(): StoredMessage[] {
    this.expire();
    const now = this.#clock.now();
    if (!this.settings.fifo) return this.messages.filter(({ visibleAt }) => visibleAt <= now);
    const blocked = new Set<string | undefined>();
    return this.messages.filter((message) => {
      if (blocked.has(message.groupId)) return false;
      if (message.visibleAt <= now) return true;
      blocked.add(message.groupId);
      return false;
    });
  }

  /** Until a message may have become available, and no longer than `deadline`. */
  async change(deadline: number): Promise<void> {
    const now = this.#clock.now();
    const next = this.messages.reduce((at, { visibleAt }) => (visibleAt > now ? Math.min(at, visibleAt) : at), deadline);
    const timer = new AbortController();
    let woken = () => {};
    const arrival = new Promise<void>((resolve) => {
      woken = resolve;
      this.#waiting.add(resolve);
    });
    // Without a deadline and with nothing hidden there is no time to wait for.
    const due = next === Number.POSITIVE_INFINITY ? [] : [this.#clock.sleepUntil(next, timer.signal).catch(() => {})];
    await Promise.race([arrival, ...due]);
    this.#waiting.delete(woken);
    timer.abort();
  }

  count(): { visible: number; delayed: number; inFlight: number } {
    this.expire();
    const now = this.#clock.now();
    const later = this.messages.filter(({ visibleAt }) => visibleAt > now);
    const delayed = later.filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: this.messages.length - later.length, delayed, inFlight: later.length - delayed };
  }
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const sized = (value: string | Uint8Array): void => {
    const bytes = Buffer.from(value as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    sized(name);
    sized(DataType);
    hash.update(Buffer.from([DataType.startsWith('Binary') ? 2 : 1]));
    sized(StringValue ?? BinaryValue ?? '');
  }
  return hash.digest('hex');
}
