import { createHash } from 'node:crypto';

/** One decision of one person, as the audit keeps it. */
export interface AuditEntry {
  /** When it was decided, ISO. */
  readonly at: string;
  readonly decision: string;
  readonly approver: string;
  readonly reason?: string;
  readonly requestId: string;
  /** Of a vote: the request that several vote on. */
  readonly quorumId?: string;
  /** Who asked for it, where that is known. */
  readonly requester?: string;
  readonly executionArn: string;
  readonly step: string;
  readonly summaryHash: string;
  /** Who says who it was, and of whom: a token's issuer and subject, or the account and the session that signed. */
  readonly issuer?: string;
  readonly subject?: string;
}

/** An entry in its place in the chain. */
export interface AuditRecord extends AuditEntry {
  /** Partition key of the table: a gate has one chain. */
  readonly chain: string;
  /** 1, 2, 3, … */
  readonly sequence: number;
  /** `hash` of the record before it, `NO_RECORD` for the first. */
  readonly previousHash: string;
  readonly hash: string;
}

export const CHAIN = 'decisions';

/** Stands for the record before the first. */
export const NO_RECORD = '0'.repeat(64);

export function chained(entry: AuditEntry, previous: Pick<AuditRecord, 'sequence' | 'hash'> | undefined): AuditRecord {
  const record = { ...entry, chain: CHAIN, sequence: (previous?.sequence ?? 0) + 1, previousHash: previous?.hash ?? NO_RECORD };
  return { ...record, hash: hashOf(record) };
}

/** SHA-256, in hexadecimal, of the JSON text of all `[name, value]` but the hash itself, sorted by name. */
export function hashOf(record: object): string {
  const fields = Object.entries(record)
    .filter(([name, value]) => name !== 'hash' && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}
