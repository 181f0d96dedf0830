import { bodyOf, type HttpRequest, LARGEST_BODY, mediaTypeOf } from './http';
import { DECISIONS, type Decision, LONGEST_REASON } from './request';
import { withoutControls } from './text';

/** Why a decision is not taken. */
export class PortalProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What a portal sends. */
export interface PortalDecision {
  readonly decision: Decision;
  /** Of what the approver was shown. */
  readonly summaryHash: string;
  readonly reason?: string;
}

const MEMBERS = ['decision', 'summaryHash', 'reason'];

/** @throws PortalProblem */
export function readDecision(http: HttpRequest): PortalDecision {
  if (mediaTypeOf(http) !== 'application/json') throw new PortalProblem(415, 'the content type is not application/json');
  const body = bodyOf(http);
  if (body.length > LARGEST_BODY) throw new PortalProblem(413, `the body has more than ${LARGEST_BODY} bytes`);
  const { decision, summaryHash, reason = '', ...others } = objectIn(body.toString('utf8'));
  const problems = [
    ...(typeof decision === 'string' && DECISIONS.includes(decision) ? [] : [`decision is none of ${DECISIONS.join(', ')}`]),
    ...(typeof summaryHash === 'string' ? [] : ['summaryHash is not a text']),
    ...(typeof reason === 'string' ? [] : ['reason is not a text']),
    ...Object.keys(others).map((name) => `${name.slice(0, 40)} is none of ${MEMBERS.join(', ')}`),
  ];
  if (problems.length > 0) throw new PortalProblem(400, problems.join('; '));
  // Through UTF-8, as the table stores it: half a character would change there, and with it the hash of the audit's record.
  const given = withoutControls(Buffer.from(String(reason)).toString()).trim();
  if (given.length > LONGEST_REASON) throw new PortalProblem(400, `reason has more than ${LONGEST_REASON} characters`);
  return { decision: decision as Decision, summaryHash: String(summaryHash), reason: given || undefined };
}

function objectIn(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PortalProblem(400, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PortalProblem(400, 'the body is not an object');
  return value as Record<string, unknown>;
}
