import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../../../../core/handlers/environment';
import type { HttpRequest, HttpResponse } from '../http';
import { Log } from '../log';
import { portal } from '../portal';

const services = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME'), auditTableName: environment('AUDIT_TABLE_NAME') },
  sfn: new SFNClient({}),
  identityClaim: environment('IDENTITY_CLAIM'),
};

/** Decisions of who is signed in, behind an HTTP API's JWT authorizer. */
export function handler(event: HttpRequest): Promise<HttpResponse> {
  return portal(event, services, new Log());
}
