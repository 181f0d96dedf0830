/** What Step Functions measures. Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
import type { Engine, Execution } from '../../engine/types';
import { inBackground } from '../background';
import type { Metrics } from './metrics';

const NAMES: Readonly<Record<string, string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** The engine, with its executions measured. Nothing is throttled here, so that there is no ExecutionThrottled. */
export function withMetrics(engine: Engine, metrics: Metrics): Engine {
  function measure(execution: Execution, start: number): void {
    const record = (name: string, value: number, unit?: string) =>
      metrics.record('AWS/States', name, { StateMachineArn: execution.machine.arn }, value, unit);
    inBackground(
      execution.finished.then(() => {
        record(NAMES[execution.status], 1);
        record('ExecutionTime', (execution.stopDate ?? start) - start, 'Milliseconds');
      }),
    );
  }

  const measured: Partial<Engine> = {
    startExecution(machine, options) {
      const execution = engine.startExecution(machine, options);
      metrics.record('AWS/States', 'ExecutionsStarted', { StateMachineArn: machine.arn }, 1);
      measure(execution, execution.startDate);
      return execution;
    },
    redriveExecution(arn) {
      engine.redriveExecution(arn);
      const execution = engine.execution(arn);
      if (execution) measure(execution, execution.redriveDate ?? execution.startDate);
    },
  };
  return new Proxy(engine, {
    get(target, name: keyof Engine) {
      const own = measured[name] ?? target[name];
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
