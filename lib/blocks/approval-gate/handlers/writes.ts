import { type ApprovalRequest, isQuorum, type NewRequest, UNANSWERED, type Verdict } from './request';
import { type RequestTable, updateRequest, type Written } from './table';

// Every write is conditional, so that of two writers exactly one gets its way.

/**
 * Makes a request or, when the task that asks is retried, gives it the new token. One that was given up is open again: there is a
 * task that waits. Refused for a decided one, and for one that several have voted on: they are not asked again.
 */
export function openRequest(table: RequestTable, { requestId, createdAt, ...fields }: NewRequest): Promise<Written> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const sets = given.map(([field]) => `, #${field} = :${field}`);
  const reopened = isQuorum(fields) ? undefined : { expired: 'EXPIRED', withdrawn: 'WITHDRAWN' };
  return updateRequest(
    table,
    requestId,
    `SET #status = :pending, #createdAt = if_not_exists(#createdAt, :createdAt), #revision = if_not_exists(#revision, :zero) + :one, #wrongCodes = if_not_exists(#wrongCodes, :zero)${sets.join('')}`,
    `attribute_not_exists(#requestId) OR #status IN (:pending${reopened ? ', :expired, :withdrawn' : ''})`,
    { ...Object.fromEntries(given), createdAt, pending: 'PENDING', ...reopened, zero: 0, one: 1 },
  );
}

/** Gives a decided request the token of the task that waits now. The sweeper passes the decision on. */
export function handOver(table: RequestTable, row: ApprovalRequest, verdict: Verdict, taskToken: string): Promise<Written> {
  const { requestId, status, revision } = row;
  const { decision, at, reason } = verdict;
  return updateRequest(
    table,
    requestId,
    `SET #status = :decision, #decidedAt = :at, #taskToken = :taskToken, #unanswered = :unanswered, #revision = #revision + :one${andReason(reason)} REMOVE #answeredAt, #unconfirmedAt, #lateDecision`,
    '#status = :status AND #revision = :revision',
    { decision, at, reason, taskToken, unanswered: UNANSWERED, status, revision, one: 1 },
  );
}

/**
 * Counts a wrong code. Counting and deciding have the same condition: of any number of guesses made with one form only one has an
 * effect, and the others aren't told whether they were right.
 */
export function countWrongCode(table: RequestTable, { requestId, revision }: ApprovalRequest): Promise<Written> {
  return updateRequest(
    table,
    requestId,
    'SET #wrongCodes = #wrongCodes + :one, #revision = #revision + :one',
    '#status = :pending AND #revision = :revision',
    { pending: 'PENDING', revision, one: 1 },
  );
}

/** Step Functions took the answer: that is the truth, whatever a second sender has made of being refused. */
export function markAnswered(
  table: RequestTable,
  { requestId, taskToken }: ApprovalRequest,
  { decision, at, reason }: Verdict,
  now: string,
): Promise<Written> {
  return updateRequest(
    table,
    requestId,
    `SET #status = :decision, #decidedAt = :at, #answeredAt = :now${andReason(reason)} REMOVE #unanswered, #unconfirmedAt, #lateDecision`,
    '#taskToken = :taskToken',
    { decision, at, reason, now, taskToken },
  );
}

/** Corrects the record: the workflow did not wait for the decision any more. */
export function markTooLate(
  table: RequestTable,
  { requestId, taskToken }: ApprovalRequest,
  verdict: Verdict,
  status: 'EXPIRED' | 'WITHDRAWN',
): Promise<Written> {
  return updateRequest(
    table,
    requestId,
    'SET #status = :status, #lateDecision = :verdict, #revision = #revision + :one REMOVE #unanswered, #decidedAt, #reason',
    '#taskToken = :taskToken AND attribute_exists(#unanswered)',
    { status, verdict: { ...verdict }, taskToken, one: 1 },
  );
}

/** Gives up the answer, with the decision kept: it may have arrived. */
export function markUnconfirmed(table: RequestTable, { requestId, taskToken }: ApprovalRequest, now: string): Promise<Written> {
  return updateRequest(
    table,
    requestId,
    'SET #unconfirmedAt = :now REMOVE #unanswered',
    '#taskToken = :taskToken AND attribute_exists(#unanswered)',
    { now, taskToken },
  );
}

function andReason(reason: string | undefined): string {
  return reason ? ', #reason = :reason' : '';
}
