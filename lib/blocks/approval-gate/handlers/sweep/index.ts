import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../../../../core/handlers/environment';
import { sweep } from '../sweep';

const services = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME') },
  sfn: new SFNClient({}),
};

/** Called on a schedule. */
export function handler(): Promise<void> {
  return sweep(services);
}
