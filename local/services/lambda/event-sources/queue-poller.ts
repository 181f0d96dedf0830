/** Lambda's pollers of an SQS queue. Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
import { ApiError, type Cloud, type Json, type Principal } from '../../../cloud-types';
import { inBackground } from '../../background';
import { queueUrlOf } from '../../delivery';
import type { Queue } from '../../sqs/queue';
import type { MappedFunction } from '../mapped-function';
import { invalid, type MappingConfiguration } from './configuration';
import { failedItems } from './item-failures';

/** "Lambda starts with five concurrent invocations", adds "up to 300 per minute", "up to a maximum of 1,250": …/dg/services-sqs-scaling.html */
const [FIRST_CONCURRENCY, MORE_PER_MINUTE, MAX_CONCURRENCY] = [5, 300, 1250];
/** A batch is full with its messages, or with what one invocation may carry. */
const MAX_BATCH_BYTES = 6_291_456;
/** What the queue refused is asked for again after this long; AWS gives no number. */
const REFUSED_DELAY_MS = 60_000;

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<
    Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: Uint8Array }>
  >;
}

export class QueuePoller {
  private running = 0;
  private busySince = 0;
  private freed = () => {};
  private readonly principal: Principal;

  constructor(
    private readonly cloud: Cloud,
    private readonly queue: Queue,
    private readonly fn: MappedFunction,
    private readonly configuration: MappingConfiguration,
    private readonly signal: AbortSignal,
  ) {
    this.principal = { kind: 'role', arn: fn.roleArn };
  }

  /** What CreateEventSourceMapping looks at: the role's permissions, and that a message stays hidden for as long as the function runs. */
  async check(): Promise<void> {
    await this.allowed('GetQueueAttributes', { AttributeNames: ['All'] });
    await this.allowed('ReceiveMessage', { MaxNumberOfMessages: 1, VisibilityTimeout: 0, WaitTimeSeconds: 0 });
    const { visibilityTimeoutSeconds } = this.queue.settings;
    if (visibilityTimeoutSeconds < this.fn.timeoutSeconds) {
      throw invalid(
        `Queue visibility timeout: ${visibilityTimeoutSeconds} seconds is less than Function timeout: ${this.fn.timeoutSeconds} seconds`,
      );
    }
  }

  private async allowed(operation: string, input: object): Promise<void> {
    try {
      await this.call(operation, input);
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode !== 403) throw error;
      throw invalid(`The function execution role does not have permissions to call ${operation} on SQS`);
    }
  }

  async run(): Promise<void> {
    while (!this.signal.aborted) {
      if (this.running >= this.limit()) {
        await new Promise<void>((resolve) => {
          this.freed = resolve;
        });
        continue;
      }
      const batch = await this.gather();
      if (batch.length === 0 || this.signal.aborted) continue;
      if (this.running === 0) this.busySince = this.cloud.clock.now();
      this.running += 1;
      inBackground(
        this.process(batch).finally(() => {
          this.running -= 1;
          this.freed();
        }),
      );
    }
  }

  private limit(): number {
    const minutes = Math.floor((this.cloud.clock.now() - this.busySince) / 60_000);
    const scaled = this.running === 0 ? FIRST_CONCURRENCY : FIRST_CONCURRENCY + minutes * MORE_PER_MINUTE;
    return Math.min(scaled, MAX_CONCURRENCY, this.configuration.maximumConcurrency ?? MAX_CONCURRENCY);
  }

  /** Waits for a message without asking the queue over and over, then for the batching window to pass or the batch to be full. */
  private async gather(): Promise<readonly Message[]> {
    const { clock } = this.cloud;
    const { batchSize, windowMs } = this.configuration;
    while (this.queue.available().length === 0) {
      await this.queue.change(Number.POSITIVE_INFINITY);
      if (this.signal.aborted) return [];
    }
    const messages: Message[] = [];
    const deadline = clock.now() + windowMs;
    let bytes = 0;
    while (messages.length < batchSize && bytes < MAX_BATCH_BYTES && !this.signal.aborted) {
      if (this.queue.available().length > 0) {
        const received = await this.receive(Math.min(10, batchSize - messages.length));
        messages.push(...received);
        bytes += received.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0);
      } else {
        if (clock.now() >= deadline) break;
        await this.queue.change(deadline);
      }
    }
    return messages;
  }

  private async receive(max: number): Promise<readonly Message[]> {
    const input = { MaxNumberOfMessages: max, WaitTimeSeconds: 0, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] };
    try {
      const { Messages = [] } = (await this.call('ReceiveMessage', input)) as { Messages?: readonly Message[] };
      return Messages;
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
      await this.cloud.clock.sleepUntil(this.cloud.clock.now() + REFUSED_DELAY_MS);
      return [];
    }
  }

  /** What isn't deleted comes back when its visibility timeout has passed, and goes to the dead-letter queue by the queue's own rule. */
  private async process(batch: readonly Message[]): Promise<void> {
    const { sourceArn, accepts, reportsItemFailures } = this.configuration;
    const events = batch.map((message) => ({ message, event: this.event(message, sourceArn) }));
    const wanted = events.filter(({ event }) => accepts(withParsedBody(event)));
    const done = events.filter((entry) => !wanted.includes(entry)).map(({ message }) => message);
    if (wanted.length > 0) {
      const result = await this.fn.invoke(JSON.stringify({ Records: wanted.map(({ event }) => event) }));
      const identifiers = wanted.map(({ message }) => message.MessageId);
      const failed = result && failedItems(result, reportsItemFailures, identifiers);
      if (failed) done.push(...wanted.map(({ message }) => message).filter(({ MessageId }) => !failed.has(MessageId)));
    }
    for (let i = 0; i < done.length; i += 10) await this.delete(done.slice(i, i + 10));
  }

  private async delete(messages: readonly Message[]): Promise<void> {
    await this.call('DeleteMessageBatch', {
      Entries: messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })),
    });
  }

  private call(operation: string, input: object): Promise<unknown> {
    return this.cloud.call({
      service: 'sqs',
      operation,
      principal: this.principal,
      input: { QueueUrl: queueUrlOf(this.queue.settings.arn), ...input },
    });
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
  private event(message: Message, eventSourceARN: string): { readonly [key: string]: Json } {
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: { ...message.Attributes },
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          {
            ...(StringValue !== undefined && { stringValue: StringValue }),
            ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
            stringListValues: [],
            binaryListValues: [],
            dataType: DataType,
          },
        ]),
      ),
      ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN,
      awsRegion: this.cloud.region,
    };
  }
}

/** A filter looks into a body that is JSON. */
function withParsedBody(event: { readonly [key: string]: Json }): Json {
  try {
    return { ...event, body: JSON.parse(event.body as string) };
  } catch {
    return event as Json;
  }
}
