import type { Pattern } from '../event-pattern';

export interface Topic {
  readonly arn: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly kmsKey?: string;
  readonly subscriptions: Subscription[];
  /** Messages of a FIFO topic, by deduplication id. */
  readonly recent: Map<string, { readonly at: number; readonly MessageId: string; readonly SequenceNumber: string }>;
}

export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly filterPolicy?: Pattern;
  readonly filterScope: 'MessageAttributes' | 'MessageBody';
  readonly raw: boolean;
  readonly deadLetterArn?: string;
}
