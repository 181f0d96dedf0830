/** `states:startExecution.sync`: a task that is another execution. Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
import type { Cloud, Json, Principal } from '../cloud-types';
import { type Execution, StatesError } from '../engine/types';
import { inBackground } from '../services/background';
import { toOutput } from './parameters';

interface Nested {
  readonly cloud: Cloud;
  readonly principal: Principal;
  readonly signal: AbortSignal;
  /** `.sync:2` gives the child's input and output as JSON, `.sync` as its text. */
  readonly parsed: boolean;
}

export async function completionOf(child: Execution, { cloud, principal, signal, parsed }: Nested): Promise<Json> {
  const executionArn = child.arn;
  const stop = (): void => inBackground(cloud.call({ service: 'sfn', operation: 'StopExecution', principal, input: { executionArn } }));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await child.finished;
  signal.removeEventListener('abort', stop);

  const output = await cloud.call({ service: 'sfn', operation: 'DescribeExecution', principal, input: { executionArn } });
  const { RedriveCount: _none, ...described } = toOutput('sfn', 'DescribeExecution', 'java1', output);
  const result = Object.fromEntries(Object.entries(described).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (result.Status !== 'SUCCEEDED') throw new StatesError('States.TaskFailed', JSON.stringify(result));
  return parsed ? { ...result, Input: JSON.parse(result.Input as string), Output: JSON.parse(result.Output as string) } : result;
}
