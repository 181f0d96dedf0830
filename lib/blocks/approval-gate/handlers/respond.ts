import type { KMSClient } from '@aws-sdk/client-kms';
import { type AnswerServices, tryToAnswer } from './answer';
import { formatCode, normaliseCode } from './code';
import { decide } from './decide';
import { RequestSecrets, sameText } from './derive';
import { type Form, readForm } from './form';
import { type HttpRequest, type HttpResponse, methodOf, pageResponse } from './http';
import { formatLink, parseLink } from './link';
import type { Log } from './log';
import { type FormPage, formPage } from './page/form-page';
import { messagePage } from './page/message-page';
import { alreadyDecidedPage, decidedByOthersPage, decidedPage, expiredPage, lockedPage, withdrawnPage } from './page/outcome-page';
import { type ApprovalRequest, MOST_WRONG_CODES, verdictOf } from './request';
import { type DecisionTables, readRequest } from './table';
import { counted } from './time';
import { countWrongCode } from './writes';

export interface RespondServices extends AnswerServices {
  readonly table: DecisionTables;
  readonly kms: KMSClient;
  readonly keyId: string;
}

interface Page {
  readonly status: number;
  /** For the log. */
  readonly outcome: string;
  readonly page: string;
  readonly headers?: { readonly [name: string]: string };
}

/** Shows the page of a request (GET, HEAD: nothing is changed) or takes a decision (POST). */
export async function respond(http: HttpRequest, services: RespondServices, log: Log): Promise<HttpResponse> {
  const { requestId } = http.requestContext;
  const method = methodOf(http);
  log.with({ apiRequestId: requestId, method });
  try {
    const { status, outcome, page, headers } = await pageFor(http, method, services, log);
    log.info(outcome, { status });
    return pageResponse(http, status, page, headers);
  } catch (error) {
    log.error('failed', error, { status: 500 });
    const text = `The request could not be handled, and it is not certain what was done. Open the link again to see how it stands. If this happens again, tell whoever runs the workflow this number: ${requestId}`;
    return pageResponse(http, 500, messagePage('Something went wrong', text, { back: true }));
  }
}

async function pageFor(http: HttpRequest, method: string, services: RespondServices, log: Log): Promise<Page> {
  if (!['GET', 'HEAD', 'POST'].includes(method)) {
    const page = messagePage('Not possible', 'This page can be opened, and its form can be sent.');
    return { status: 405, outcome: 'method refused', page, headers: { allow: 'GET, HEAD, POST' } };
  }
  const link = parseLink(http.pathParameters?.link ?? http.rawPath.split('/').at(-1) ?? '');
  if (!link) return unknown('malformed link');
  log.hide(link.signature, formatLink(link));
  const form = method === 'POST' ? readForm(http) : undefined;
  if (form && 'status' in form) {
    return { status: form.status, outcome: 'form refused', page: messagePage(form.heading, form.text, { back: true }) };
  }
  const secrets = await RequestSecrets.derive(services.kms, services.keyId, link.requestId, link.expiresAt);
  log.hide(secrets.signature, secrets.code, formatCode(secrets.code));
  if (!sameText(link.signature, secrets.signature)) return unknown('wrong signature');
  log.with({ requestId: link.requestId });
  const request = await readRequest(services.table, link.requestId);
  // A link with another expiry is one from before the step's expiry was changed.
  if (!request || Date.parse(request.expiresAt) !== link.expiresAt) return unknown('no request');
  const quorum = request.quorumId === undefined ? undefined : await readRequest(services.table, request.quorumId);
  log.hide((quorum ?? request).taskToken ?? '');
  return exchange({ services, log, secrets, form, quorum }, request);
}

/** One page for all of them: whether a link was ever good is nobody's business. */
function unknown(outcome: string): Page {
  const text =
    'There is no request behind this link. It may have been cut off or changed on its way: open it again from the message, in one piece.';
  return { status: 404, outcome, page: messagePage('Nothing here', text) };
}

/** A known request met by somebody who has its link, with or without a form. */
interface Exchange {
  readonly services: RespondServices;
  readonly log: Log;
  readonly secrets: RequestSecrets;
  readonly form?: Form;
  /** What the request is a vote on, when several vote. */
  readonly quorum?: ApprovalRequest;
}

async function exchange(context: Exchange, request: ApprovalRequest): Promise<Page> {
  const { form } = context;
  return closed(context, request) ?? (form ? take(context, request, form) : ask(context, request, 200, 'shown'));
}

/** The form, checked in an order that tells nothing about the code to who has no current form. */
async function take(context: Exchange, request: ApprovalRequest, form: Form): Promise<Page> {
  const { secrets } = context;
  if (verdictOf(request)) return passOn(context, request);
  if (!sameText(form.nonce, secrets.nonce(request.revision))) return stale(context, request);
  const code = normaliseCode(form.code);
  if (code === '') return wrong(context, request, 'no code', 'The code is missing.', 'Type the code that stands in the message.');
  return sameText(code, secrets.code) ? decideAndAnswer(context, request, form) : count(context, request);
}

