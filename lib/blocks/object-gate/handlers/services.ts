import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { GateServices } from './resolve';

const tableName = process.env.TABLE_NAME;
if (!tableName) throw new Error('the environment variable TABLE_NAME is missing');

export const services: GateServices = {
  table: { dynamodb: new DynamoDBClient({}), tableName },
  s3: new S3Client({}),
  sfn: new SFNClient({}),
};
