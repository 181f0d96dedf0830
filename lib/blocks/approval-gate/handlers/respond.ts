import { tryToAnswer } from './answer';
import { normaliseCode } from './code';
import { type DecideServices, decideAndAnswer } from './decide-and-answer';
import { sameText } from './derive';
import { type Form, readForm } from './form';
import type { HttpRequest, HttpResponse } from './http';
import { reasonCookie } from './kept-reason';
import type { Log } from './log';
import { type LinkServices, linkIn, type Opened, openLink, unknownLink } from './opened';
import { reply } from './reply';
import { type ApprovalRequest, isLocked } from './request';
import { locationOf, type Sent } from './sent';
import { standingOf } from './standing';
import type { DecisionTables } from './table';
import { countWrongCode } from './writes';

export interface RespondServices extends DecideServices, LinkServices {
  readonly table: DecisionTables;
}

/** Takes the form of a request's page, and leads back to the page, which shows what became of it: sent again it would be another form. */
export function respond(http: HttpRequest, services: RespondServices, log: Log): Promise<HttpResponse> {
  return reply(http, log, async () => {
    const link = linkIn(http);
    const form = readForm(http);
    const sent = await take(await openLink(link, services, log), form, services, log);
    const isToBeSentAgain = sent !== 'taken' && sent !== 'unchanged';
    return {
      status: 303,
      outcome: sent,
      page: '',
      headers: { location: locationOf(sent) },
      cookies: [reasonCookie(link.requestId, isToBeSentAgain ? form.reason : undefined)],
    };
  });
}

/** The form, checked in an order that tells nothing about the code to who has no current form. */
async function take({ request, quorum, secrets }: Opened, form: Form, services: RespondServices, log: Log): Promise<Sent> {
  const before = await closed(request, quorum, services, log);
  if (before) return before;
  if (!sameText(form.nonce, secrets.nonce(request.revision))) return 'stale';
  const code = normaliseCode(form.code);
  if (code === '') return 'no-code';
  if (!sameText(code, secrets.code)) {
    const { done, row } = await countWrongCode(services.table, request);
    return done ? 'wrong-code' : overtaken(row, quorum, services, log);
  }
  const { decision, reason } = form;
  const verdict = { decision, at: new Date(Date.now()).toISOString(), reason };
  const decided = await decideAndAnswer(services, request, verdict, quorum, log);
  return decided.done ? 'taken' : overtaken(decided.row, decided.quorum, services, log);
}

/** Somebody was there first. Whether the code was right is not told: it would have been a guess for free. */
async function overtaken(
  row: ApprovalRequest | undefined,
  quorum: ApprovalRequest | undefined,
  services: RespondServices,
  log: Log,
): Promise<Sent> {
  if (!row) throw unknownLink('no request');
  return (await closed(row, quorum, services, log)) ?? 'stale';
}

/** A form for a request that takes no decision does nothing but pass a recorded one on, if that is still to be done. */
async function closed(
  request: ApprovalRequest,
  quorum: ApprovalRequest | undefined,
  services: RespondServices,
  log: Log,
): Promise<Sent | undefined> {
  const waiting = quorum ?? request;
  if (waiting.unanswered) await tryToAnswer(services, waiting, 'again', log);
  return standingOf(request, quorum).is !== 'open' || isLocked(request) ? 'unchanged' : undefined;
}
