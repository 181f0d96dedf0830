import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../../../../core/handlers/environment';
import type { HttpRequest, HttpResponse } from '../http';
import { Log } from '../log';
import { respond } from '../respond';

const services = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME'), auditTableName: environment('AUDIT_TABLE_NAME') },
  sfn: new SFNClient({}),
  kms: new KMSClient({}),
  keyId: environment('KEY_ID'),
};

/** The form of the approver's page, behind an HTTP API: POST to a link. */
export function handler(event: HttpRequest): Promise<HttpResponse> {
  return respond(event, services, new Log());
}
