import { S3Client } from '@aws-sdk/client-s3';
import { type SummarizeEvent, type Summary, summarize } from '../summarize';

const bucket = process.env.BUCKET_NAME;
if (!bucket) throw new Error('the environment variable BUCKET_NAME is missing');
const target = { s3: new S3Client({}), bucket };

/** Called when a Distributed Map has ended. */
export function handler(event: SummarizeEvent): Promise<Summary> {
  return summarize(event, target);
}
