/** `REJECTED`: the item is at fault. `CRASHED`: the work was. `UNFINISHED`: stopped before it ended, or never started. */
export type FailureKind = 'REJECTED' | 'CRASHED' | 'UNFINISHED';

/** One line of `failures.jsonl`. */
export interface Failure {
  readonly kind: FailureKind;
  readonly error?: string;
  readonly cause?: string;
  readonly item: unknown;
  /** Its place in the source, of ordered items. */
  readonly index?: number;
  readonly execution?: string;
}
