import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { environment } from '../environment';
import { type ReportRequest, type ReportResponse, showReport } from '../show-report';

const services = { s3: new S3Client({}), bucket: environment('BUCKET'), kms: new KMSClient({}), keyId: environment('KEY_ID') };

/** Behind an HTTP API. */
export function handler(request: ReportRequest): Promise<ReportResponse> {
  return showReport(services, request);
}
