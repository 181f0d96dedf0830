import {
  aws_events as events,
  aws_events_targets as eventTargets,
  Stack,
  type aws_s3 as s3,
  aws_scheduler as scheduler,
  aws_scheduler_targets as schedulerTargets,
  type aws_sqs as sqs,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';

/** Which events of a bus start a workflow. */
export interface EventPatternOptions {
  /** The bus. @default - the default bus, which AWS services put their events on */
  readonly eventBus?: events.IEventBus;
}

/** Which objects start a workflow. */
export interface ObjectCreatedOptions {
  /** What the keys begin with. @default - any key */
  readonly prefix?: string;
  /** What the keys end with. @default - any key */
  readonly suffix?: string;
}

/** When a workflow starts. */
export interface ScheduleSourceOptions {
  /** Whether the schedule is in force. @default true */
  readonly enabled?: boolean;
}

/** Objects of a bucket. */
export interface WatchedObjects {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
  readonly suffix: string;
}

interface TriggerSourceConfig {
  /** Sends what happens to a queue. */
  bind(scope: Construct, queue: sqs.IQueue, deadLetterQueue: sqs.IQueue): void;
  /** Where a message has its time. */
  readonly time: string;
  readonly businessKey?: string[];
  readonly input?: { [field: string]: string };
  readonly objects?: WatchedObjects;
}

/** What starts a workflow. */
export class TriggerSource {
  /**
   * Events on a bus. Their business key has to be given: what tells one occurrence from another, such as `$.detail.orderId`. An event's `id`
   * is none if the sender may send the same thing twice.
   *
   * The run's input, unless told otherwise: the event.
   */
  public static eventPattern(pattern: events.EventPattern, options: EventPatternOptions = {}): TriggerSource {
    return new TriggerSource({ bind: rule(pattern, options.eventBus), time: '$.time' });
  }

  /**
   * Objects that are written to a bucket. EventBridge notifications of the bucket are switched on.
   *
   * Business key, unless told otherwise: bucket, key and sequencer, so that each time an object is written counts. With `$.detail.object.etag`
   * in the sequencer's place, the same content under the same key counts once.
   *
   * The run's input, unless told otherwise: `{ bucket, key, versionId?, etag, size }`.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
   */
  public static objectCreated(bucket: s3.IBucket, options: ObjectCreatedOptions = {}): TriggerSource {
    const { prefix = '', suffix = '' } = options;
    return new TriggerSource({
      bind: (scope, queue, deadLetterQueue) => {
        notify(bucket);
        const pattern = {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          detail: { bucket: { name: [bucket.bucketName] }, ...keyPattern(prefix, suffix) },
        };
        rule(pattern)(scope, queue, deadLetterQueue);
      },
      time: '$.time',
      businessKey: ['$.detail.bucket.name', '$.detail.object.key', '$.detail.object.sequencer'],
      input: {
        bucket: '$.detail.bucket.name',
        key: '$.detail.object.key',
        versionId: "$.detail.object['version-id']",
        etag: '$.detail.object.etag',
        size: '$.detail.object.size',
      },
      objects: { bucket, prefix, suffix },
    });
  }

  /**
   * A schedule, in any time zone.
   *
   * Business key, unless told otherwise: the time that the schedule means, which stays the same when EventBridge Scheduler tries again.
   *
   * The run's input, unless told otherwise: `{ scheduledTime }`, such as `2026-01-05T10:00:00Z`.
   */
  public static schedule(schedule: scheduler.ScheduleExpression, options: ScheduleSourceOptions = {}): TriggerSource {
    return new TriggerSource({
      bind: (scope, queue, deadLetterQueue) => {
        new scheduler.Schedule(scope, 'Schedule', {
          schedule,
          enabled: options.enabled,
          target: new schedulerTargets.SqsSendMessage(queue, {
            deadLetterQueue,
            input: scheduler.ScheduleTargetInput.fromObject({ scheduledTime: scheduler.ContextAttribute.scheduledTime }),
          }),
        });
      },
      time: '$.scheduledTime',
      businessKey: ['$.scheduledTime'],
      input: { scheduledTime: '$.scheduledTime' },
    });
  }

  private constructor(
    /** @internal */
    public readonly _config: TriggerSourceConfig,
  ) {}
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
function keyPattern(prefix: string, suffix: string): { object?: { key: object[] } } {
  if (prefix === '' && suffix === '') return {};
  if (suffix === '') return { object: { key: [{ prefix }] } };
  if (prefix === '') return { object: { key: [{ suffix }] } };
  // Two operators in one list would mean one or the other.
  const literal = (text: string) => text.replace(/[*\\]/g, '\\$&');
  return { object: { key: [{ wildcard: `${literal(prefix)}*${literal(suffix)}` }] } };
}

/** Through the CDK's custom resource, which keeps the bucket's other notifications. */
function notify(bucket: s3.IBucket): void {
  bucket.enableEventBridgeNotification();
  const handler = Stack.of(bucket).node.children.find(({ node }) => node.id.startsWith('BucketNotificationsHandler'));
  const role = handler?.node.tryFindChild('Role');
  if (!role) return;
  acknowledge(
    role,
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    "The CDK's own function, which sets the notifications of buckets at deployment.",
  );
}

function rule(eventPattern: events.EventPattern, eventBus?: events.IEventBus): TriggerSourceConfig['bind'] {
  return (scope, queue, deadLetterQueue) => {
    new events.Rule(scope, 'Rule', { eventPattern, eventBus, targets: [new eventTargets.SqsQueue(queue, { deadLetterQueue })] });
  };
}
