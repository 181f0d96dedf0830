import type { KMSClient } from '@aws-sdk/client-kms';
import { formatCode } from './code';
import { RequestSecrets, sameText } from './derive';
import type { HttpRequest } from './http';
import { formatLink, type Link, parseLink } from './link';
import type { Log } from './log';
import { Refusal } from './refusal';
import type { ApprovalRequest } from './request';
import { type RequestTable, readRequest } from './table';

/** What it takes to tell a link that the gate made from any other. */
export interface LinkServices {
  readonly table: RequestTable;
  readonly kms: KMSClient;
  readonly keyId: string;
}

/** A request met by somebody who has its link. */
export interface Opened {
  readonly request: ApprovalRequest;
  /** What the request is a vote on, when several vote. */
  readonly quorum?: ApprovalRequest;
  readonly secrets: RequestSecrets;
}

/** @throws Refusal for a path that can't be a link, before anything is called */
export function linkIn({ pathParameters, rawPath }: HttpRequest): Link {
  const link = parseLink(pathParameters?.link ?? rawPath.split('/').at(-1) ?? '');
  if (!link) throw unknownLink('malformed link');
  return link;
}

/** @throws Refusal for a link that the gate has not made, or whose request is gone */
export async function openLink(link: Link, { table, kms, keyId }: LinkServices, log: Log): Promise<Opened> {
  log.hide(link.signature, formatLink(link));
  const secrets = await RequestSecrets.derive(kms, keyId, link.requestId, link.expiresAt);
  log.hide(secrets.signature, secrets.code, formatCode(secrets.code));
  if (!sameText(link.signature, secrets.signature)) throw unknownLink('wrong signature');
  log.with({ requestId: link.requestId });
  const request = await readRequest(table, link.requestId);
  // A link with another expiry is one from before the step's expiry was changed.
  if (!request || Date.parse(request.expiresAt) !== link.expiresAt) throw unknownLink('no request');
  const quorum = request.quorumId === undefined ? undefined : await readRequest(table, request.quorumId);
  log.hide((quorum ?? request).taskToken ?? '');
  return { request, quorum, secrets };
}

/** One answer for all of them: whether a link was ever good is nobody's business. */
export function unknownLink(outcome: string): Refusal {
  const text =
    'There is no request behind this link. It may have been cut off or changed on its way: open it again from the message, in one piece.';
  return new Refusal(404, outcome, 'Nothing here', text);
}
