import { s3 } from '../client';
import type { PlannedRun } from '../plan';
import { settingsFromEnvironment } from '../settings';
import { type SummarizePlanEvent, summarizePlan } from '../summarize-plan';

const settings = settingsFromEnvironment();

/** Called when every range is planned. */
export function handler(event: SummarizePlanEvent): Promise<PlannedRun> {
  return summarizePlan(event, s3, settings);
}
