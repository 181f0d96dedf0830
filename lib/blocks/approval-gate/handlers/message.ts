import { formatCode } from './code';
import type { NewRequest } from './request';
import { namesOf } from './text';

/** What somebody is told, whatever the channel. */
export interface Telling {
  readonly request: NewRequest;
  /** The whole URL. */
  readonly link: string;
  readonly code: string;
  /** They have been told before. */
  readonly reminder: boolean;
}

/**
 * What an approver is told through a channel of the user's own, as JSON text. `link` and `code` together decide: whoever passes the
 * message on gives them to the approver only.
 */
export interface ApprovalMessage {
  readonly version: 1;
  /** The same when the message is sent again because the task was retried. */
  readonly requestId: string;
  readonly approver: string;
  readonly title: string;
  readonly summary: { readonly [label: string]: unknown };
  readonly summaryHash: string;
  readonly link: string;
  /** As it is shown: `K7Q-X4M`. */
  readonly code: string;
  /** ISO. */
  readonly expiresAt: string;
  readonly executionName: string;
  readonly step: string;
  /** How many have to approve, of how many who are asked; absent when one person decides. */
  readonly quorum?: { readonly needed: number; readonly of: number };
  /** Absent the first time. */
  readonly reminder?: true;
}

export function messageOf({ request, link, code, reminder }: Telling): ApprovalMessage {
  const { requestId, approver, title, summaryHash, expiresAt, step, needed, voters } = request;
  return {
    version: 1,
    requestId,
    approver,
    title,
    summary: JSON.parse(request.summary),
    summaryHash,
    link,
    code: formatCode(code),
    expiresAt,
    executionName: namesOf(request.executionArn).execution,
    step,
    quorum: needed === undefined || voters === undefined ? undefined : { needed, of: voters },
    reminder: reminder || undefined,
  };
}
