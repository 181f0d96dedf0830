import { type ApprovalRequest, type Decision, isQuorum, type Verdict, votesOf } from '../request';
import { plainTime } from '../time';
import { askedBy, fingerprintText, summaryList, titleOf } from './details';
import { type Html, html } from './html';
import { layout, type Tone } from './layout';

const WORDS: Record<Decision, { done: string; tone: Tone }> = {
  APPROVED: { done: 'approved', tone: 'good' },
  REJECTED: { done: 'rejected', tone: 'bad' },
};

/**
 * The decision that this click has made.
 * @param waiting what the workflow waits for: the request itself, or what several vote on
 */
export function decidedPage(request: ApprovalRequest, verdict: Verdict, waiting: ApprovalRequest): string {
  const { done, tone } = WORDS[verdict.decision];
  const what = isQuorum(waiting) ? 'vote' : 'decision';
  let text = html`<p>Your ${what} is recorded and the workflow goes on. You can close this page.</p>`;
  if (waiting.unanswered) {
    text = html`<p>Your ${what} is recorded. It could not be passed on to the workflow at once; that is tried again until it succeeds, without you.</p>`;
  } else if (waiting.status === 'PENDING') {
    text = html`<p>Your vote is recorded. ${voteCount(waiting)} You can close this page.</p>`;
  }
  return outcome(request, { tone, heading: `You ${done} this`, text, verdict });
}

/** A decision that was there before. */
export function alreadyDecidedPage(request: ApprovalRequest, verdict: Verdict, waiting: ApprovalRequest, asked: boolean): string {
  const { done, tone } = WORDS[verdict.decision];
  const nothing = asked ? '; what you just sent has changed nothing' : '';
  const text = isQuorum(waiting)
    ? html`<p>Your vote has been taken${nothing}. ${voteCount(waiting)}${stateOfAnswer(waiting)}</p>`
    : html`<p>This request has been decided${nothing}.${stateOfAnswer(waiting)}</p>`;
  return outcome(request, { tone, heading: `Already ${done}`, text, verdict });
}

/** Of several, enough others have voted. */
export function decidedByOthersPage(request: ApprovalRequest, { decision }: Verdict, waiting: ApprovalRequest): string {
  const { done, tone } = WORDS[decision];
  const text = html`<p>It has been decided without your vote, which counts no more. ${voteCount(waiting)}${stateOfAnswer(waiting)}</p>`;
  return outcome(request, { tone, heading: `Already ${done}`, text });
}

/** How the votes stand. Who voted what is told to the workflow only, so that nobody follows another. */
function voteCount(quorum: ApprovalRequest): string {
  const { needed = 0, voters = 0, status } = quorum;
  const approvals = votesOf(quorum).filter(({ decision }) => decision === 'APPROVED').length;
  const count = `${approvals} of ${voters} people have approved, ${needed} ${needed === 1 ? 'has' : 'have'} to.`;
  if (status === 'APPROVED' || status === 'REJECTED') return `${count} That means it is ${WORDS[status].done}.`;
  return status === 'PENDING' ? count : `${count} The workflow does not wait for it any more.`;
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
        : isQuorum(request)
          ? `Not enough people decided in time. ${voteCount(request)}`
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
