import { type ApprovalRequest, LONGEST_REASON, MOST_WRONG_CODES, quorumRule } from '../request';
import type { Sent } from '../sent';
import { counted } from '../text';
import { plainDuration } from '../time';
import { askedBy, fingerprintText, summaryList, time, titleOf } from './details';
import { type Html, html } from './html';
import { layout } from './layout';

export interface FormPage {
  readonly request: ApprovalRequest;
  readonly nonce: string;
  readonly now: number;
  /** What became of the form before this one. */
  readonly sent?: Sent;
  /** Typed into the form before, to be kept. */
  readonly reason?: string;
}

/** The page that asks. */
export function formPage({ request, nonce, now, sent, reason }: FormPage): string {
  const title = titleOf(request);
  const problem = problemWith(sent, request);
  const left = plainDuration(Date.parse(request.expiresAt) - now);
  return layout({
    title: `${problem ? 'Not decided yet' : 'Approval needed'}: ${title}`,
    tone: 'open',
    body: html`<header>
<p class="kicker">Approval needed</p>
<h1><bdi>${title}</bdi></h1>
<p class="soft">For <bdi>${request.approver}</bdi>. Open until ${time(request.expiresAt)}, which is ${left} from now.</p>
${
  request.needed &&
  html`<p class="soft">${quorumRule(request)}</p>
`
}</header>
<section aria-labelledby="details">
<h2 id="details">What you decide about</h2>
${summaryList(request)}
</section>
<form method="post">
${problem && problemBox(problem)}${
  // Enter in the code field would press the form's first button. This one does nothing, so that a decision takes a button's press.
  html`<button type="submit" disabled hidden></button>`
}
<input type="hidden" name="nonce" value="${nonce}">
<fieldset>
<legend>Your decision</legend>
<label for="code">Code from the message</label>
<p class="hint" id="code-hint">The 6 letters and digits in the message that brought you here. Capitals and dashes don’t matter.</p>
<input id="code" name="code" type="text" required maxlength="20" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false" inputmode="text" pattern="\\s*([0-9A-Za-z][\\s._\\-]*){6}" title="6 letters and digits" aria-describedby="code-hint${problem && ' problem'}"${problem && html` autofocus`}>
<label for="reason">Reason <span class="soft">(optional)</span></label>
<p class="hint" id="reason-hint">Kept with your decision and handed to the workflow.</p>
<textarea id="reason" name="reason" rows="3" maxlength="${LONGEST_REASON}" aria-describedby="reason-hint">
${reason}</textarea>
<div class="choices">
<button type="submit" name="decision" value="APPROVED">Approve</button>
<button type="submit" name="decision" value="REJECTED">Reject</button>
</div>
</fieldset>
</form>`,
    footer: html`<p>Asked by ${askedBy(request)}. Fingerprint of what is shown: ${fingerprintText(request)}.</p>
<p>Opening this page decides nothing. If you did not expect it, close it: without a decision the request expires by itself.</p>`,
  });
}

interface Problem {
  readonly heading: string;
  readonly text: string;
}

/** What was wrong with the form before. */
function problemWith(sent: Sent | undefined, { wrongCodes }: ApprovalRequest): Problem | undefined {
  switch (sent) {
    case 'wrong-code': {
      const left = counted(MOST_WRONG_CODES - wrongCodes, 'try', 'tries');
      return { heading: 'That is not the code.', text: `Look at the message again: ${left} left. Nothing was decided.` };
    }
    case 'no-code':
      return { heading: 'The code is missing.', text: 'Type the code that stands in the message. Nothing was decided.' };
    case 'stale':
      return {
        heading: 'Nothing was decided.',
        text: 'The form was sent before, or the request has changed since it was opened. Here it is as it stands: please send it again.',
      };
    default:
      return undefined;
  }
}

function problemBox({ heading, text }: Problem): Html {
  return html`<p class="problem" id="problem" role="alert"><strong>${heading}</strong> ${text}</p>
`;
}
