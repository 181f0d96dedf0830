/** Lambda's reader of a DynamoDB stream: in order, one batch at a time. Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
import { ApiError, type Cloud, type Json, type Principal } from '../../../cloud-types';
import type { InvocationResult } from '../../../functions/types';
import { deliver } from '../../delivery';
import { base64 } from '../../dynamodb/attribute-value';
import { RETENTION_MS, type Stream, type StreamRecord } from '../../dynamodb/stream';
import { uuid } from '../../identifiers';
import type { MappedFunction } from '../mapped-function';
import { invalid, type MappingConfiguration } from './configuration';
import { failedItems } from './item-failures';

/** AWS says only that it backs off. */
const [FIRST_DELAY_MS, LONGEST_DELAY_MS] = [1000, 60_000];
const MAX_BATCH_BYTES = 6_291_456;

type Discarded = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** How often a batch was tried: `retries` counts against the quota, for which splitting a batch is free. */
interface Tries {
  readonly invocations: number;
  readonly retries: number;
}

export class StreamPoller {
  private readonly principal: Principal;
  /** The number of the last record that is done with. */
  private last: string | undefined;

  constructor(
    private readonly cloud: Cloud,
    private readonly stream: Stream,
    private readonly fn: MappedFunction,
    private readonly configuration: MappingConfiguration,
    private readonly signal: AbortSignal,
  ) {
    this.principal = { kind: 'role', arn: fn.roleArn };
    this.last = configuration.startingPosition === 'LATEST' ? stream.last : undefined;
  }