async function count(context: Exchange, request: ApprovalRequest): Promise<Page> {
  const { done, row } = await countWrongCode(context.services.table, request);
  if (!row) return unknown('no request');
  if (!done) return overtaken(context, row);
  const left = counted(MOST_WRONG_CODES - row.wrongCodes, 'try', 'tries');
  return closed(context, row) ?? wrong(context, row, 'wrong code', 'That is not the code.', `Look at the message again: ${left} left.`);
}

async function decideAndAnswer(context: Exchange, request: ApprovalRequest, { decision, reason }: Form): Promise<Page> {
  const { services, log } = context;
  const verdict = { decision, at: new Date(Date.now()).toISOString(), reason };
  const { done, row, record, quorum } = await decide(services.table, request, verdict, context.quorum);
  if (!row) return unknown('no request');
  const now = { ...context, quorum };
  if (!done) return overtaken(now, row);
  // In the log the hash stands outside the table: whoever rewrites the audit can't rewrite both.
  log.info('decided', { decision, auditSequence: record?.sequence, auditHash: record?.hash });
  const waiting = quorum ?? row;
  if (!waiting.unanswered) return { status: 200, outcome: 'voted', page: decidedPage(row, verdict, waiting) };
  const after = await tryToAnswer(context.services, waiting, 'first', log);
  if (!verdictOf(after)) return tooLate(after) ?? stale(context, after);
  const page = decidedPage(quorum ? row : after, verdict, after);
  return after.unanswered
    ? { status: 202, outcome: 'decided, not yet answered', page }
    : { status: 200, outcome: 'decided and answered', page };
}

/** Somebody was there first. Whether the code was right is not told: it would have been a guess for free. */
function overtaken(context: Exchange, row: ApprovalRequest): Promise<Page> | Page {
  return closed(context, row) ?? (verdictOf(row) ? passOn(context, row) : stale(context, row));
}

/** A POST to a decided request does nothing but pass the recorded decision on, if that is still to be done. */
async function passOn(context: Exchange, request: ApprovalRequest): Promise<Page> {
  const waiting = context.quorum ?? request;
  const after = waiting.unanswered ? await tryToAnswer(context.services, waiting, 'again', context.log) : waiting;
  const row = context.quorum ? request : after;
  const verdict = verdictOf(row);
  if (!verdict) return closed(context, row) ?? stale(context, row);
  return { status: 409, outcome: 'already decided', page: alreadyDecidedPage(row, verdict, after, true) };
}

/** The page of a request that takes no decision, or of a decided one that is only looked at. */
function closed({ form, quorum }: Exchange, request: ApprovalRequest): Page | undefined {
  const verdict = verdictOf(request);
  const waiting = quorum ?? request;
  if (verdict) {
    return form ? undefined : { status: 200, outcome: 'decision shown', page: alreadyDecidedPage(request, verdict, waiting, false) };
  }
  const others = quorum && verdictOf(quorum);
  if (others) return { status: form ? 409 : 200, outcome: 'decided by others', page: decidedByOthersPage(request, others, waiting) };
  return (
    tooLate(waiting) ?? (request.wrongCodes >= MOST_WRONG_CODES ? { status: 423, outcome: 'locked', page: lockedPage(request) } : undefined)
  );
}

/** The page of what the workflow does not wait for any more. */
function tooLate(waiting: ApprovalRequest): Page | undefined {
  if (waiting.status === 'WITHDRAWN') return { status: 410, outcome: 'withdrawn', page: withdrawnPage(waiting) };
  const over = waiting.status === 'EXPIRED' || Date.now() >= Date.parse(waiting.expiresAt);
  return over ? { status: 410, outcome: 'expired', page: expiredPage(waiting) } : undefined;
}

function stale(context: Exchange, request: ApprovalRequest): Page {
  return ask(context, request, 409, 'stale form', {
    heading: 'Nothing was decided.',
    text: 'The form was sent before, or the request has changed since it was opened. Here it is as it stands: please send it again.',
  });
}

function wrong(context: Exchange, request: ApprovalRequest, outcome: string, heading: string, text: string): Page {
  return ask(context, request, 403, outcome, { heading, text: `${text} Nothing was decided.` });
}

function ask(
  { secrets, log, form }: Exchange,
  request: ApprovalRequest,
  status: number,
  outcome: string,
  problem?: FormPage['problem'],
): Page {
  const nonce = secrets.nonce(request.revision);
  log.hide(nonce);
  return { status, outcome, page: formPage({ request, nonce, now: Date.now(), problem, reason: form?.reason }) };
}
