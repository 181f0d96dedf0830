import type { ApprovalRequest, Decision, Verdict } from '../request';
import { plainTime } from '../time';
import { askedBy, fingerprintText, summaryList, titleOf } from './details';
import { type Html, html } from './html';
import { layout, type Tone } from './layout';

const WORDS: Record<Decision, { done: string; tone: Tone }> = {
  APPROVED: { done: 'approved', tone: 'good' },
  REJECTED: { done: 'rejected', tone: 'bad' },
};

/** The decision that this click has made. */
export function decidedPage(request: ApprovalRequest, verdict: Verdict): string {
  const { done, tone } = WORDS[verdict.decision];
  const underWay = request.unanswered !== undefined;
  return outcome(request, {
    tone,
    heading: `You ${done} this`,
    text: underWay
      ? html`<p>Your decision is recorded. It could not be passed on to the workflow at once; that is tried again until it succeeds, without you.</p>`
      : html`<p>Your decision is recorded and the workflow goes on. You can close this page.</p>`,
    verdict,
  });
}

/** A decision that was there before. */
export function alreadyDecidedPage(request: ApprovalRequest, verdict: Verdict, asked: boolean): string {
  const { done, tone } = WORDS[verdict.decision];
  return outcome(request, {
    tone,
    heading: `Already ${done}`,
    text: html`<p>This request has been decided${asked ? '; what you just sent has changed nothing' : ''}.${stateOfAnswer(request)}</p>`,
    verdict,
  });
}

function stateOfAnswer({ unanswered, unconfirmedAt }: ApprovalRequest): string {
  if (unanswered) return ' The decision is being passed on to the workflow.';
  if (unconfirmedAt) return ' Whether it reached the workflow is not certain: the workflow had gone on or stopped when that was checked.';
  return '';
}

export function expiredPage(request: ApprovalRequest): string {
  const late = request.lateDecision;
  return outcome(request, {
    tone: 'wait',
    heading: 'Expired',
    text: html`<p>This request was open until <time datetime="${request.expiresAt}">${plainTime(request.expiresAt)}</time>. ${
      late
        ? `It was ${WORDS[late.decision].done} on ${plainTime(late.at)}, but that reached the workflow too late and has no effect.`
        : 'Nobody decided in time.'
    } The workflow does not wait for it any more.</p>`,
  });
}

export function withdrawnPage(request: ApprovalRequest): string {
  const late = request.lateDecision;
  return outcome(request, {
    tone: 'wait',
    heading: 'No longer needed',
    text: html`<p>The workflow no longer waits for this decision: it was stopped or went on without it.${
      late && ` It was ${WORDS[late.decision].done} on ${plainTime(late.at)}, and that has no effect.`
    }</p>`,
  });
}

export function lockedPage(request: ApprovalRequest): string {
  return outcome(request, {
    tone: 'bad',
    heading: 'Locked',
    text: html`<p>Wrong codes were sent with this link too many times, so it takes no decision any more. Nothing was decided. The request expires on <time datetime="${request.expiresAt}">${plainTime(request.expiresAt)}</time> and the workflow then goes the way that is meant for this.</p>
<p>If the wrong codes were not yours, tell whoever runs the workflow.</p>`,
  });
}

interface Outcome {
  readonly tone: Tone;
  readonly heading: string;
  readonly text: Html;
  readonly verdict?: Verdict;
}

function outcome(request: ApprovalRequest, { tone, heading, text, verdict }: Outcome): string {
  const title = titleOf(request);
  return layout({
    title: `${heading}: ${title}`,
    tone,
    body: html`<header>
<p class="kicker"><bdi>${title}</bdi></p>
<h1>${heading}</h1>
${text}
</header>
${verdict && verdictSection(request, verdict)}<section aria-labelledby="details">
<h2 id="details">What it was about</h2>
${summaryList(request)}
</section>`,
    footer: html`<p>Asked by ${askedBy(request)}. Fingerprint of what is shown: ${fingerprintText(request)}.</p>`,
  });
}

function verdictSection(request: ApprovalRequest, { decision, at, reason }: Verdict): Html {
  return html`<section aria-labelledby="decision">
<h2 id="decision">The decision</h2>
<dl>
<dt>Decision</dt><dd>${WORDS[decision].done}</dd>
<dt>By</dt><dd><bdi>${request.approver}</bdi></dd>
<dt>On</dt><dd><time datetime="${at}">${plainTime(at)}</time></dd>
${reason && html`<dt>Reason</dt><dd><bdi>${reason}</bdi></dd>\n`}</dl>
</section>
`;
}
