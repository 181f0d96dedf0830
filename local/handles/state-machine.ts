import type { Json } from '../cloud-types';
import type { LocalCloud } from '../local-cloud';
import { LocalRun } from './run';

/** A deployed state machine. */
export class LocalStateMachine {
  constructor(
    private readonly cloud: LocalCloud,
    readonly arn: string,
  ) {}

  /** Starts an execution and lets happen what happens at once. No time passes. */
  async start(input: Json = {}, options: { readonly name?: string } = {}): Promise<LocalRun> {
    const deniedBefore = this.cloud.access.denied.length;
    const { executionArn } = await this.cloud.operate<{ executionArn: string }>('sfn', 'StartExecution', {
      stateMachineArn: this.arn,
      input: JSON.stringify(input),
      ...options,
    });
    return new LocalRun(this.cloud, this.cloud.execution(executionArn), deniedBefore);
  }

  /** Every execution so far, whoever started it. */
  get runs(): readonly LocalRun[] {
    return this.cloud.executions(this.arn).map((execution) => new LocalRun(this.cloud, execution));
  }
}
