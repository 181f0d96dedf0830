import { type CancellationReason, TransactionCanceledException, TransactWriteItemsCommand, type Update } from '@aws-sdk/client-dynamodb';
import type { Value } from './attributes';
import { append, nextRecord } from './audit';
import type { AuditEntry, AuditRecord } from './audit-record';
import { type ApprovalRequest, settledBy, toRequest, UNANSWERED, type Verdict, votesOf } from './request';
import { type DecisionTables, updateOf, type Written } from './table';

/** Each time somebody else's decision took the place in the audit. At ten requests a second nobody loses so often. */
const MOST_ATTEMPTS = 10;

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const PASSING: readonly (string | undefined)[] = [
  'None',
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
];

export interface Decided extends Written {
  /** What the audit says of it; nothing if it was refused. */
  readonly record?: AuditRecord;
  /** For one of several: what they vote on, as it is now. */
  readonly quorum?: ApprovalRequest;
}

/**
 * Decides, once, and records it in the audit: both or neither.
 * @param quorum of one of several: what they vote on. The vote counts there in the same transaction
 * @param signedIn for the audit, when the decision did not come by the link
 */
export async function decide(
  tables: DecisionTables,
  request: ApprovalRequest,
  verdict: Verdict,
  quorum?: ApprovalRequest,
  signedIn: Pick<AuditEntry, 'issuer' | 'subject'> = {},
): Promise<Decided> {
  const { requestId, quorumId, requester, executionArn, step, approver, summaryHash } = request;
  const entry = { ...verdict, approver, requestId, quorumId, requester, executionArn, step, summaryHash, ...signedIn };
  let counting = quorum;
  for (let attempt = 1; ; attempt++) {
    const writes = counting ? [voted(request, verdict), counted(counting, request, verdict)] : [settled(request, verdict)];
    const record = await nextRecord(tables, entry);
    try {
      const updates = writes.map((write) => ({ Update: updateFor(tables, write) }));
      await tables.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [...updates, append(tables, record)] }));
      const [row, after] = writes.map(afterWrite);
      return { done: true, record, row, quorum: after };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const [onRequest, onQuorum] = reasons;
      if (refused(onRequest)) return { done: false, row: rowIn(onRequest), quorum: counting };
      if (counting && refused(onQuorum)) {
        // Somebody voted at the same time, or the task was retried.
        counting = rowIn(onQuorum) ?? counting;
        if (counting.status !== 'PENDING' || verdict.at >= counting.expiresAt) return { done: false, row: request, quorum: counting };
      }
      if (attempt === MOST_ATTEMPTS || !reasons.every(({ Code }) => PASSING.includes(Code))) throw error;
    }
  }
}

const refused = (reason: CancellationReason | undefined) => reason?.Code === 'ConditionalCheckFailed';
const rowIn = ({ Item }: CancellationReason) => Item && toRequest(Item);

/** An update of a row that nobody else has changed meanwhile: what it sets is what the row then has. */
interface Write {
  readonly row: ApprovalRequest;
  readonly sets: { readonly [field: string]: Value | undefined };
  readonly at: string;
}

/** It ends, and waits to be answered. */
function settled(row: ApprovalRequest, { decision, at, reason }: Verdict): Write {
  return { row, at, sets: { status: decision, decidedAt: at, reason, unanswered: UNANSWERED } };
}

/** One of several has voted. */
function voted(row: ApprovalRequest, { decision, at, reason }: Verdict): Write {
  return { row, at, sets: { status: decision, decidedAt: at, reason } };
}

/** The vote counts, and may settle it. */
function counted(row: ApprovalRequest, { approver }: ApprovalRequest, verdict: Verdict): Write {
  const votes = [...votesOf(row), { by: approver, ...verdict }];
  const decision = settledBy(votes, row);
  const ends = decision && { ...settled(row, { ...verdict, decision }).sets, decidedBy: approver };
  return { row, at: verdict.at, sets: { ...ends, votes: Object.fromEntries(votes.map((vote, index) => [`${index + 1}`, { ...vote }])) } };
}

function updateFor(tables: DecisionTables, { row: { requestId, revision }, sets, at }: Write): Update {
  const fields = Object.entries(sets).filter(([, value]) => value !== undefined);
  return updateOf(
    tables,
    requestId,
    `SET #revision = #revision + :one${fields.map(([name]) => `, #${name} = :${name}`).join('')}`,
    '#status = :pending AND #revision = :asRead AND #expiresAt > :now',
    { ...Object.fromEntries(fields), pending: 'PENDING', asRead: revision, now: at, one: 1 },
  );
}

function afterWrite({ row, sets }: Write): ApprovalRequest {
  return { ...row, ...sets, revision: row.revision + 1 };
}
