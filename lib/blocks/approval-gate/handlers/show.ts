import type { HttpRequest, HttpResponse } from './http';
import { keptReason } from './kept-reason';
import type { Log } from './log';
import { type LinkServices, linkIn, type Opened, openLink } from './opened';
import { formPage } from './page/form-page';
import { decidedByOthersPage, decidedPage, expiredPage, lockedPage, withdrawnPage } from './page/outcome-page';
import { type Reply, reply } from './reply';
import { isLocked } from './request';
import { type Sent, sentIn } from './sent';
import { standingOf } from './standing';

/** Shows how a request stands, to whoever has its link. Nothing is changed. */
export function show(http: HttpRequest, services: LinkServices, log: Log): Promise<HttpResponse> {
  return reply(http, log, async () => {
    const opened = await openLink(linkIn(http), services, log);
    const sent = sentIn(http);
    return standing(opened, sent) ?? form(opened, sent, keptReason(http, opened.request.requestId), log);
  });
}

/** The page of a request that takes no decision any more. */
function standing({ request, quorum }: Opened, sent: Sent | undefined): Reply | undefined {
  const waiting = quorum ?? request;
  const stands = standingOf(request, quorum);
  switch (stands.is) {
    case 'decided': {
      const page = decidedPage(request, stands.verdict, waiting, sent);
      if (sent === 'taken') return { status: waiting.unanswered ? 202 : 200, outcome: 'decision shown', page };
      return { status: sent ? 409 : 200, outcome: 'decision shown', page };
    }
    case 'decided by others':
      return { status: sent ? 409 : 200, outcome: stands.is, page: decidedByOthersPage(request, stands.verdict, waiting) };
    case 'withdrawn':
      return { status: 410, outcome: stands.is, page: withdrawnPage(request, waiting) };
    case 'expired':
      return { status: 410, outcome: stands.is, page: expiredPage(request, waiting) };
    case 'open':
      return isLocked(request) ? { status: 423, outcome: 'locked', page: lockedPage(request) } : undefined;
  }
}

const STATUS: { readonly [sent in Sent]?: number } = { 'wrong-code': 403, 'no-code': 403, stale: 409 };

function form({ request, secrets }: Opened, sent: Sent | undefined, reason: string | undefined, log: Log): Reply {
  const nonce = secrets.nonce(request.revision);
  log.hide(nonce);
  const page = formPage({ request, nonce, now: Date.now(), sent, reason });
  return { status: (sent && STATUS[sent]) ?? 200, outcome: 'shown', page };
}
