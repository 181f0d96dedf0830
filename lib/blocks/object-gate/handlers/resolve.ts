import type { S3Client } from '@aws-sdk/client-s3';
import {
  InvalidToken,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { search } from './search';
import type { Waiter } from './waiter';
import { forget, type WaiterTable } from './waiters';

export interface GateServices {
  readonly table: WaiterTable;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
}

/**
 * Looks whether what somebody waits for is there, and tells them then. Whoever looks does the same, as often as it likes: the first
 * answer counts, and the row goes only after it.
 * @returns whether it was there
 */
export async function resolve({ s3, sfn, table }: GateServices, waiter: Waiter): Promise<boolean> {
  const found = await search(s3, waiter.bucket, waiter.match);
  if (!found) return false;
  const { taskToken } = waiter;
  const waited = await isTaken(sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(found) })));
  await forget(table, waiter);
  told(waited ? 'answered' : 'nobody waits any more', waiter);
  return true;
}

/** Forgets who waits no more, because the run was stopped or the time is over. Their token is good for nothing. */
export async function forgetIfGone({ sfn, table }: GateServices, waiter: Waiter): Promise<void> {
  const { taskToken } = waiter;
  if (Date.now() < Date.parse(waiter.expiresAt) && (await isTaken(sfn.send(new SendTaskHeartbeatCommand({ taskToken }))))) return;
  await forget(table, waiter);
  told('nobody waits any more', waiter);
}

/** @returns whether the task still waited. `TaskTimedOut` is also what a token gets that was used, or whose execution was stopped. */
async function isTaken(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken) return false;
    throw error;
  }
}

function told(outcome: string, { waiterId, step, bucket, match }: Waiter): void {
  console.log(JSON.stringify({ level: 'INFO', outcome, waiterId, step, bucket, prefix: match.prefix }));
}
