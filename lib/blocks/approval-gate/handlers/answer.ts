import { InvalidToken, SendTaskSuccessCommand, type SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import type { Log } from './log';
import { type ApprovalRequest, type RequestTable, type Verdict, verdictOf, type Written } from './request';

/** No invocation that decided can still be sending its answer after this: an HTTP API waits 30 s at most. */
const SENDING_MS = 30_000;

export interface AnswerServices {
  readonly table: RequestTable;
  readonly sfn: SFNClient;
}

/**
 * Passes a recorded decision on to Step Functions and records what became of it.
 *
 * @param attempt `first` by the invocation that decided; `again` when that one may have got as far as sending the answer
 * @returns the row afterwards; with `unanswered` if that is still open
 * @throws what keeps the answer from being sent now, such as throttling. The row stays unanswered.
 */
export async function answer(
  { table, sfn }: AnswerServices,
  row: ApprovalRequest,
  attempt: 'first' | 'again',
  log: Log,
): Promise<ApprovalRequest> {
  const verdict = verdictOf(row);
  if (!verdict || !row.taskToken) throw new Error('the row has no decision or no task token to answer with');
  log.hide(row.taskToken);
  const written = await send();
  const now = written?.row ?? row;
  // The task was retried meanwhile: another token waits for the same decision.
  if (written && !written.done && now.unanswered && now.taskToken !== row.taskToken) {
    return answer({ table, sfn }, now, 'first', log);
  }
  return now;

  async function send(): Promise<Written | undefined> {
    try {
      await sfn.send(new SendTaskSuccessCommand({ taskToken: row.taskToken, output: outputOf(row, verdict as Verdict) }));
    } catch (error) {
      return gone(error);
    }
    log.info('answered', { decision: verdict?.decision });
    return table.markAnswered(row, verdict as Verdict, isoNow());
  }

  async function gone(error: unknown): Promise<Written | undefined> {
    if (error instanceof TaskDoesNotExist || error instanceof InvalidToken) return tooLate('WITHDRAWN');
    // Also what Step Functions says of a token that has been used, or whose execution was stopped: "Provided task does not exist anymore".
    if (!(error instanceof TaskTimedOut)) throw error;
    if (attempt === 'again' && Date.now() - Date.parse(verdict?.at ?? '') < SENDING_MS) return undefined;
    if (Date.now() >= Date.parse(row.expiresAt)) return tooLate('EXPIRED');
    if (attempt === 'first') return tooLate('WITHDRAWN');
    log.info('unconfirmed', { decision: verdict?.decision });
    return table.markUnconfirmed(row, isoNow());
  }

  function tooLate(status: 'EXPIRED' | 'WITHDRAWN'): Promise<Written> {
    log.info('too late', { status, decision: verdict?.decision });
    return table.markTooLate(row, verdict as Verdict, status);
  }
}

/** What the waiting step gets. */
function outputOf({ approver, summaryHash }: ApprovalRequest, { decision, at, reason }: Verdict): string {
  return JSON.stringify({ decision, by: approver, at, reason, summaryHash });
}

function isoNow(): string {
  return new Date(Date.now()).toISOString();
}
