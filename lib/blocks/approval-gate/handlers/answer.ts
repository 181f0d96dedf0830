import {
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  type SFNServiceException,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { Log } from './log';
import { type ApprovalRequest, isQuorum, type Verdict, verdictOf, votesOf } from './request';
import type { RequestTable, Written } from './table';
import { markAnswered, markTooLate, markUnconfirmed } from './writes';

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
  services: AnswerServices,
  row: ApprovalRequest,
  attempt: 'first' | 'again',
  log: Log,
): Promise<ApprovalRequest> {
  const verdict = verdictOf(row);
  if (!verdict || !row.taskToken) throw new Error('the row has no decision or no task token to answer with');
  log.hide(row.taskToken);
  const refusal = await send(services.sfn, row, verdict);
  log.info(refusal ? 'answer refused' : 'answered', { decision: verdict.decision, refusal: refusal?.name });
  // After a retry of the SDK's own, the attempt that got no reply may have arrived.
  const mayHaveArrived = attempt === 'again' || (refusal?.$metadata.attempts ?? 1) > 1;
  const written = await record(services.table, row, verdict, mayHaveArrived, refusal);
  const now = written?.row ?? row;
  // The task was retried meanwhile: another token waits for the same decision.
  const retried = written?.done === false && now.unanswered !== undefined && now.taskToken !== row.taskToken;
  return retried ? answer(services, now, 'again', log) : now;
}

/** @returns the row as it is when the answer can't be sent now: the decision is safe, and the sweeper sends it. */
export async function tryToAnswer(
  services: AnswerServices,
  row: ApprovalRequest,
  attempt: 'first' | 'again',
  log: Log,
): Promise<ApprovalRequest> {
  try {
    return await answer(services, row, attempt, log);
  } catch (error) {
    log.error('not answered', error);
    return row;
  }
}

/** @returns why Step Functions does not want the answer any more; nothing when it took it */
async function send(sfn: SFNClient, row: ApprovalRequest, verdict: Verdict): Promise<SFNServiceException | undefined> {
  const { taskToken, approver, decidedBy = approver, summaryHash } = row;
  const { decision, at, reason } = verdict;
  const votes = isQuorum(row) ? votesOf(row) : undefined;
  try {
    // What the waiting step gets.
    const output = JSON.stringify({ decision, by: decidedBy, at, reason, summaryHash, votes });
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output }));
    return undefined;
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken) return error;
    throw error;
  }
}

async function record(
  table: RequestTable,
  row: ApprovalRequest,
  verdict: Verdict,
  mayHaveArrived: boolean,
  refusal: Error | undefined,
): Promise<Written | undefined> {
  const now = Date.now();
  const iso = new Date(now).toISOString();
  if (!refusal) return markAnswered(table, row, verdict, iso);
  if (!(refusal instanceof TaskTimedOut)) return markTooLate(table, row, verdict, 'WITHDRAWN');
  // `TaskTimedOut` is also what a token gets that was used, or whose execution was stopped: "Provided task does not exist anymore".
  if (mayHaveArrived && now - Date.parse(verdict.at) < SENDING_MS) return undefined;
  if (now >= Date.parse(row.expiresAt)) return markTooLate(table, row, verdict, 'EXPIRED');
  return mayHaveArrived ? markUnconfirmed(table, row, iso) : markTooLate(table, row, verdict, 'WITHDRAWN');
}
