import type { Cloud, Json } from '../../cloud-types';
import type { Execution } from '../../engine/types';
import { inBackground } from '../background';
import type { Start } from './starts';

/** Input and output are left out of an event when both together are larger. */
const MAX_DATA = 248 * 1024;

/**
 * "Step Functions Execution Status Change", on the default bus, for Standard workflows only: now, and when the execution ends.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function emitStatusEvents(cloud: Cloud, execution: Execution, start: Start): void {
  if (execution.machine.type !== 'STANDARD') return;
  const emit = (status: string): void => {
    const output = execution.output === undefined ? null : JSON.stringify(execution.output);
    const included = Buffer.byteLength(execution.input) + Buffer.byteLength(output ?? '') <= MAX_DATA;
    const detail: Record<string, Json> = {
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      name: execution.name,
      status,
      startDate: execution.startDate,
      stopDate: execution.stopDate ?? null,
      input: included ? execution.input : null,
      output: included ? output : null,
      inputDetails: { included },
      outputDetails: output === null ? null : { included },
      stateMachineVersionArn: start.version?.arn ?? null,
      stateMachineAliasArn: start.aliasArn ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redriveDate ?? null,
      error: execution.error ?? null,
      cause: execution.cause ?? null,
    };
    cloud.emit({ source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', resources: [execution.arn], detail });
  };
  emit('RUNNING');
  inBackground(execution.finished.then(() => emit(execution.status)));
}
