import { s3 } from '../client';
import { type Report, type ReportEvent, report } from '../report';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called at the end, whichever way the run went. */
export function handler(event: ReportEvent): Promise<Report> {
  return report(event, s3, settings);
}
