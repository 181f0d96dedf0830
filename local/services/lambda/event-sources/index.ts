/** What invokes functions by itself: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html */
import type { Cloud, Service } from '../../../cloud-types';
import { inBackground } from '../../background';
import type { Stream } from '../../dynamodb/stream';
import { arn, uuid } from '../../identifiers';
import type { Queue } from '../../sqs/queue';
import type { MappedFunction } from '../mapped-function';
import { invalid, type MappingConfiguration, readConfiguration } from './configuration';
import { QueuePoller } from './queue-poller';
import { StreamPoller } from './stream-poller';

export interface EventSources {
  function(reference: string): MappedFunction;
  queue(queueArn: string): Queue | undefined;
  stream(streamArn: string): Stream | undefined;
}

export interface EventSourceMappings extends Service {
  /** Ends the pollers. */
  dispose(): void;
}

export function createEventSourceMappings(cloud: Cloud, sources: EventSources): EventSourceMappings {
  const ended = new AbortController();

  function pollerOf(configuration: MappingConfiguration, fn: MappedFunction): QueuePoller | StreamPoller {
    const { kind, sourceArn } = configuration;
    if (kind === 'sqs') {
      const queue = sources.queue(sourceArn);
      if (queue) return new QueuePoller(cloud, queue, fn, configuration, ended.signal);
    } else {
      const stream = sources.stream(sourceArn);
      if (stream) return new StreamPoller(cloud, stream, fn, configuration, ended.signal);
    }
    throw invalid(`Error occurred while validating the event source: there is no ${sourceArn} in the local cloud.`);
  }

  return {
    name: 'event-source-mappings',
    operations: {},
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html */
    resources: {
      'AWS::Lambda::EventSourceMapping': {
        async create({ properties }) {
          const configuration = readConfiguration(properties);
          const poller = pollerOf(configuration, sources.function(properties.FunctionName));
          await poller.check();
          if (configuration.enabled) inBackground(poller.run());
          const id = uuid(cloud);
          return { ref: id, attributes: { Id: id, EventSourceMappingArn: arn(cloud, 'lambda', `event-source-mapping:${id}`) } };
        },
      },
    },
    dispose: () => ended.abort(),
  };
}
