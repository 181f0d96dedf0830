/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html */
import { ApiError, type Cloud, type ResourceType } from '../../cloud-types';
import { arn, isTrue } from '../identifiers';
import { Queue } from './queue';

/** 1 MiB since August 2025: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_MESSAGE = 1_048_576;

export function invalid(message: string): ApiError {
  return new ApiError('InvalidParameterValue', message);
}

export function sqsResources(cloud: Cloud, queues: Map<string, Queue>, urlOf: (queue: Queue) => string): Record<string, ResourceType> {
  return {
    'AWS::SQS::Queue': {
      create(resource) {
        const { properties } = resource;
        const fifo = isTrue(properties.FifoQueue);
        const name: string = properties.QueueName ?? (fifo ? `${resource.physicalName(75)}.fifo` : resource.physicalName(80));
        const redrive = typeof properties.RedrivePolicy === 'string' ? JSON.parse(properties.RedrivePolicy) : properties.RedrivePolicy;
        const queue = new Queue(cloud.clock, {
          name,
          arn: arn(cloud, 'sqs', name),
          fifo,
          contentBasedDeduplication: isTrue(properties.ContentBasedDeduplication),
          visibilityTimeoutSeconds: Number(properties.VisibilityTimeout ?? 30),
          delaySeconds: Number(properties.DelaySeconds ?? 0),
          receiveWaitSeconds: Number(properties.ReceiveMessageWaitTimeSeconds ?? 0),
          retentionSeconds: Number(properties.MessageRetentionPeriod ?? 345_600),
          maximumMessageSize: Number(properties.MaximumMessageSize ?? MAX_MESSAGE),
          kmsKey: properties.KmsMasterKeyId,
          redrive: redrive && { deadLetterTargetArn: redrive.deadLetterTargetArn, maxReceiveCount: Number(redrive.maxReceiveCount) },
        });
        queues.set(name, queue);
        const url = urlOf(queue);
        return { ref: url, attributes: { Arn: queue.settings.arn, QueueName: name, QueueUrl: url } };
      },
    },

    'AWS::SQS::QueuePolicy': {
      create(resource) {
        for (const url of resource.properties.Queues) {
          const queue = queues.get(url.split('/').at(-1));
          if (!queue) throw new Error(`${resource.path ?? resource.logicalId}: there is no queue ${url}.`);
          cloud.setResourcePolicy(queue.settings.arn, resource.properties.PolicyDocument);
        }
        return { ref: resource.physicalName(), attributes: { Id: resource.physicalName() } };
      },
    },
  };
}
