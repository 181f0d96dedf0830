import { type Attributes, fromAttributes } from './attributes';

export type Decision = 'APPROVED' | 'REJECTED';

export const DECISIONS: readonly string[] = ['APPROVED', 'REJECTED'] satisfies Decision[];

/** In UTF-16 code units, as a browser's `maxlength` counts. */
export const LONGEST_REASON = 1000;

/** What a person decided. */
export interface Verdict {
  readonly decision: Decision;
  /** When, ISO. */
  readonly at: string;
  readonly reason?: string;
}

/** A verdict of one of several. */
export interface Vote extends Verdict {
  readonly by: string;
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
  /** What waits; one of several voters has none. */
  readonly taskToken?: string;
  /** Of one of several voters: the request that their votes go to. */
  readonly quorumId?: string;
  /** How many have to approve, when several vote … */
  readonly needed?: number;
  /** … and of how many. */
  readonly voters?: number;
  /** Who asked for it, and may not approve. */
  readonly requester?: string;
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
  /** Of a request that several vote on, by the order of voting: 1, 2, … */
  readonly votes?: { readonly [place: string]: Vote };
  /** Whose vote settled it. */
  readonly decidedBy?: string;
  /** There while a decision has not reached Step Functions: key of the sparse index. */
  readonly unanswered?: string;
  readonly answeredAt?: string;
  /** When the answer was given up because nobody can tell any more whether it had arrived. */
  readonly unconfirmedAt?: string;
  /** What was decided when the workflow no longer waited. */
  readonly lateDecision?: Verdict;
}

/** After so many wrong codes a link takes no decision any more. */
export const MOST_WRONG_CODES = 10;

export function isLocked({ wrongCodes }: ApprovalRequest): boolean {
  return wrongCodes >= MOST_WRONG_CODES;
}

/** Value of the key of the sparse index. */
export const UNANSWERED = 'true';

/** The verdict of a decided row. */
export function verdictOf({ status, decidedAt, reason }: ApprovalRequest): Verdict | undefined {
  if ((status !== 'APPROVED' && status !== 'REJECTED') || decidedAt === undefined) return undefined;
  return { decision: status, at: decidedAt, reason };
}

/** Whether it is what several vote on: neither one person's request nor one of the votes. */
export function isQuorum({ needed, quorumId }: Pick<NewRequest, 'needed' | 'quorumId'>): boolean {
  return needed !== undefined && quorumId === undefined;
}

/** Told to each of several. */
export function quorumRule({ needed, voters }: Pick<NewRequest, 'needed' | 'voters'>): string {
  return `${voters} people are asked, and ${needed} of them ${needed === 1 ? 'has' : 'have'} to approve.`;
}

/** The votes so far, in their order. */
export function votesOf({ votes = {} }: ApprovalRequest): Vote[] {
  return Object.keys(votes)
    .sort((a, b) => Number(a) - Number(b))
    .map((place) => votes[place]);
}

/** What the votes come to: nothing while it is open. */
export function settledBy(votes: readonly Vote[], { needed = 1, voters = 1 }: ApprovalRequest): Decision | undefined {
  const approvals = votes.filter(({ decision }) => decision === 'APPROVED').length;
  if (approvals >= needed) return 'APPROVED';
  return voters - (votes.length - approvals) < needed ? 'REJECTED' : undefined;
}

export function toRequest(item: Attributes): ApprovalRequest {
  return fromAttributes(item) as unknown as ApprovalRequest;
}