  /** What CreateEventSourceMapping looks at. */
  async check(): Promise<void> {
    const { arn, tableName } = this.stream.identity;
    try {
      await this.call('ListStreams', { TableName: tableName });
      await this.call('DescribeStream', { StreamArn: arn });
      await this.call('GetRecords', { ShardIterator: await this.iterator('LATEST'), Limit: 1 });
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode !== 403) throw error;
      throw invalid(
        'Cannot access stream. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.',
      );
    }
  }

  async run(): Promise<void> {
    while (!this.signal.aborted) {
      if (this.unread === 0) await this.stream.arrival();
      if (this.signal.aborted) return;
      const batch = await this.gather();
      const wanted = batch.filter((record) => this.configuration.accepts(toEvent(record, this.stream) as Json));
      if (wanted.length > 0) await this.process(wanted, { invocations: 0, retries: 0 });
      this.last = batch.at(-1)?.dynamodb.SequenceNumber ?? this.last;
    }
  }

  private get unread(): number {
    return this.stream.from(this.last === undefined ? this.stream.horizon : String(BigInt(this.last) + 1n)).length;
  }

  /** Waits for the batching window to pass or the batch to be full. */
  private async gather(): Promise<readonly StreamRecord[]> {
    const { clock } = this.cloud;
    const { batchSize, windowMs } = this.configuration;
    const deadline = clock.now() + windowMs;
    while (this.unread < batchSize && clock.now() < deadline) {
      const timer = new AbortController();
      await Promise.race([this.stream.arrival(), clock.sleepUntil(deadline, timer.signal).catch(() => {})]);
      timer.abort();
    }
    return this.read(batchSize);
  }

  private async read(limit: number): Promise<readonly StreamRecord[]> {
    const batch: StreamRecord[] = [];
    let bytes = 0;
    try {
      let ShardIterator = this.last === undefined ? await this.iterator('TRIM_HORIZON') : await this.iteratorAfter(this.last);
      while (batch.length < limit) {
        const input = { ShardIterator, Limit: Math.min(1000, limit - batch.length) };
        const read = (await this.call('GetRecords', input)) as { Records: readonly StreamRecord[]; NextShardIterator?: string };
        for (const record of read.Records) {
          bytes += record.dynamodb.SizeBytes;
          if (batch.length > 0 && bytes > MAX_BATCH_BYTES) return batch;
          batch.push(record);
        }
        if (read.Records.length === 0 || !read.NextShardIterator) break;
        ShardIterator = read.NextShardIterator;
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
      await this.cloud.clock.sleepUntil(this.cloud.clock.now() + LONGEST_DELAY_MS);
    }
    return batch;
  }

  /** What was trimmed in the meantime is skipped. */
  private async iteratorAfter(last: string): Promise<string> {
    try {
      return await this.iterator('AFTER_SEQUENCE_NUMBER', last);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'TrimmedDataAccessException') throw error;
      return this.iterator('TRIM_HORIZON');
    }
  }

  private async iterator(ShardIteratorType: string, SequenceNumber?: string): Promise<string> {
    const input = { StreamArn: this.stream.identity.arn, ShardId: this.stream.shardId, ShardIteratorType, SequenceNumber };
    return ((await this.call('GetShardIterator', input)) as { ShardIterator: string }).ShardIterator;
  }

  /** Until it is done or given up. https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and …/services-ddb-batchfailurereporting.html */
  private async process(batch: readonly StreamRecord[], { invocations, retries }: Tries): Promise<void> {
    const { maximumRetryAttempts, bisect } = this.configuration;
    let delay = FIRST_DELAY_MS;
    let left = batch;
    let result: InvocationResult | undefined;
    for (;;) {
      const expired = left.filter((record) => this.isTooOld(record));
      if (expired.length > 0) {
        await this.discard(expired, 'RecordAgeExceeded', invocations, result);
        left = left.slice(expired.length);
        if (left.length === 0) return;
      }
      result = await this.fn.invoke(JSON.stringify({ Records: left.map((record) => toEvent(record, this.stream)) }));
      if (result) {
        invocations += 1;
        const failed = failedItems(
          result,
          this.configuration.reportsItemFailures,
          left.map(({ dynamodb }) => dynamodb.SequenceNumber),
        );
        if (failed?.size === 0) return;
        // All before the first that failed is done.
        const first = left.findIndex(({ dynamodb }) => failed?.has(dynamodb.SequenceNumber));
        if (first > 0) left = left.slice(first);
        else if (bisect && left.length > 1) return this.halve(left, { invocations, retries });
        if (maximumRetryAttempts >= 0 && retries >= maximumRetryAttempts) {
          return this.discard(left, 'RetryAttemptsExhausted', invocations, result);
        }
        retries += 1;
      }
      await this.cloud.clock.sleepUntil(this.cloud.clock.now() + delay);
      if (this.signal.aborted) return;
      delay = Math.min(2 * delay, LONGEST_DELAY_MS);
    }
  }

  private async halve(batch: readonly StreamRecord[], tries: Tries): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.process(batch.slice(0, middle), tries);
    await this.process(batch.slice(middle), tries);
  }

  private isTooOld({ dynamodb }: StreamRecord): boolean {
    const { maximumRecordAgeSeconds: age } = this.configuration;
    const limit = age < 0 ? RETENTION_MS : Math.min(age * 1000, RETENTION_MS);
    return this.cloud.clock.now() - dynamodb.ApproximateCreationDateTime.getTime() > limit;
  }

  /** In the function's name, to a queue or a topic: where the records were, not what they said. */
  private async discard(
    records: readonly StreamRecord[],
    condition: Discarded,
    approximateInvokeCount: number,
    result: InvocationResult | undefined,
  ): Promise<void> {
    if (!this.configuration.onFailure) return;
    const { fn, stream } = this;
    const [first, last] = [records[0].dynamodb, records[records.length - 1].dynamodb];
    const body = {
      requestContext: { requestId: result?.requestId ?? uuid(this.cloud), functionArn: fn.arn, condition, approximateInvokeCount },
      ...(result && {
        responseContext: {
          statusCode: 200,
          executedVersion: fn.version,
          ...(result.functionError && { functionError: result.functionError }),
        },
      }),
      version: '1.0',
      timestamp: new Date(this.cloud.clock.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId: stream.shardId,
        startSequenceNumber: first.SequenceNumber,
        endSequenceNumber: last.SequenceNumber,
        approximateArrivalOfFirstRecord: first.ApproximateCreationDateTime.toISOString(),
        approximateArrivalOfLastRecord: last.ApproximateCreationDateTime.toISOString(),
        batchSize: records.length,
        streamArn: stream.identity.arn,
      },
    };
    try {
      await deliver(this.cloud, this.principal, this.configuration.onFailure, { body: JSON.stringify(body) });
    } catch (error) {
      // A destination that refuses doesn't hold up the stream.
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
    }
  }

  private call(operation: string, input: object): Promise<unknown> {
    return this.cloud.call({ service: 'dynamodb-streams', operation, input, principal: this.principal });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#services-dynamodb-eventsourcemapping-events: seconds, bytes in base64. */
function toEvent({ dynamodb, userIdentity, ...record }: StreamRecord, stream: Stream): unknown {
  const { ApproximateCreationDateTime, ...change } = dynamodb;
  return {
    ...record,
    dynamodb: { ApproximateCreationDateTime: ApproximateCreationDateTime.getTime() / 1000, ...(plain(change) as object) },
    ...(userIdentity && { userIdentity: { principalId: userIdentity.PrincipalId, type: userIdentity.Type } }),
    eventSourceARN: stream.identity.arn,
  };
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
