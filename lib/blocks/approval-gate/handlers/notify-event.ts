import { normaliseIdentity } from './identity';

/** How an approver is told. */
export interface Channel {
  readonly type: 'email' | 'sns' | 'sqs' | 'lambda';
  /** ARN of a topic or a function, URL of a queue. */
  readonly target: string;
}

/** A person who is asked. */
export interface Person {
  readonly identity: string;
  readonly channel: Channel;
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
  /** As the outcome has it. */
  readonly summaryHash: string;
  /** Who decides, or … */
  readonly approver?: Person;
  /** … several of whom so many have to approve. */
  readonly quorum?: { readonly needed: number; readonly approvers: readonly Person[] };
  /** ISO. */
  readonly enteredAt: string;
  readonly expiresInSeconds: number;
  readonly reminders?: ReminderSettings;
  /** Who may not approve. */
  readonly requester?: string;
}

/** When reminders come, and what their schedules are made of. */
export interface ReminderSettings {
  readonly beforeSeconds: readonly number[];
  /** This function, as the schedules call it. */
  readonly functionArn: string;
  readonly roleArn: string;
  readonly groupName: string;
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
  const problems = [
    ...textProblems(pick(fields, TEXTS)),
    ...textProblems('requester' in fields ? pick(fields, ['requester']) : {}),
    ...(fields.quorum === undefined ? personProblems('approver', fields.approver) : quorumProblems(fields.quorum)),
  ];
  if (Number.isNaN(Date.parse(String(fields.enteredAt)))) problems.push('enteredAt is not a time');
  if (!(typeof fields.expiresInSeconds === 'number' && fields.expiresInSeconds > 0)) {
    problems.push('expiresInSeconds is not a number above zero');
  }
  if (!isObject(fields.summary)) problems.push('summary is not an object');
  else if (Buffer.byteLength(JSON.stringify(fields.summary)) > LARGEST_SUMMARY) {
    problems.push(`summary has more than ${LARGEST_SUMMARY} bytes: show what the decision is about, with a link to the rest`);
  }
  if (problems.length > 0) throw new InvalidApprovalRequest(problems.join('; '));
  return fields as unknown as NotifyEvent;
}

function textProblems(texts: Record<string, unknown>): string[] {
  return Object.entries(texts)
    .filter(([, value]) => typeof value !== 'string' || value.trim() === '')
    .map(([name]) => `${name} is not a text`);
}

function personProblems(name: string, given: unknown): string[] {
  const person = isObject(given) ? given : {};
  const channel = isObject(person.channel) ? person.channel : {};
  return [
    ...textProblems({ [`${name}.identity`]: person.identity, [`${name}.channel.target`]: channel.target }),
    ...(CHANNELS.includes(String(channel.type)) ? [] : [`${name}.channel.type is none of ${CHANNELS.join(', ')}`]),
  ];
}

function quorumProblems(given: unknown): string[] {
  const { needed, approvers } = isObject(given) ? given : ({} as Record<string, unknown>);
  const people = Array.isArray(approvers) ? approvers : [];
  const names = people.map((person) => normaliseIdentity(String(person?.identity)));
  return [
    ...people.flatMap((person, index) => personProblems(`quorum.approvers[${index}]`, person)),
    ...(typeof needed === 'number' && needed >= 1 && needed <= people.length
      ? []
      : ['quorum.needed is not from 1 to the number of approvers']),
    // Names that are known only when the app is deployed can turn out to be the same.
    ...(new Set(names).size < names.length ? ['quorum.approvers has somebody twice'] : []),
  ];
}

const TEXTS = ['taskToken', 'executionArn', 'stateMachineArn', 'step', 'requestKey', 'title', 'summaryHash', 'enteredAt'];

function pick(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
