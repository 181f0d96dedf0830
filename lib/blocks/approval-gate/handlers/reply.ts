import type { HttpRequest, HttpResponse } from './http';
import type { Log } from './log';
import { messagePage } from './page/message-page';
import { STYLE_HASH } from './page/style';
import { Refusal } from './refusal';

/** What a function behind the link answers. */
export interface Reply {
  readonly status: number;
  /** For the log. */
  readonly outcome: string;
  readonly page: string;
  readonly headers?: { readonly [name: string]: string };
  readonly cookies?: readonly string[];
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'strict-transport-security': 'max-age=63072000',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Answers with what `make` gives, or with a page that says why not. To `HEAD` it is the same, without the page. */
export async function reply(http: HttpRequest, log: Log, make: () => Promise<Reply>): Promise<HttpResponse> {
  const { requestId, http: call } = http.requestContext;
  const method = call.method.toUpperCase();
  log.with({ apiRequestId: requestId, method });
  const { status, page, headers, cookies } = await made(requestId, log, make);
  return {
    statusCode: status,
    headers: { ...HEADERS, ...headers },
    ...(cookies && { cookies }),
    body: method === 'HEAD' ? '' : page,
  };
}

async function made(requestId: string, log: Log, make: () => Promise<Reply>): Promise<Reply> {
  try {
    const answer = await make();
    log.info(answer.outcome, { status: answer.status });
    return answer;
  } catch (error) {
    if (error instanceof Refusal) {
      const { status, message: outcome, heading, text, back } = error;
      log.info(outcome, { status });
      return { status, outcome, page: messagePage(heading, text, back) };
    }
    log.error('failed', error, { status: 500 });
    const text = `The request could not be handled, and it is not certain what was done. Open the link again to see how it stands. If this happens again, tell whoever runs the workflow this number: ${requestId}`;
    return { status: 500, outcome: 'failed', page: messagePage('Something went wrong', text, true) };
  }
}
