import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../../../../core/handlers/environment';
import { type BatchResponse, type QueueEvent, start } from '../start';

const services = {
  sfn: new SFNClient({}),
  sqs: new SQSClient({}),
  stateMachineArn: environment('STATE_MACHINE_ARN'),
  deadLetterQueueUrl: environment('DEAD_LETTER_QUEUE_URL'),
  settings: JSON.parse(environment('SETTINGS')),
};

/** Called with messages of the queue. */
export function handler(event: QueueEvent): Promise<BatchResponse> {
  return start(services, event);
}
