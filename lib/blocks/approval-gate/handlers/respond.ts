import type { KMSClient } from '@aws-sdk/client-kms';
import { type AnswerServices, answer } from './answer';
import { normaliseCode } from './code';
import { RequestSecrets, sameText } from './derive';
import { type Form, readForm } from './form';
import { type HttpRequest, type HttpResponse, methodOf, pageResponse } from './http';
import { formatLink, parseLink } from './link';
import type { Log } from './log';
import { type FormPage, formPage } from './page/form-page';
import { messagePage } from './page/message-page';
import { alreadyDecidedPage, decidedPage, expiredPage, lockedPage, withdrawnPage } from './page/outcome-page';
import { type ApprovalRequest, verdictOf } from './request';
import { counted } from './time';

/** After so many wrong codes a link takes no decision any more. */
export const MOST_WRONG_CODES = 10;

export interface RespondServices extends AnswerServices {
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
  log.hide(secrets.signature, secrets.code);
  if (!sameText(link.signature, secrets.signature)) return unknown('wrong signature');
  log.with({ requestId: link.requestId });
  const request = await services.table.read(link.requestId);
  // A link with another expiry is one from before the step's expiry was changed.
  if (!request || Date.parse(request.expiresAt) !== link.expiresAt) return unknown('no request');
  log.hide(request.taskToken);
  return new Exchange(services, log, secrets, form).page(request);
}

/** One page for all of them: whether a link was ever good is nobody's business. */
function unknown(outcome: string): Page {
  const text =
    'There is no request behind this link. It may have been cut off or changed on its way: open it again from the message, in one piece.';
  return { status: 404, outcome, page: messagePage('Nothing here', text) };
}

/** A known request met by somebody who has its link, with or without a form. */
class Exchange {
  constructor(
    private readonly services: RespondServices,
    private readonly log: Log,
    private readonly secrets: RequestSecrets,
    private readonly form?: Form,
  ) {}

  async page(request: ApprovalRequest): Promise<Page> {
    return this.closed(request) ?? (this.form ? await this.take(request, this.form) : this.ask(request, 200, 'shown'));
  }

  /** The form, checked in an order that tells nothing about the code to who has no current form. */
  private async take(request: ApprovalRequest, form: Form): Promise<Page> {
    if (verdictOf(request)) return this.decided(request);
    if (!sameText(form.nonce, this.secrets.nonce(request.revision))) return this.stale(request);
    const code = normaliseCode(form.code);
    if (code === '') return this.wrong(request, 'no code', 'The code is missing.', 'Type the code that stands in the message.');
    if (!sameText(code, this.secrets.code)) return this.count(request);
    return this.decide(request, form);
  }

  private async count(request: ApprovalRequest): Promise<Page> {
    const { done, row } = await this.services.table.countWrongCode(request);
    if (!row) return unknown('no request');
    if (!done) return this.overtaken(row);
    const left = MOST_WRONG_CODES - row.wrongCodes;
    return (
      this.closed(row) ??
      this.wrong(row, 'wrong code', 'That is not the code.', `Look at the message again: ${counted(left, 'try', 'tries')} left.`)
    );
  }

  private async decide(request: ApprovalRequest, { decision, reason }: Form): Promise<Page> {
    const verdict = { decision, at: new Date(Date.now()).toISOString(), reason };
    const { done, row } = await this.services.table.decide(request, verdict);
    if (!row) return unknown('no request');
    if (!done) return this.overtaken(row);
    this.log.info('decided', { decision });
    const after = await this.answer(row, 'first');
    const recorded = verdictOf(after);
    if (!recorded) return this.closed(after) ?? this.stale(after);
    const outcome = after.unanswered ? 'decided, not yet answered' : 'decided and answered';
    return { status: after.unanswered ? 202 : 200, outcome, page: decidedPage(after, recorded) };
  }

  /** Somebody was there first. Whether the code was right is not told: it would have been a guess for free. */
  private overtaken(row: ApprovalRequest): Promise<Page> | Page {
    return this.closed(row) ?? (verdictOf(row) ? this.decided(row) : this.stale(row));
  }

  /** A POST to a decided request does nothing but pass the recorded decision on, if that is still to be done. */
  private async decided(request: ApprovalRequest): Promise<Page> {
    const after = request.unanswered ? await this.answer(request, 'again') : request;
    const verdict = verdictOf(after);
    if (!verdict) return this.closed(after) ?? this.stale(after);
    return { status: 409, outcome: 'already decided', page: alreadyDecidedPage(after, verdict, true) };
  }

  /** @returns the row as it is when the answer can't be sent now: the decision is safe, and the sweeper sends it. */
  private async answer(row: ApprovalRequest, attempt: 'first' | 'again'): Promise<ApprovalRequest> {
    try {
      return await answer(this.services, row, attempt, this.log);
    } catch (error) {
      this.log.error('not answered', error);
      return row;
    }
  }

  /** The page of a request that takes no decision, or of a decided one that is only looked at. */
  private closed(request: ApprovalRequest): Page | undefined {
    const verdict = verdictOf(request);
    if (verdict) {
      return this.form ? undefined : { status: 200, outcome: 'decision shown', page: alreadyDecidedPage(request, verdict, false) };
    }
    if (request.status === 'WITHDRAWN') return { status: 410, outcome: 'withdrawn', page: withdrawnPage(request) };
    if (request.status === 'EXPIRED' || Date.now() >= Date.parse(request.expiresAt)) {
      return { status: 410, outcome: 'expired', page: expiredPage(request) };
    }
    if (request.wrongCodes >= MOST_WRONG_CODES) return { status: 423, outcome: 'locked', page: lockedPage(request) };
    return undefined;
  }

  private stale(request: ApprovalRequest): Page {
    return this.ask(request, 409, 'stale form', {
      heading: 'Nothing was decided.',
      text: 'The form was sent before, or the request has changed since it was opened. Here it is as it stands: please send it again.',
    });
  }

  private wrong(request: ApprovalRequest, outcome: string, heading: string, text: string): Page {
    return this.ask(request, 403, outcome, { heading, text: `${text} Nothing was decided.` });
  }

  private ask(request: ApprovalRequest, status: number, outcome: string, problem?: FormPage['problem']): Page {
    const nonce = this.secrets.nonce(request.revision);
    this.log.hide(nonce);
    return { status, outcome, page: formPage({ request, nonce, now: Date.now(), problem, reason: this.form?.reason }) };
  }
}
