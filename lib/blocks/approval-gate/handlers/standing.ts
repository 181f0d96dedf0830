import { type ApprovalRequest, type Verdict, verdictOf } from './request';

/** How a request stands for its approver: which way a decision comes makes no difference. */
export type Standing =
  | { readonly is: 'open' | 'expired' | 'withdrawn' }
  /** By the approver; or by others, without whom the approver's vote is not needed any more. */
  | { readonly is: 'decided' | 'decided by others'; readonly verdict: Verdict };

/** @param quorum what the request is a vote on, when several vote */
export function standingOf(request: ApprovalRequest, quorum: ApprovalRequest | undefined): Standing {
  const waiting = quorum ?? request;
  const [own, final] = [verdictOf(request), verdictOf(waiting)];
  if (final) return own ? { is: 'decided', verdict: own } : { is: 'decided by others', verdict: final };
  if (waiting.status === 'WITHDRAWN') return { is: 'withdrawn' };
  if (waiting.status === 'EXPIRED' || Date.now() >= Date.parse(waiting.expiresAt)) return { is: 'expired' };
  return own ? { is: 'decided', verdict: own } : { is: 'open' };
}
