import type { Json } from '../cloud-types';
import type { OperatedCloud } from './operated-cloud';
import { LocalRun } from './run';

/** A deployed state machine. */
export class LocalStateMachine {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly arn: string,
  ) {}

  /**
   * Starts an execution and lets happen what happens at once. No time passes.
   * @param options.qualifier a version or an alias, such as the `live` of a release. @default - the newest definition
   */
  async start(input: Json = {}, { qualifier, name }: { readonly name?: string; readonly qualifier?: string } = {}): Promise<LocalRun> {
    const deniedBefore = this.cloud.access.denied.length;
    const { executionArn } = await this.cloud.operate<{ executionArn: string }>('sfn', 'StartExecution', {
      stateMachineArn: qualifier === undefined ? this.arn : `${this.arn}:${qualifier}`,
      input: JSON.stringify(input),
      name,
    });
    return new LocalRun(this.cloud, this.cloud.execution(executionArn), deniedBefore);
  }

  /** Every execution so far, whoever started it. */
  get runs(): readonly LocalRun[] {
    return this.cloud.executions(this.arn).map((execution) => new LocalRun(this.cloud, execution));
  }
}
