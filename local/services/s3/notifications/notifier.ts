import { ApiError, type Cloud, type Json, type Principal } from '../../../cloud-types';
import { inBackground } from '../../background';
import { deliver } from '../../delivery';
import { notImplemented } from '../../errors';
import { digits } from '../../identifiers';
import type { Bucket } from '../bucket';
import { invalidArgument } from '../errors';
import { checkConfiguration, type NotificationConfiguration, named, type Target, targetsOf, wants } from './configuration';
import { bridgeEvent, type ObjectEvent, type Occurrence, record, testEvent } from './events';

/** Tells what happens in buckets, in S3's own name: the policies of queues, topics and functions decide. */
export class Notifier {
  private sequence = 0;

  constructor(private readonly cloud: Cloud) {}

  /** Takes a configuration, and tries its destinations as AWS does: queues and topics get a test event. */
  async configure(bucket: Bucket, configuration: NotificationConfiguration, options: { readonly validate: boolean }): Promise<void> {
    checkConfiguration(configuration);
    const targets = targetsOf(configuration);
    if (options.validate) for (const target of targets) await this.validate(bucket, target);
    bucket.notifications = named(configuration, () => digits(this.cloud, 32));
  }

  notify(bucket: Bucket, event: ObjectEvent): void {
    const { notifications } = bucket;
    const targets = targetsOf(notifications).filter((target) => wants(target, event.name, event.key));
    if (targets.length === 0 && !notifications.EventBridgeConfiguration) return;
    const occurrence = this.occurrence();
    for (const target of targets) {
      inBackground(this.send(bucket, target, { Records: [record(this.cloud, bucket, event, occurrence, target.id)] }));
    }
    if (notifications.EventBridgeConfiguration) this.cloud.emit(bridgeEvent(this.cloud, bucket, event, occurrence));
  }

  private async validate(bucket: Bucket, target: Target): Promise<void> {
    try {
      if (target.arn.endsWith('.fifo')) throw new ApiError('InvalidArgument', 'S3 does not deliver to FIFO queues and topics');
      if (target.arn.split(':')[2] === 'lambda') await this.tryFunction(bucket, target);
      else await this.send(bucket, target, testEvent(bucket, this.occurrence()));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code === 'NotImplemented') throw error;
      throw invalidArgument(`Unable to validate the following destination configurations (${error.message})`, target.arn);
    }
  }

  private async tryFunction(bucket: Bucket, { arn }: Target): Promise<void> {
    const input = { FunctionName: arn, InvocationType: 'DryRun' };
    await this.cloud.call({ service: 'lambda', operation: 'Invoke', principal: this.sender(bucket), input });
  }

  private async send(bucket: Bucket, { arn }: Target, message: Json): Promise<void> {
    const [, , service] = arn.split(':');
    if (!['sqs', 'sns', 'lambda'].includes(service)) throw notImplemented(`S3 notifications to ${arn}`);
    await deliver(this.cloud, this.sender(bucket), arn, { body: JSON.stringify(message), subject: 'Amazon S3 Notification' });
  }

  private sender(bucket: Bucket): Principal {
    return { kind: 'service', service: 's3.amazonaws.com', sourceArn: bucket.arn };
  }

  private occurrence(): Occurrence {
    const time = this.cloud.clock.now();
    this.sequence += 1;
    return {
      time,
      requestId: digits(this.cloud, 16, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
      sequencer: `${time.toString(16).padStart(12, '0')}${this.sequence.toString(16).padStart(8, '0')}`,
    };
  }
}
