import type { ApprovalRequest } from '../request';
import { displayed, fingerprint, namesOf, oneLine, withoutControls } from '../text';
import { plainTime } from '../time';
import { type Html, html } from './html';

/** What is asked, as far as all pages show it. `<bdi>` keeps text that runs from right to left from turning its neighbours around. */
export function titleOf(request: ApprovalRequest): string {
  return oneLine(request.title);
}

export function summaryList(request: ApprovalRequest): Html {
  const summary = Object.entries(JSON.parse(request.summary) as Record<string, unknown>);
  return html`<dl>
${summary.map(([label, value]) => html`<dt><bdi>${oneLine(label)}</bdi></dt><dd><bdi>${withoutControls(displayed(value))}</bdi></dd>\n`)}</dl>`;
}

export function fingerprintText(request: ApprovalRequest): Html {
  return html`<code>${fingerprint(request.summaryHash)}</code>`;
}

export function askedBy(request: ApprovalRequest): Html {
  const { machine, execution } = namesOf(request.executionArn);
  return html`the workflow <bdi>${machine}</bdi>, step <bdi>${request.step}</bdi>, run <bdi>${execution}</bdi>`;
}

export function time(iso: string): Html {
  return html`<time datetime="${iso}">${plainTime(iso)}</time>`;
}
