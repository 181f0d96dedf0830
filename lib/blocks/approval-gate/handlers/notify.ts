import type { KMSClient } from '@aws-sdk/client-kms';
import { type ChannelServices, tell } from './channel';
import { formatCode } from './code';
import { RequestSecrets, requestIdOf } from './derive';
import { formatLink, linkUrl } from './link';
import type { Log } from './log';
import { type NotifyEvent, readNotifyEvent } from './notify-event';
import type { NewRequest } from './request';
import type { RequestTable } from './table';
import { handOver, openRequest } from './writes';

/** How long a row is kept after its request's end. */
const KEPT_SECONDS = 90 * 24 * 60 * 60;

export interface NotifyServices extends ChannelServices {
  readonly table: RequestTable;
  readonly kms: KMSClient;
  readonly keyId: string;
  readonly apiUrl: string;
}

/** The time to decide was over before the approver could be told. */
export class ApprovalExpired extends Error {
  override readonly name = 'ApprovalExpired';
}

/** Records a request and tells its approver. The task goes on waiting until the request is answered or times out. */
export async function notify(input: unknown, services: NotifyServices, log: Log): Promise<void> {
  try {
    await open(readNotifyEvent(input), services, log);
  } catch (error) {
    log.error('failed', error);
    throw log.withoutSecrets(error);
  }
}

async function open(event: NotifyEvent, services: NotifyServices, log: Log): Promise<void> {
  log.hide(event.taskToken);
  const request = requestOf(event);
  const { requestId } = request;
  log.with({ requestId, step: request.step, channel: request.channel });
  const expiresAt = Date.parse(request.expiresAt);
  if (Date.now() >= expiresAt) throw new ApprovalExpired(`the request expired at ${request.expiresAt}, before its approver was told`);
  const secrets = await RequestSecrets.derive(services.kms, services.keyId, requestId, expiresAt);
  const { signature, code } = secrets;
  const link = { requestId, expiresAt, signature };
  log.hide(formatLink(link), signature, formatCode(code), code);
  if (!(await record(request, services.table, log))) return;
  await tell(services, event.approver.channel, request, linkUrl(services.apiUrl, link), code);
  log.info('told');
}

/** @returns whether the approver has to be told: not of what is decided already */
async function record(request: NewRequest, table: RequestTable, log: Log): Promise<boolean> {
  const { done, row } = await openRequest(table, request);
  if (done) return true;
  if (!row) throw new Error('the request could not be recorded, and the table does not say why');
  log.hide(row.taskToken);
  if (row.taskToken === request.taskToken) {
    log.info('decided before');
    return false;
  }
  // The task was retried after the decision. Asking again could give another answer; the one that was given is passed on instead.
  const handedOver = await handOver(table, row, request.taskToken);
  if (!handedOver.done) throw new Error('the request has been changed by another at the same time');
  log.info('decided before, to be passed on');
  return false;
}

function requestOf(event: NotifyEvent): NewRequest {
  const { identity, channel } = event.approver;
  const expiresAt = Date.parse(event.enteredAt) + Math.round(event.expiresInSeconds * 1000);
  return {
    requestId: requestIdOf(event.requestKey, identity),
    approver: identity,
    channel: channel.type,
    executionArn: event.executionArn,
    stateMachineArn: event.stateMachineArn,
    step: event.step,
    title: event.title,
    summary: JSON.stringify(event.summary),
    summaryHash: event.summaryHash,
    taskToken: event.taskToken,
    createdAt: new Date(Date.now()).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    ttl: Math.ceil(expiresAt / 1000) + KEPT_SECONDS,
  };
}
