/** What Step Functions measures. Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
import type { Execution } from '../../engine/types';
import { inBackground } from '../background';
import type { Metrics } from './metrics';

const NAMES: Readonly<Record<string, string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/**
 * Measures an execution that starts or is redriven, and its end. Nothing is throttled here, so that there is no ExecutionThrottled.
 *
 * What was started through an alias is measured under the alias too; the metrics of versions are left out, since AWS doesn't say how their
 * dimension is written.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html
 */
export function measureExecution(metrics: Metrics, execution: Execution, aliasArn: string | undefined): void {
  const { startDate, redriveDate, machine } = execution;
  const StateMachineArn = machine.arn;
  const alias = aliasArn?.slice(StateMachineArn.length + 1);
  const record = (name: string, value: number, unit?: string) => {
    metrics.record('AWS/States', name, { StateMachineArn }, value, unit);
    if (alias !== undefined) metrics.record('AWS/States', name, { StateMachineArn, Alias: alias }, value, unit);
  };
  const start = redriveDate ?? startDate;
  if (redriveDate === undefined) record('ExecutionsStarted', 1);
  inBackground(
    execution.finished.then(() => {
      record(NAMES[execution.status], 1);
      record('ExecutionTime', (execution.stopDate ?? start) - start, 'Milliseconds');
    }),
  );
}
