import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SNSClient } from '@aws-sdk/client-sns';
import { type Delivery, deliverReport } from '../deliver-report';
import { environment } from '../environment';
import type { ReportState } from '../report-state';

const services = {
  dynamodb: new DynamoDBClient({}),
  tableName: environment('TABLE_NAME'),
  kms: new KMSClient({}),
  keyId: environment('KEY_ID'),
  // The SDK's own retries would send again what may have arrived.
  sns: new SNSClient({ maxAttempts: 1 }),
  topicArn: environment('TOPIC_ARN'),
  apiUrl: environment('API_URL'),
};

/** Called by the workflow when the report is written. */
export function handler(state: ReportState): Promise<Delivery> {
  return deliverReport(services, state);
}
