import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../environment';
import { RequestTable } from '../request';
import { sweep } from '../sweep';

const dynamodb = new DynamoDBClient({});
const tableName = environment('TABLE_NAME');
const services = { dynamodb, tableName, table: new RequestTable(dynamodb, tableName), sfn: new SFNClient({}) };

/** Called on a schedule. */
export function handler(): Promise<void> {
  return sweep(services);
}
