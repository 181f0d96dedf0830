import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../../../core/handlers/environment';
import type { GateServices } from './resolve';

export const services: GateServices = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME') },
  s3: new S3Client({}),
  sfn: new SFNClient({}),
};
