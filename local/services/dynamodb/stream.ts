/** The changes of a table, in order. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
import { createHash } from 'node:crypto';
import { cloneItem, equal, type Item } from './attribute-value';
import { itemSize } from './size';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface Change {
  readonly keys: Item;
  readonly before?: Item;
  readonly after?: Item;
  /** Time to live deleted it. */
  readonly expired?: boolean;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: Date;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string };
}

/** "All data in DynamoDB Streams is subject to a 24-hour lifetime." */
export const RETENTION_MS = 24 * 3600 * 1000;
const FIRST_NUMBER = 100_000_000_000_000_000_000n;

export interface StreamIdentity {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly region: string;
  readonly createdAt: number;
  /** As DescribeStream gives it. */
  readonly keySchema: unknown;
}

/** One shard, where AWS has one for each partition of the table and starts new ones every few hours. */
export class Stream {
  readonly shardId: string;
  /** Its table is gone; what it has can be read to the end. */
  closed = false;
  private records: StreamRecord[] = [];
  /** How many there ever were. */
  private count = 0n;
  private waiting: (() => void)[] = [];

  constructor(
    readonly identity: StreamIdentity,
    private readonly now: () => number,
  ) {
    const digest = createHash('md5').update(identity.arn).digest('hex');
    this.shardId = `shardId-${String(identity.createdAt).padStart(20, '0')}-${digest.slice(0, 8)}`;
  }

  /** A write that changes nothing leaves no record. */
  append({ keys, before, after, expired }: Change): void {
    if (before && after && equal({ M: before }, { M: after })) return;
    const { arn, viewType, region } = this.identity;
    const SequenceNumber = String(FIRST_NUMBER + this.count);
    const images = {
      ...(after && (viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES') && { NewImage: cloneItem(after) }),
      ...(before && (viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES') && { OldImage: cloneItem(before) }),
    };
    this.count += 1n;
    this.records.push({
      eventID: createHash('md5').update(`${arn}#${SequenceNumber}`).digest('hex'),
      eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: new Date(Math.floor(this.now() / 1000) * 1000),
        Keys: cloneItem(keys),
        ...images,
        SequenceNumber,
        SizeBytes: [keys, ...Object.values(images)].reduce((sum, item) => sum + itemSize(item), 0),
        StreamViewType: viewType,
      },
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
      ...(expired && { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }),
    });
    const woken = this.waiting;
    this.waiting = [];
    for (const resolve of woken) resolve();
  }

  /** What can still be read. */
  get available(): readonly StreamRecord[] {
    const oldest = this.now() - RETENTION_MS;
    const from = this.records.findIndex(({ dynamodb }) => dynamodb.ApproximateCreationDateTime.getTime() >= oldest);
    this.records = from < 0 ? [] : this.records.slice(from);
    return this.records;
  }

  /** The number of the latest record that there ever was. */
  get last(): string | undefined {
    return this.count === 0n ? undefined : String(FIRST_NUMBER + this.count - 1n);
  }

  /** The number that the next record will have. */
  get next(): string {
    return String(FIRST_NUMBER + this.count);
  }

  /** The number of the oldest record that can still be read, or else of the next. */
  get horizon(): string {
    return this.available[0]?.dynamodb.SequenceNumber ?? this.next;
  }

  get first(): string {
    return String(FIRST_NUMBER);
  }

  /** From this number on. */
  from(sequenceNumber: string): readonly StreamRecord[] {
    const { available } = this;
    return available.slice(Math.max(0, Number(BigInt(sequenceNumber) - BigInt(this.horizon))));
  }

  /** Resolves with the next record. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

export function isAtOrAfter(a: string, b: string): boolean {
  return BigInt(a) >= BigInt(b);
}
