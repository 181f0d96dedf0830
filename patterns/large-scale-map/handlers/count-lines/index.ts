import { type LogLine, problemOf } from '../log-line';
import { type Traffic, trafficOf } from '../traffic';

/** A batch as Step Functions hands it over. */
export interface Batch {
  readonly Items: readonly unknown[];
}

export interface BatchAnswer {
  readonly result: Traffic;
  readonly failures: readonly { readonly index: number; readonly error: 'MalformedLine'; readonly cause: string }[];
}

/** Counts the sound lines of a batch and names the others: one bad line costs no other line. */
export async function handler({ Items }: Batch): Promise<BatchAnswer> {
  const problems = Items.map(problemOf);
  return {
    result: trafficOf(Items.filter((_, index) => problems[index] === undefined) as LogLine[]),
    failures: problems.flatMap((cause, index) => (cause === undefined ? [] : [{ index, error: 'MalformedLine', cause }])),
  };
}
