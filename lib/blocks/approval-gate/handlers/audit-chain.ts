import { type AuditRecord, hashOf, NO_RECORD } from './audit-record';

/** What is known of an audit after it was looked at. */
export interface ChainFinding {
  readonly records: number;
  /** Hash of the last record, for a chain that holds. */
  readonly head?: string;
  /** The first record that is not as it was written, by its place, and why. */
  readonly broken?: { readonly record: string; readonly problem: string };
}

/** Text fields that every record has, `reason` being the one that may be missing. */
const TEXTS = ['chain', 'at', 'decision', 'approver', 'requestId', 'executionArn', 'step', 'summaryHash', 'previousHash', 'hash'] as const;

/**
 * Looks for the first record that is missing, doubled, changed or out of its place.
 * @param records in any order: an export has none
 * @param noted the hash of a record, noted before: it has to be in the chain, or the chain was cut off or written anew
 */
export function verifyChain(records: readonly Partial<AuditRecord>[], noted?: string): ChainFinding {
  const unplaced = records.find(({ sequence }) => !Number.isSafeInteger(sequence));
  if (unplaced) {
    const problem = `its sequence is ${JSON.stringify(unplaced.sequence)}, and has to be a whole number`;
    return { records: records.length, broken: { record: `of request ${unplaced.requestId}`, problem } };
  }
  const ordered = [...records].sort((a, b) => Number(a.sequence) - Number(b.sequence));
  let previousHash: string = NO_RECORD;
  for (const [index, record] of ordered.entries()) {
    const sequence = index + 1;
    const problem = problemOf(record, sequence, previousHash);
    if (problem !== undefined) return { records: records.length, broken: { record: `${sequence}`, problem } };
    previousHash = record.hash as string;
  }
  const head = ordered.at(-1)?.hash;
  if (noted !== undefined && !ordered.some(({ hash }) => hash === noted)) {
    const problem = `no record has the hash ${noted}: the end was cut off, or the audit was written anew`;
    return { records: records.length, broken: { record: `${ordered.length + 1}`, problem } };
  }
  return { records: records.length, head };
}

function problemOf(record: Partial<AuditRecord>, sequence: number, previousHash: string): string | undefined {
  if (Number(record.sequence) < sequence) return `there is more than one record ${record.sequence}`;
  if (Number(record.sequence) > sequence) return `the record is missing: the next is ${record.sequence}`;
  const missing = TEXTS.filter((name) => typeof record[name] !== 'string');
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there as text`;
  const computed = hashOf(record);
  if (record.hash !== computed) return `it was changed: its hash is ${record.hash}, that of what it says is ${computed}`;
  if (record.previousHash !== previousHash) {
    return `it does not follow the record before it, whose hash is ${previousHash}: it was made after ${record.previousHash}`;
  }
  return undefined;
}
