import type { Failure, FailureKind } from './failure';

/** What a child's input and output are. */
export interface RecordOptions {
  /** Whether a child works on a batch. */
  readonly batches: boolean;
  /** Whether an item comes with its index. */
  readonly ordered: boolean;
  /** Whether objects that stand for folders are skipped. */
  readonly folders: boolean;
  /** Errors that say that the item is at fault. */
  readonly businessErrors: readonly string[];
}

/** A child as Step Functions writes it to a result file. `Input` and `Output` are JSON texts. */
export interface ChildRecord {
  readonly Status?: string;
  readonly Input?: string;
  readonly Output?: string;
  readonly Error?: string;
  readonly Cause?: string;
  readonly ExecutionArn?: string;
}

/** Numbers of items. `total` is without those skipped. */
export interface Counts {
  total: number;
  succeeded: number;
  rejected: number;
  crashed: number;
  unfinished: number;
  skipped: number;
}

export interface ChildOutcome {
  readonly succeeded: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

interface Item {
  readonly item: unknown;
  readonly index?: number;
}

interface Reason {
  readonly item: unknown;
  readonly error: string;
  readonly cause?: string;
}

/** What became of the items of one child. */
export function childOutcome(record: ChildRecord, options: RecordOptions): ChildOutcome {
  const all = itemsOf(record, options);
  const items = options.folders ? all.filter(({ item }) => !isFolder(item)) : all;
  const skipped = all.length - items.length;
  const execution = record.ExecutionArn;
  if (record.Status === 'SUCCEEDED') {
    const failures = options.batches ? reasonsOf(record).map((reason): Failure => ({ kind: 'REJECTED', ...reason, execution })) : [];
    return { succeeded: items.length - failures.length, skipped, failures };
  }
  const kind = kindOf(record, options);
  const reason = { error: record.Error, cause: record.Cause === undefined ? undefined : messageOf(record.Cause) };
  return { succeeded: 0, skipped, failures: items.map((item) => ({ kind, ...reason, ...item, execution })) };
}

function kindOf({ Status, Error: error }: ChildRecord, { businessErrors }: RecordOptions): FailureKind {
  if (Status === 'FAILED') return error !== undefined && businessErrors.includes(error) ? 'REJECTED' : 'CRASHED';
  return Status === 'TIMED_OUT' ? 'CRASHED' : 'UNFINISHED';
}

function itemsOf({ Input, ExecutionArn }: ChildRecord, { batches, ordered }: RecordOptions): Item[] {
  if (Input === undefined) throw new Error(`the result file has no input of ${ExecutionArn ?? 'a child'}: its items can't be counted`);
  const input = JSON.parse(Input);
  if (batches) return (input.Items as unknown[]).map((item) => ({ item }));
  return [ordered ? { item: input.item, index: input.index } : { item: input }];
}

/** A batch in which everything was skipped gives `{}`. */
function reasonsOf({ Output }: ChildRecord): readonly Reason[] {
  return Output === undefined ? [] : (JSON.parse(Output).failures ?? []);
}

/** An object of zero bytes whose key ends in a slash: as the states have it. */
function isFolder(item: unknown): boolean {
  const { Key, Size } = item as { Key?: unknown; Size?: unknown };
  return typeof Key === 'string' && Key.endsWith('/') && Size === 0;
}

/** Of a Lambda function's error, which comes as JSON with its stack, the message alone. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause);
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
