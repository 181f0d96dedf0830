import { Quota } from '../../lib/asl/quotas';
import type { Execution } from './types';

const REDRIVABLE_DAYS = 14;
const REDRIVES = 1000;

/**
 * Why an execution cannot be redriven, in AWS's words where it has any. A Map Run's child is redriven with its Map Run only.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-eligibility and
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html, redriveStatusReason
 */
export function whyNotRedrivable(run: Execution, now: number, { byMapRun = false } = {}): string | undefined {
  if (run.status === 'RUNNING' || run.status === 'SUCCEEDED') return `Execution is ${run.status} and cannot be redriven`;
  if (run.mapRunArn !== undefined && !byMapRun) return 'Execution is redriven with the Map Run that it belongs to';
  if (run.machine.type === 'EXPRESS') return 'Express executions cannot be redriven';
  if (now - run.startDate > Quota.STANDARD_SECONDS * 1000) return 'Execution has exceeded the max execution time';
  if (now - (run.stopDate ?? now) > REDRIVABLE_DAYS * 86_400_000) return 'Execution redrivable period exceeded';
  if (run.history.length >= Quota.HISTORY_EVENTS - 1) return 'Execution history event limit exceeded';
  return run.redriveCount >= REDRIVES ? `Execution has been redriven ${REDRIVES} times` : undefined;
}
