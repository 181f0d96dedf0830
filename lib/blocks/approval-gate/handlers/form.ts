import { bodyOf, type HttpRequest, LARGEST_BODY, mediaTypeOf } from './http';
import { Refusal } from './refusal';
import { DECISIONS, type Decision, LONGEST_REASON } from './request';
import { withoutControls } from './text';

/** What a form says. Whether code and nonce are right is not known yet. */
export interface Form {
  readonly decision: Decision;
  readonly code: string;
  readonly nonce: string;
  readonly reason?: string;
}

/** @throws Refusal for what no form of the page sends */
export function readForm(request: HttpRequest): Form {
  if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded')
    throw refused(415, 'Not a form', 'A decision is sent with the form of the page.');
  const body = bodyOf(request);
  if (body.length > LARGEST_BODY) throw refused(413, 'Too much text', 'What was sent is too large.');
  return readFields(new URLSearchParams(body.toString('utf8')));
}

function readFields(fields: URLSearchParams): Form {
  const doubled = ['decision', 'code', 'nonce', 'reason'].some((name) => fields.getAll(name).length > 1);
  const decision = fields.get('decision');
  const nonce = fields.get('nonce');
  if (doubled || nonce === null || decision === null || !DECISIONS.includes(decision))
    throw refused(400, 'Not understood', 'What was sent is not what the form of the page sends.');
  const reason = withoutControls(fields.get('reason') ?? '').trim();
  if (reason.length > LONGEST_REASON) throw refused(400, 'Reason too long', 'A reason has 1,000 characters at most.');
  return { decision: decision as Decision, nonce, code: fields.get('code') ?? '', reason: reason || undefined };
}

function refused(status: number, heading: string, text: string): Refusal {
  return new Refusal(status, 'form refused', heading, `${text} Nothing was decided.`, true);
}
