import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type BatchResponse, type QueueEvent, start } from '../start';

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

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
