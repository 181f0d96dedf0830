import { S3Client } from '@aws-sdk/client-s3';

/** The two buckets may be in other regions than the function. */
export const s3 = new S3Client({ followRegionRedirects: true, maxAttempts: 5 });
