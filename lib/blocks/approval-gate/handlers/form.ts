import type { HttpRequest } from './http';
import type { Decision } from './request';
import { withoutControls } from './text';

/** In UTF-16 code units, as a browser's `maxlength` counts. */
export const LONGEST_REASON = 1000;

/** The longest reason takes 9,000 bytes when every character is written as three percent-encoded bytes. */
export const LARGEST_BODY = 16_384;

export const DECISIONS: readonly string[] = ['APPROVED', 'REJECTED'] satisfies Decision[];

/** What a form says. Whether code and nonce are right is not known yet. */
export interface Form {
  readonly decision: Decision;
  readonly code: string;
  readonly nonce: string;
  readonly reason?: string;
}

/** Why a form is not taken. */
export interface FormProblem {
  readonly status: 400 | 413 | 415;
  readonly heading: string;
  readonly text: string;
}

export function readForm(request: HttpRequest): Form | FormProblem {
  const type = (request.headers?.['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    return { status: 415, heading: 'Not a form', text: 'A decision is sent with the form of the page. Nothing was decided.' };
  }
  const encoding = request.isBase64Encoded ? 'base64' : 'utf8';
  const body = Buffer.from(request.body ?? '', encoding);
  if (body.length > LARGEST_BODY) {
    return { status: 413, heading: 'Too much text', text: 'What was sent is too large. Nothing was decided.' };
  }
  return readFields(new URLSearchParams(body.toString('utf8')));
}

function readFields(fields: URLSearchParams): Form | FormProblem {
  const doubled = ['decision', 'code', 'nonce', 'reason'].some((name) => fields.getAll(name).length > 1);
  const decision = fields.get('decision');
  const nonce = fields.get('nonce');
  if (doubled || nonce === null || decision === null || !DECISIONS.includes(decision)) {
    return { status: 400, heading: 'Not understood', text: 'What was sent is not what the form of the page sends. Nothing was decided.' };
  }
  const reason = withoutControls(fields.get('reason') ?? '').trim();
  if (reason.length > LONGEST_REASON) {
    return { status: 400, heading: 'Reason too long', text: 'A reason has 1,000 characters at most. Nothing was decided.' };
  }
  return { decision: decision as Decision, nonce, code: fields.get('code') ?? '', reason: reason || undefined };
}
