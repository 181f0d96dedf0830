import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { requestIdOf } from './derive';
import { normaliseIdentity } from './identity';
import type { Log } from './log';
import { type NotifyEvent, type Person, readNotifyEvent } from './notify-event';
import { scheduleReminders } from './reminders';
import { type NewRequest, verdictOf } from './request';
import type { RequestTable } from './table';
import { type TellServices, tellWithLink } from './tell';
import { handOver, openRequest } from './writes';

/** How long a row is kept after its request's end. */
const KEPT_SECONDS = 90 * 24 * 60 * 60;

export interface NotifyServices extends TellServices {
  readonly table: RequestTable;
  readonly scheduler: SchedulerClient;
}

/** The time to decide was over before the approver could be told. */
export class ApprovalExpired extends Error {
  override readonly name = 'ApprovalExpired';
}

/** Nobody else than the requester would decide. */
export class ApproverIsRequester extends Error {
  override readonly name = 'ApproverIsRequester';
}

/** Records a request and tells its approver. The task goes on waiting until the request is answered or times out. */
export async function notify(input: unknown, services: NotifyServices, log: Log): Promise<void> {
  try {
    await open(withoutRequester(readNotifyEvent(input)), services, log);
  } catch (error) {
    log.error('failed', error);
    throw log.withoutSecrets(error);
  }
}

/** @throws ApproverIsRequester when too few are left */
function withoutRequester(event: NotifyEvent): NotifyEvent {
  const { requester, approver, quorum } = event;
  if (requester === undefined) return event;
  const own = normaliseIdentity(requester);
  const others = (quorum?.approvers ?? (approver ? [approver] : [])).filter(({ identity }) => normaliseIdentity(identity) !== own);
  if (others.length < (quorum?.needed ?? 1)) {
    throw new ApproverIsRequester('who asked for it may not approve it, and too few others are asked: let the step ask somebody else');
  }
  return quorum ? { ...event, quorum: { ...quorum, approvers: others } } : event;
}

async function open(event: NotifyEvent, services: NotifyServices, log: Log): Promise<void> {
  log.hide(event.taskToken);
  const request = requestOf(event);
  log.with({ requestId: request.requestId, step: request.step, channel: request.channel });
  if (Date.now() >= Date.parse(request.expiresAt)) {
    throw new ApprovalExpired(`the request expired at ${request.expiresAt}, before its approver was told`);
  }
  if (!(await record(request, event.taskToken, services.table, log))) return;
  const asked = event.approver
    ? [{ request, channel: event.approver.channel }]
    : (event.quorum?.approvers ?? []).map((person) => ({ request: voteOf(request, event.requestKey, person), channel: person.channel }));
  if (event.reminders) {
    const people = asked.map(({ request: { requestId }, channel }) => ({ requestId, channel }));
    await scheduleReminders(services.scheduler, event.reminders, request.requestId, Date.parse(request.expiresAt), people);
  }
  for (const { request: one, channel } of asked) {
    log.with({ requestId: one.requestId, channel: one.channel });
    // Who has voted before the task was retried is not asked again.
    if (one === request || (await openRequest(services.table, one)).done) await tellWithLink(one, channel, services, log);
  }
}

/** @returns whether somebody has to be told: not of what is decided already */
async function record(request: NewRequest, taskToken: string, table: RequestTable, log: Log): Promise<boolean> {
  const { done, row } = await openRequest(table, request);
  if (done) return true;
  if (!row) throw new Error('the request could not be recorded, and the table does not say why');
  log.hide(row.taskToken ?? '');
  if (row.taskToken === taskToken) {
    log.info('decided before');
    return false;
  }
  // The task was retried after the decision. Asking again could give another answer; the one that was given is passed on instead.
  const verdict = verdictOf(row) ?? row.lateDecision;
  const handedOver = verdict && (await handOver(table, row, verdict, taskToken));
  if (!handedOver?.done) throw new Error('the request has been changed by another at the same time');
  log.info('decided before, to be passed on');
  return false;
}

function requestOf(event: NotifyEvent): NewRequest {
  const expiresAt = Date.parse(event.enteredAt) + Math.round(event.expiresInSeconds * 1000);
  return {
    ...(event.approver ? onePerson(event.requestKey, event.approver) : several(event)),
    executionArn: event.executionArn,
    stateMachineArn: event.stateMachineArn,
    step: event.step,
    title: event.title,
    summary: JSON.stringify(event.summary),
    summaryHash: event.summaryHash,
    taskToken: event.taskToken,
    requester: event.requester,
    createdAt: new Date(Date.now()).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    ttl: Math.ceil(expiresAt / 1000) + KEPT_SECONDS,
  };
}

function onePerson(requestKey: string, { identity, channel }: Person) {
  return { requestId: requestIdOf(requestKey, identity), approver: identity, channel: channel.type };
}

function several({ requestKey, quorum: { needed, approvers } = { needed: 1, approvers: [] } }: NotifyEvent) {
  const names = approvers.map(({ identity }) => identity);
  const requestId = requestIdOf(requestKey, JSON.stringify(names));
  return { requestId, approver: `${needed} of ${names.join(', ')}`, channel: 'quorum', needed, voters: names.length };
}

/** What one of several is asked with. The task's token stays with what they vote on. */
function voteOf({ taskToken: _, ...asked }: NewRequest, requestKey: string, person: Person): NewRequest {
  return { ...asked, ...onePerson(requestKey, person), quorumId: asked.requestId };
}
