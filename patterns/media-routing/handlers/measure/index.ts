import { S3Client } from '@aws-sdk/client-s3';
import { type Measured, type MeasureEvent, measure } from '../measure';
import { bucketsFromEnvironment } from '../recordings';

const s3 = new S3Client({});
const buckets = bucketsFromEnvironment(process.env);

/** Called before the worker is chosen, and again when it has done its work. */
export function handler(event: MeasureEvent): Promise<Measured> {
  return measure(event, s3, buckets);
}
