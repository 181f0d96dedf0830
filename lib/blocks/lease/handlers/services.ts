import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';

const tableName = process.env.TABLE_NAME;
if (!tableName) throw new Error('the environment variable TABLE_NAME is missing');

export const services = { table: { dynamodb: new DynamoDBClient({}), tableName }, sfn: new SFNClient({}) };
