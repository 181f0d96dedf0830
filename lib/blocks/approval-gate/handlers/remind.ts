import type { Log } from './log';
import type { NotifyServices } from './notify';
import type { Reminded, ReminderEvent } from './reminders';
import { type ApprovalRequest, isLocked } from './request';
import { standingOf } from './standing';
import { type RequestTable, readRequest } from './table';
import { tellWithLink } from './tell';

/** Tells those again who can still decide, with the same link and code. */
export async function remind({ remind: people }: ReminderEvent, services: NotifyServices, log: Log): Promise<void> {
  try {
    for (const person of people) await remindOne(person, services, log);
  } catch (error) {
    log.error('failed', error);
    throw log.withoutSecrets(error);
  }
}

async function remindOne({ requestId, channel }: Reminded, services: NotifyServices, log: Log): Promise<void> {
  log.with({ requestId, channel: channel.type });
  const request = await readRequest(services.table, requestId);
  if (request && (await isOpen(services.table, request))) await tellWithLink(request, channel, services, log, true);
  else log.info('needs no reminder');
}

async function isOpen(table: RequestTable, request: ApprovalRequest): Promise<boolean> {
  const quorum = request.quorumId === undefined ? undefined : await readRequest(table, request.quorumId);
  return standingOf(request, quorum).is === 'open' && !isLocked(request);
}
