import { tryToAnswer } from './answer';
import { type DecideServices, decideAndAnswer } from './decide-and-answer';
import { sameText } from './derive';
import type { HttpRequest, HttpResponse } from './http';
import { normaliseIdentity } from './identity';
import type { Log } from './log';
import { type PortalDecision, PortalProblem, readDecision } from './portal-decision';
import { type ApprovalRequest, isQuorum, verdictOf } from './request';
import { type SignedIn, type SignIn, signedIn } from './signed-in';
import { standingOf } from './standing';
import { readRequest } from './table';

export interface PortalServices extends DecideServices {
  readonly signIn: SignIn;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly [member: string]: unknown };
}

/** Takes the decision of an approver who is signed in: API Gateway has checked token or signature, and here is looked whose request it is. */
export async function portal(http: HttpRequest, services: PortalServices, log: Log): Promise<HttpResponse> {
  const { requestId: apiRequestId } = http.requestContext;
  log.with({ apiRequestId });
  try {
    const { status, body } = await answerTo(http, services, log);
    log.info(String(body.error ?? body.status), { status });
    return response(status, body);
  } catch (error) {
    if (error instanceof PortalProblem) {
      log.info(error.message, { status: error.status });
      return response(error.status, { error: error.message });
    }
    log.error('failed', error, { status: 500 });
    return response(500, { error: 'it is not certain what was done: ask again how the request stands', apiRequestId });
  }
}

function response(statusCode: number, body: object): HttpResponse {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  return { statusCode, headers, body: JSON.stringify(body) };
}

async function answerTo(http: HttpRequest, services: PortalServices, log: Log): Promise<Answer> {
  const { jwt, iam } = http.requestContext.authorizer ?? {};
  log.with({ signedInAs: iam?.userArn ?? jwt?.claims?.sub });
  const approver = signedIn(http, services.signIn);
  const decision = readDecision(http);
  const requestId = http.pathParameters?.requestId ?? '';
  const request = /^[\w-]{22}$/.test(requestId) ? await readRequest(services.table, requestId) : undefined;
  // Whether there is a request of somebody else's is nobody's business.
  if (!request || isQuorum(request) || normaliseIdentity(request.approver) !== approver.identity)
    throw new PortalProblem(404, 'no such request of yours');
  log.with({ requestId });
  const quorum = request.quorumId === undefined ? undefined : await readRequest(services.table, request.quorumId);
  return take(request, quorum, decision, approver, services, log);
}

async function take(
  request: ApprovalRequest,
  quorum: ApprovalRequest | undefined,
  { decision, reason, summaryHash }: PortalDecision,
  { issuer, subject }: SignedIn,
  services: PortalServices,
  log: Log,
): Promise<Answer> {
  if (!sameText(summaryHash, request.summaryHash)) throw new PortalProblem(409, 'the summaryHash is not that of what is asked');
  const before = await closed(request, quorum, services, log);
  if (before) return before;
  const verdict = { decision, at: new Date(Date.now()).toISOString(), reason };
  const decided = await decideAndAnswer(services, request, verdict, quorum, log, { issuer, subject });
  const { row, waiting } = decided;
  if (!row) throw new PortalProblem(404, 'no such request of yours');
  if (!waiting) {
    const now = await closed(row, decided.quorum, services, log);
    if (now) return now;
    throw new PortalProblem(409, 'the request has changed meanwhile: nothing was decided, send it again');
  }
  if (waiting.status === 'PENDING') return { status: 200, body: { status: 'VOTED', ...verdict } };
  if (!verdictOf(waiting)) return tooLate(waiting);
  return waiting.unanswered
    ? { status: 202, body: { status: 'DECIDED_NOT_PASSED_ON', ...verdict } }
    : { status: 200, body: { status: 'DECIDED', ...verdict } };
}

/** What somebody is told who comes too late. A recorded decision is passed on, if that is still to be done. */
async function closed(
  request: ApprovalRequest,
  quorum: ApprovalRequest | undefined,
  services: PortalServices,
  log: Log,
): Promise<Answer | undefined> {
  const waiting = quorum ?? request;
  const after = waiting.unanswered ? await tryToAnswer(services, waiting, 'again', log) : waiting;
  const stands = quorum ? standingOf(request, after) : standingOf(after, undefined);
  switch (stands.is) {
    case 'decided':
      return { status: 409, body: { error: 'you have decided before', ...stands.verdict } };
    case 'decided by others':
      return { status: 409, body: { error: 'decided without your vote', decision: stands.verdict.decision } };
    case 'open':
      return undefined;
    default:
      return tooLate(after);
  }
}

function tooLate({ status, expiresAt }: ApprovalRequest): Answer {
  const error = status === 'WITHDRAWN' ? 'the workflow does not wait for it any more' : `expired at ${expiresAt}`;
  return { status: 410, body: { error } };
}
