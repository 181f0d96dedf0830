import { formatCode } from './code';
import type { Telling } from './message';
import { quorumRule } from './request';
import { displayed, fingerprint, namesOf, oneLine } from './text';
import { plainDuration, plainTime } from './time';

/** What SNS takes: "ASCII text …, must not include line breaks or control characters, and must be less than 100 characters long". */
const LONGEST_SUBJECT = 99;
const LONGEST_VALUE = 300;
const LONGEST_LABEL = 80;

/** The subject: accents are dropped, and what is not ASCII then. */
export function subjectOf({ request, reminder }: Pick<Telling, 'request' | 'reminder'>): string {
  const ascii = oneLine(request.title)
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const kind = reminder ? 'Reminder: approval needed' : 'Approval needed';
  const subject = ascii === '' ? kind : `${kind}: ${ascii}`;
  return subject.length <= LONGEST_SUBJECT ? subject : `${subject.slice(0, LONGEST_SUBJECT - 3).trimEnd()}...`;
}

/** The mail for people. What others wrote is kept on one line each and indented, so that it cannot pass for the rest. */
export function mailOf({ request, link, code, reminder }: Telling, now: number): string {
  const { machine, execution } = namesOf(request.executionArn);
  const left = plainDuration(Date.parse(request.expiresAt) - now);
  const summary = Object.entries(JSON.parse(request.summary) as Record<string, unknown>).map(
    ([label, value]) => `  ${oneLine(label, LONGEST_LABEL)}: ${oneLine(displayed(value), LONGEST_VALUE)}`,
  );
  return `${reminder ? 'Your decision is still needed' : 'Your decision is needed'}: ${oneLine(request.title, LONGEST_VALUE)}

${summary.join('\n')}

Asked by: the workflow ${machine}, step ${oneLine(request.step)}, run ${execution}
Asked of: ${oneLine(request.approver)}${request.needed === undefined ? '' : `\n          ${quorumRule(request)}`}
Open until: ${plainTime(request.expiresAt)}, which is ${left} from now

1. Open this page. Opening it decides nothing.

${link}

2. Type this code there, and approve or reject:

    ${formatCode(code)}

   The code shows that somebody who has read this message decides, and
   not a program that follows links. It is good for this request only.

Whoever has this message can decide in your name: do not forward it.
If you did not expect it, do nothing. Without a decision the request
expires by itself.

Fingerprint of what is shown: ${fingerprint(request.summaryHash)}
`;
}
