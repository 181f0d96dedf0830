import { aws_sns as sns, aws_sns_subscriptions as subscriptions, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Where the samples tell of runs that failed: by mail to who operates them, once the address has confirmed its subscription. */
export function operatorTopic(scope: Construct, operator = 'operator@example.com'): sns.Topic {
  const topic = new sns.Topic(scope, 'Failures', { displayName: 'Failed runs', enforceSSL: true });
  const subscription = topic.addSubscription(new subscriptions.EmailSubscription(operator));
  Validations.of(subscription).acknowledge({
    id: 'Serverless-SNSRedrivePolicy',
    reason: 'SNS does not move failed mail to a dead-letter queue.',
  });
  return topic;
}
