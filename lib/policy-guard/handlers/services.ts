import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { environment } from '../../core/handlers/environment';

/** What the functions call. */
export interface Services {
  readonly iam: IAMClient;
  readonly s3: S3Client;
  /** Where evidence and holds are kept. */
  readonly evidenceBucket: string;
  readonly quarantineArn: string;
}

export function servicesFromEnvironment(): Services {
  return {
    iam: new IAMClient(),
    s3: new S3Client(),
    evidenceBucket: environment('EVIDENCE_BUCKET'),
    quarantineArn: environment('QUARANTINE_ARN'),
  };
}
