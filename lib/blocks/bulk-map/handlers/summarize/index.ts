import { S3Client } from '@aws-sdk/client-s3';
import { environment } from '../../../../core/handlers/environment';
import { type SummarizeEvent, type Summary, summarize } from '../summarize';

const target = { s3: new S3Client({}), bucket: environment('BUCKET_NAME') };

/** Called when a Distributed Map has ended. */
export function handler(event: SummarizeEvent): Promise<Summary> {
  return summarize(event, target);
}
