import { type ApprovalRequest, type Decision, isQuorum, type Verdict, verdictOf, votesOf } from '../request';
import type { Sent } from '../sent';
import { plainTime } from '../time';
import { askedBy, fingerprintText, summaryList, time, titleOf } from './details';
import { type Html, html } from './html';
import { layout, type Tone } from './layout';

const WORDS: Record<Decision, { done: string; tone: Tone }> = {
  APPROVED: { done: 'approved', tone: 'good' },
  REJECTED: { done: 'rejected', tone: 'bad' },
};

/**
 * The approver's decision.
 * @param waiting what the workflow waits for: the request itself, or what several vote on
 * @param sent what became of the form that leads here; nothing when the page was only opened
 */
export function decidedPage(request: ApprovalRequest, verdict: Verdict, waiting: ApprovalRequest, sent: Sent | undefined): string {
  const { done, tone } = WORDS[verdict.decision];
  if (sent === 'taken') return outcome(request, { tone, heading: `You ${done} this`, text: html`<p>${taken(waiting)}</p>`, verdict });
  const [what, votes] = isQuorum(waiting) ? ['Your vote has been taken', ` ${voteCount(waiting)}`] : ['This request has been decided', ''];
  const nothing = sent && '; what you just sent has changed nothing';
  return outcome(request, {
    tone,
    heading: `Already ${done}`,
    text: html`<p>${what}${nothing}.${votes}${stateOfAnswer(waiting)}</p>`,
    verdict,
  });
}

function taken(waiting: ApprovalRequest): string {
  const what = isQuorum(waiting) ? 'vote' : 'decision';
  if (waiting.unanswered)
    return `Your ${what} is recorded. It could not be passed on to the workflow at once; that is tried again until it succeeds, without you.`;
  if (waiting.status === 'PENDING') return `Your vote is recorded. ${voteCount(waiting)} You can close this page.`;
  return waiting.unconfirmedAt
    ? `Your ${what} is recorded.${stateOfAnswer(waiting)}`
    : `Your ${what} is recorded and the workflow goes on. You can close this page.`;
}

/** Of several, enough others have voted. */
export function decidedByOthersPage(request: ApprovalRequest, { decision }: Verdict, waiting: ApprovalRequest): string {
  const { done, tone } = WORDS[decision];
  const text = html`<p>It has been decided without your vote, which counts no more. ${voteCount(waiting)}${stateOfAnswer(waiting)}</p>`;
  return outcome(request, { tone, heading: `Already ${done}`, text });
}

/** How the votes stand. Who voted what is told to the workflow only, so that nobody follows another. */
function voteCount(quorum: ApprovalRequest): string {
  const { needed = 0, voters = 0 } = quorum;
  const verdict = verdictOf(quorum);
  const approvals = votesOf(quorum).filter(({ decision }) => decision === 'APPROVED').length;
  const count = `${approvals} of ${voters} people have approved, ${needed} ${needed === 1 ? 'has' : 'have'} to.`;
  return verdict ? `${count} That means it is ${WORDS[verdict.decision].done}.` : count;
}

function stateOfAnswer({ unanswered, unconfirmedAt }: ApprovalRequest): string {
  if (unanswered) return ' The decision is being passed on to the workflow.';
  if (unconfirmedAt) return ' Whether it reached the workflow is not certain: the workflow had gone on or stopped when that was checked.';
  return '';
}

/** @param waiting what has expired: the request itself, or what several vote on */
export function expiredPage(request: ApprovalRequest, waiting: ApprovalRequest): string {
  const nobody = isQuorum(waiting) ? `Not enough people decided in time. ${voteCount(waiting)}` : 'Nobody decided in time.';
  const late = lateDecision(waiting, 'but that reached the workflow too late and has no effect.');
  const text = html`<p>This request was open until ${time(request.expiresAt)}. ${late ?? nobody} The workflow does not wait for it any more.</p>`;
  return outcome(request, { tone: 'wait', heading: 'Expired', text, verdict: verdictOf(request) });
}

/** @param waiting what the workflow waits for no more: the request itself, or what several vote on */
export function withdrawnPage(request: ApprovalRequest, waiting: ApprovalRequest): string {
  const text = html`<p>The workflow no longer waits for this decision: it was stopped or went on without it. ${lateDecision(waiting, 'and that has no effect.')}</p>`;
  return outcome(request, { tone: 'wait', heading: 'No longer needed', text, verdict: verdictOf(request) });
}

function lateDecision({ lateDecision: late }: ApprovalRequest, effect: string): string | undefined {
  return late && `It was ${WORDS[late.decision].done} on ${plainTime(late.at)}, ${effect}`;
}

export function lockedPage(request: ApprovalRequest): string {
  return outcome(request, {
    tone: 'bad',
    heading: 'Locked',
    text: html`<p>Wrong codes were sent with this link too many times, so it takes no decision any more. Nothing was decided. The request expires on ${time(request.expiresAt)} and the workflow then goes the way that is meant for this.</p>
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
<h2 id="decision">${request.quorumId === undefined ? 'The decision' : 'Your vote'}</h2>
<dl>
<dt>Decision</dt><dd>${WORDS[decision].done}</dd>
<dt>By</dt><dd><bdi>${request.approver}</bdi></dd>
<dt>On</dt><dd>${time(at)}</dd>
${reason && html`<dt>Reason</dt><dd><bdi>${reason}</bdi></dd>\n`}</dl>
</section>
`;
}
