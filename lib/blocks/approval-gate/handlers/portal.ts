import { type AnswerServices, tryToAnswer } from './answer';
import { decide } from './decide';
import { sameText } from './derive';
import type { HttpRequest, HttpResponse } from './http';
import type { Log } from './log';
import { normaliseIdentity } from './notify-event';
import { type PortalDecision, PortalProblem, readDecision } from './portal-decision';
import { type ApprovalRequest, isQuorum, verdictOf } from './request';
import { type SignedIn, type SignIn, signedIn } from './signed-in';
import { type DecisionTables, readRequest } from './table';

export interface PortalServices extends AnswerServices {
  readonly table: DecisionTables;
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
  const made = await decide(services.table, request, verdict, quorum, { issuer, subject });
  if (!made.row) throw new PortalProblem(404, 'no such request of yours');
  if (!made.done) {
    const now = await closed(made.row, made.quorum, services, log);
    if (now) return now;
    throw new PortalProblem(409, 'the request has changed meanwhile: nothing was decided, send it again');
  }
  log.info('decided', { decision, auditSequence: made.record?.sequence, auditHash: made.record?.hash });
  const waiting = made.quorum ?? made.row;
  if (!waiting.unanswered) return { status: 200, body: { status: 'VOTED', ...verdict } };
  const after = await tryToAnswer(services, waiting, 'first', log);
  if (!verdictOf(after)) return tooLate(after);
  return { status: after.unanswered ? 202 : 200, body: { status: after.unanswered ? 'DECIDED_NOT_PASSED_ON' : 'DECIDED', ...verdict } };
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
  const verdict = verdictOf(quorum ? request : after);
  if (verdict) return { status: 409, body: { error: 'you have decided before', ...verdict } };
  if (verdictOf(after)) return { status: 409, body: { error: 'decided without your vote', decision: after.status } };
  const over = after.status !== 'PENDING' || Date.now() >= Date.parse(after.expiresAt);
  return over ? tooLate(after) : undefined;
}

function tooLate({ status, expiresAt }: ApprovalRequest): Answer {
  const error = status === 'WITHDRAWN' ? 'the workflow does not wait for it any more' : `expired at ${expiresAt}`;
  return { status: 410, body: { error } };
}
