import { aws_iam as iam, aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import type { ApprovalChannelConfig, IApprovalChannel } from './approval-channel';
import type { Approver } from './approver';

/** Where the messages of an approver's channel go. */
export interface ChannelTarget {
  readonly type: 'email' | 'sns' | 'sqs' | 'lambda';
  readonly target: string;
}

/** The channels of a gate's approvers, each bound once, and the permission to send there. */
export class ChannelTargets {
  /** Addresses. */
  private readonly subscribed = new Set<string>();
  private readonly bound = new Map<IApprovalChannel, ChannelTarget>();

  /**
   * @param scope where what channels need is made
   * @param grantee who sends
   * @param mailTopic what mail goes through. @default - a new topic, when somebody is asked by mail
   */
  constructor(
    private readonly scope: Construct,
    private readonly grantee: iam.IRole,
    private mailTopic?: sns.ITopic,
  ) {}

  of({ channel, identity }: Approver): ChannelTarget {
    return channel ? this.bind(channel) : { type: 'email', target: this.mailTo(identity) };
  }

  /** One subscription for each approver, which lets through what is meant for them. */
  private mailTo(address: string): string {
    this.mailTopic ??= new sns.Topic(this.scope, 'Mail', { displayName: 'Approvals', enforceSSL: true });
    if (this.subscribed.size === 0) this.grantPublish(this.mailTopic);
    if (!this.subscribed.has(address)) {
      const subscription = new sns.Subscription(this.scope, `MailTo${this.subscribed.size + 1}`, {
        topic: this.mailTopic,
        protocol: sns.SubscriptionProtocol.EMAIL,
        endpoint: address,
        filterPolicy: { approver: sns.SubscriptionFilter.stringFilter({ allowlist: [address] }) },
      });
      acknowledge(
        subscription,
        'Serverless-SNSRedrivePolicy',
        'SNS does not move failed mail to a dead-letter queue; a request that reaches nobody expires and goes its way.',
      );
      this.subscribed.add(address);
    }
    return this.mailTopic.topicArn;
  }

  private bind(channel: IApprovalChannel): ChannelTarget {
    const known = this.bound.get(channel);
    if (known) return known;
    const config = channel.bind(new Construct(this.scope, `Channel${this.bound.size + 1}`));
    const given = Object.entries(config).filter(([, value]) => value !== undefined);
    const target = given.length === 1 ? this.grantChannel(config) : undefined;
    if (!target) {
      throw new Error(
        `an approval channel has to give exactly one of topic, queue and function, but gave ${given.map(([name]) => name).join(' and ') || 'none'}`,
      );
    }
    this.bound.set(channel, target);
    return target;
  }

  private grantChannel({ topic, queue, function: handler }: ApprovalChannelConfig): ChannelTarget | undefined {
    const { grantee } = this;
    if (topic) {
      this.grantPublish(topic);
      return { type: 'sns', target: topic.topicArn };
    }
    if (queue) {
      iam.Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
      queue.encryptionMasterKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
      return { type: 'sqs', target: queue.queueUrl };
    }
    if (!handler) return undefined;
    iam.Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns: [handler.functionArn] });
    return { type: 'lambda', target: handler.functionArn };
  }

  private grantPublish(topic: sns.ITopic): void {
    const { grantee } = this;
    iam.Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [topic.topicArn] });
    topic.masterKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
  }
}
