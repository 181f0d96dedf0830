import { makePlan, type PlanAnswer, type PlanEvent } from '../make-plan';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called first. */
export function handler(event: PlanEvent): Promise<PlanAnswer> {
  return makePlan(event, settings);
}
