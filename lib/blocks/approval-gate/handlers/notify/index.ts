import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { environment } from '../../../../core/handlers/environment';
import { Log } from '../log';
import { notify } from '../notify';
import type { NotifyEvent } from '../notify-event';
import { remind } from '../remind';
import type { ReminderEvent } from '../reminders';

const services = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME') },
  kms: new KMSClient({}),
  sns: new SNSClient({}),
  sqs: new SQSClient({}),
  lambda: new LambdaClient({}),
  scheduler: new SchedulerClient({}),
  keyId: environment('KEY_ID'),
  apiUrl: environment('API_URL'),
};

/** Called by the state that waits for an approver, and by the schedules of its reminders. */
export function handler(event: NotifyEvent | ReminderEvent): Promise<void> {
  return 'remind' in event ? remind(event, services, new Log()) : notify(event, services, new Log());
}
