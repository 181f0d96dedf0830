import { S3Client } from '@aws-sdk/client-s3';
import { makePreview } from '../make-preview';
import { bucketsFromEnvironment, type Recording } from '../recordings';

const s3 = new S3Client({});
const buckets = bucketsFromEnvironment(process.env);

/** Called for recordings that are expected to fit. */
export function handler(event: Recording): Promise<{ readonly present: boolean }> {
  return makePreview(event, s3, buckets);
}
