/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SNS.html */
import type { Cloud, PolicyDocument, ResourceType } from '../../cloud-types';
import { isTrue, uuid } from '../identifiers';
import type { Topic } from './topic';

export function snsResources(cloud: Cloud, topics: Map<string, Topic>, arnOf: (name: string) => string): Record<string, ResourceType> {
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  const subscribe = (topicArn: string, properties: Record<string, any>): string => {
    const topic = topics.get(topicArn);
    if (!topic) throw new Error(`There is no topic ${topicArn} to subscribe to.`);
    const arn = `${topicArn}:${uuid(cloud)}`;
    topic.subscriptions.push({
      arn,
      protocol: properties.Protocol,
      endpoint: properties.Endpoint,
      filterPolicy: properties.FilterPolicy,
      filterScope: properties.FilterPolicyScope ?? 'MessageAttributes',
      raw: isTrue(properties.RawMessageDelivery),
      deadLetterArn: properties.RedrivePolicy?.deadLetterTargetArn,
    });
    return arn;
  };

  return {
    'AWS::SNS::Topic': {
      create(resource) {
        const { properties } = resource;
        const fifo = isTrue(properties.FifoTopic);
        const name: string = properties.TopicName ?? (fifo ? `${resource.physicalName(251)}.fifo` : resource.physicalName(256));
        const arn = arnOf(name);
        topics.set(arn, {
          arn,
          fifo,
          contentBasedDeduplication: isTrue(properties.ContentBasedDeduplication),
          kmsKey: properties.KmsMasterKeyId,
          subscriptions: [],
          recent: new Map(),
        });
        cloud.setResourcePolicy(arn, defaultPolicy(cloud, arn));
        for (const subscription of properties.Subscription ?? []) subscribe(arn, subscription);
        return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
      },
    },

    'AWS::SNS::Subscription': {
      create: ({ properties }) => {
        const arn = subscribe(properties.TopicArn, properties);
        return { ref: arn, attributes: { Arn: arn } };
      },
    },

    'AWS::SNS::TopicPolicy': {
      create(resource) {
        for (const topic of resource.properties.Topics) cloud.setResourcePolicy(topic, resource.properties.PolicyDocument);
        return { ref: resource.physicalName(), attributes: { Id: resource.physicalName() } };
      },
    },
  };
}

/**
 * A topic without a policy of its own has one that lets in whoever comes from its account by AWS:SourceOwner, which of AWS's services
 * CloudWatch's alarms do. https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#sns-publish-to-topic-from-cloudwatch
 */
function defaultPolicy({ accountId }: Cloud, topicArn: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: {
      Sid: '__default_statement_ID',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topicArn,
      Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
    },
  };
}
