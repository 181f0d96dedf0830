import { envelope, type MessageAttributes, type Notification, textFor } from './notification';
import type { Subscription } from './topic';

/** A mail that a subscription would have sent. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly topicArn: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly messageAttributes: MessageAttributes;
}

/** Every address counts as confirmed. AWS adds a line to unsubscribe at the end of a mail, which is left out here. */
export function mailOf(notification: Notification, subscription: Subscription): Mail {
  return {
    to: subscription.endpoint,
    subject: notification.subject ?? 'AWS Notification Message',
    body: subscription.protocol === 'email' ? textFor(notification, 'email') : JSON.stringify(envelope(notification, subscription)),
    topicArn: notification.topicArn,
    at: notification.at,
    messageAttributes: notification.attributes,
  };
}
