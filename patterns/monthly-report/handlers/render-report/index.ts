import { S3Client } from '@aws-sdk/client-s3';
import { renderReport } from '../render-report';
import type { ReportState } from '../report-state';

const s3 = new S3Client({});

/** Called by the workflow. */
export function handler(state: ReportState): Promise<unknown> {
  return renderReport(s3, state);
}
