import { type Attributes, fromAttributes } from './attributes';

export type Decision = 'APPROVED' | 'REJECTED';

/** What a person decided. */
export interface Verdict {
  readonly decision: Decision;
  /** When, ISO. */
  readonly at: string;
  readonly reason?: string;
}

/** What is known of a request when it is made. */
export interface NewRequest {
  readonly requestId: string;
  /** Whose link it is: `by` of the outcome. */
  readonly approver: string;
  readonly channel: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly step: string;
  readonly title: string;
  /** JSON text, so that the order of its fields is kept. */
  readonly summary: string;
  readonly summaryHash: string;
  readonly taskToken: string;
  readonly createdAt: string;
  /** ISO. At this moment it is too late. */
  readonly expiresAt: string;
  /** Epoch seconds. */
  readonly ttl: number;
}

/** A row of the table of requests. */
export interface ApprovalRequest extends NewRequest {
  readonly status: 'PENDING' | Decision | 'EXPIRED' | 'WITHDRAWN';
  /** Changes with everything that happens to the request. */
  readonly revision: number;
  readonly wrongCodes: number;
  readonly decidedAt?: string;
  readonly reason?: string;
  /** There while a decision has not reached Step Functions: key of the sparse index. */
  readonly unanswered?: string;
  readonly answeredAt?: string;
  /** When the answer was given up because nobody can tell any more whether it had arrived. */
  readonly unconfirmedAt?: string;
  /** What was decided when the workflow no longer waited. */
  readonly lateDecision?: Verdict;
}

/** Value of the key of the sparse index. */
export const UNANSWERED = 'true';

/** The verdict of a decided row. */
export function verdictOf({ status, decidedAt, reason }: ApprovalRequest): Verdict | undefined {
  if ((status !== 'APPROVED' && status !== 'REJECTED') || decidedAt === undefined) return undefined;
  return { decision: status, at: decidedAt, reason };
}

export function toRequest(item: Attributes): ApprovalRequest {
  return fromAttributes(item) as unknown as ApprovalRequest;
}
