import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../../../core/handlers/environment';

export const services = { table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME') }, sfn: new SFNClient({}) };
