/** How an approver is told. */
export interface Channel {
  readonly type: 'email' | 'sns' | 'sqs' | 'lambda';
  /** ARN of a topic or a function, URL of a queue. */
  readonly target: string;
}

/** What the waiting state hands over. */
export interface NotifyEvent {
  readonly taskToken: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly step: string;
  /** The same for all retries of one waiting, and for no other. */
  readonly requestKey: string;
  readonly title: string;
  /** What is shown, by label, in this order. */
  readonly summary: { readonly [label: string]: unknown };
  readonly summaryHash: string;
  readonly approver: { readonly identity: string; readonly channel: Channel };
  /** ISO. */
  readonly enteredAt: string;
  readonly expiresInSeconds: number;
}

/** Of the summary as JSON text. More is no summary, and would not fit a message. */
const LARGEST_SUMMARY = 24_576;
const CHANNELS: readonly string[] = ['email', 'sns', 'sqs', 'lambda'] satisfies Channel['type'][];

/** The state's arguments are not what the gate can ask with. The same input gives it again, so it is not to be retried. */
export class InvalidApprovalRequest extends Error {
  override readonly name = 'InvalidApprovalRequest';
}

/** @throws InvalidApprovalRequest naming every problem, without a value */
export function readNotifyEvent(event: unknown): NotifyEvent {
  const fields = isObject(event) ? event : {};
  const approver = isObject(fields.approver) ? fields.approver : {};
  const channel = isObject(approver.channel) ? approver.channel : {};
  const texts = { ...pick(fields, TEXTS), 'approver.identity': approver.identity, 'approver.channel.target': channel.target };
  const problems = Object.entries(texts)
    .filter(([, value]) => typeof value !== 'string' || value === '')
    .map(([name]) => `${name} is not a text`);
  if (!CHANNELS.includes(String(channel.type))) problems.push(`approver.channel.type is none of ${CHANNELS.join(', ')}`);
  if (Number.isNaN(Date.parse(String(fields.enteredAt)))) problems.push('enteredAt is not a time');
  if (!(typeof fields.expiresInSeconds === 'number' && fields.expiresInSeconds > 0)) {
    problems.push('expiresInSeconds is not a number above zero');
  }
  if (!isObject(fields.summary)) problems.push('summary is not an object');
  else if (Buffer.byteLength(JSON.stringify(fields.summary)) > LARGEST_SUMMARY) {
    problems.push(`summary has more than ${LARGEST_SUMMARY} bytes: show what the decision is about, with a link to the rest`);
  }
  if (problems.length > 0) throw new InvalidApprovalRequest(problems.join('; '));
  return event as NotifyEvent;
}

const TEXTS = ['taskToken', 'executionArn', 'stateMachineArn', 'step', 'requestKey', 'title', 'summaryHash', 'enteredAt'];

function pick(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
