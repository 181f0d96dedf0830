import { ApiError, type Json } from '../../cloud-types';
import { matchesPattern } from '../event-pattern';
import type { Subscription } from './topic';

export type MessageAttributes = Readonly<
  Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: Uint8Array }>
>;

/** A message that was published. */
export interface Notification {
  readonly messageId: string;
  readonly topicArn: string;
  readonly at: number;
  readonly subject?: string;
  readonly message: string;
  /** `MessageStructure: json`: the message is an object with a text for each protocol. */
  readonly structured: boolean;
  readonly attributes: MessageAttributes;
}

export function checkStructure({ message }: Notification): void {
  const refuse = (reason: string) => new ApiError('InvalidParameter', `Invalid parameter: Message Structure - ${reason}`);
  let texts: Json;
  try {
    texts = JSON.parse(message);
  } catch {
    throw refuse('JSON message body failed to parse');
  }
  if (typeof texts !== 'object' || texts === null || Array.isArray(texts) || typeof texts.default !== 'string') {
    throw refuse('No default entry in JSON message body');
  }
}

export function textFor({ message, structured }: Notification, protocol: string): string {
  if (!structured) return message;
  const texts = JSON.parse(message);
  return texts[protocol] ?? texts.default;
}

/** What queues, functions and email-json receive. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export function envelope(notification: Notification, { protocol, arn }: Pick<Subscription, 'protocol' | 'arn'>): Json {
  const { messageId, topicArn, at, subject, attributes } = notification;
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
    ]),
  );
  const url = `https://sns.${topicArn.split(':')[3]}.amazonaws.com/`;
  const [SigningCertURL, UnsubscribeURL] = [`${url}SimpleNotificationService.pem`, `${url}?Action=Unsubscribe&SubscriptionArn=${arn}`];
  const common = {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    Message: textFor(notification, protocol),
    Timestamp: new Date(at).toISOString(),
    SignatureVersion: '1',
    // Nobody holds SNS's key here: what checks signatures must be told not to.
    Signature: 'not signed by stepworks',
  };
  if (protocol !== 'lambda') {
    return {
      ...common,
      ...(subject !== undefined && { Subject: subject }),
      SigningCertURL,
      UnsubscribeURL,
      ...(Object.keys(attributes).length > 0 && { MessageAttributes }),
    };
  }
  const Sns = { ...common, Subject: subject ?? null, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL, MessageAttributes };
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: arn, Sns }] };
}

/** Attributes as a filter policy sees them. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
export function attributesForFilter({ attributes }: Notification): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { DataType, StringValue }]): [string, Json][] => {
      if (StringValue === undefined) return []; // Binary attributes are not filtered on.
      if (DataType.startsWith('String.Array')) return [[name, JSON.parse(StringValue)]];
      return [[name, DataType.startsWith('Number') ? Number(StringValue) : StringValue]];
    }),
  );
}

export function acceptsNotification(
  { filterPolicy, filterScope }: Subscription,
  { message }: Notification,
  attributes: { [name: string]: Json },
): boolean {
  if (!filterPolicy) return true;
  if (filterScope === 'MessageAttributes') return matchesPattern(filterPolicy, attributes);
  try {
    return matchesPattern(filterPolicy, JSON.parse(message));
  } catch (error) {
    // A body that is no JSON is not accepted: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
