import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { environment } from '../../../../core/handlers/environment';
import type { HttpRequest, HttpResponse } from '../http';
import { Log } from '../log';
import { show } from '../show';

const services = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME') },
  kms: new KMSClient({}),
  keyId: environment('KEY_ID'),
};

/** The approver's page, behind an HTTP API: GET and HEAD of a link. */
export function handler(event: HttpRequest): Promise<HttpResponse> {
  return show(event, services, new Log());
}
