import { type AnswerServices, tryToAnswer } from './answer';
import type { AuditEntry } from './audit-record';
import { type Decided, decide } from './decide';
import type { Log } from './log';
import type { ApprovalRequest, Verdict } from './request';
import type { DecisionTables } from './table';

export interface DecideServices extends AnswerServices {
  readonly table: DecisionTables;
}

/** What became of a decision. */
export interface Answered extends Decided {
  /** What the workflow waits for, once the answer was tried: the request itself, or what several vote on. Nothing if the decision was refused. */
  readonly waiting?: ApprovalRequest;
}

/**
 * Decides, once, and passes on to the workflow what that settles.
 * @param quorum of one of several: what they vote on
 * @param signedIn for the audit, when the decision did not come by the link
 */
export async function decideAndAnswer(
  services: DecideServices,
  request: ApprovalRequest,
  verdict: Verdict,
  quorum: ApprovalRequest | undefined,
  log: Log,
  signedIn?: Pick<AuditEntry, 'issuer' | 'subject'>,
): Promise<Answered> {
  const decided = await decide(services.table, request, verdict, quorum, signedIn);
  if (!decided.done) return decided;
  // In the log the hash stands outside the table: whoever rewrites the audit can't rewrite both.
  log.info('decided', { decision: verdict.decision, auditSequence: decided.record?.sequence, auditHash: decided.record?.hash });
  const waiting = decided.quorum ?? decided.row;
  return { ...decided, waiting: waiting?.unanswered ? await tryToAnswer(services, waiting, 'first', log) : waiting };
}
