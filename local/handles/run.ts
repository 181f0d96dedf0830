import type { DeniedCall } from '../access/types';
import type { Json } from '../cloud-types';
import { statesVisited, transitions } from '../engine';
import type { Execution, ExecutionStatus, HistoryEvent } from '../engine/types';
import type { Run } from '../scenario/driver';
import type { OperatedCloud } from './operated-cloud';

/** An execution of a state machine on the local cloud. */
export class LocalRun implements Run {
  /** @param deniedBefore how many calls had been denied when it was started */
  constructor(
    private readonly cloud: OperatedCloud,
    private readonly execution: Execution,
    private readonly deniedBefore = 0,
  ) {}

  get arn(): string {
    return this.execution.arn;
  }

  get name(): string {
    return this.execution.name;
  }

  get status(): ExecutionStatus {
    return this.execution.status;
  }

  get input(): Json {
    return JSON.parse(this.execution.input);
  }

  /** What a run that succeeded gave. */
  get output(): Json | undefined {
    return this.execution.output;
  }

  get error(): string | undefined {
    return this.execution.error;
  }

  get cause(): string | undefined {
    return this.execution.cause;
  }

  /** As GetExecutionHistory gives it. */
  get history(): readonly HistoryEvent[] {
    return this.execution.history;
  }

  /** Names in the order of entering, those inside Map and Parallel too. */
  get statesVisited(): readonly string[] {
    return statesVisited(this.execution.history);
  }

  /** As AWS bills them: every step and every retry. */
  get transitions(): number {
    return transitions(this.execution.history);
  }

  /** Every call that anybody was denied since the run was started; for a run that an event started, since the cloud was made. */
  get deniedCalls(): readonly DeniedCall[] {
    return this.cloud.access.denied.slice(this.deniedBefore);
  }

  /**
   * Resolves when the run has ended, whichever way, skipping time where there is nothing else to wait for.
   * @throws if it waits for something that nothing will bring, such as the answer of a person
   */
  async finished(): Promise<this> {
    await this.cloud.clock.runUntil(() => this.status !== 'RUNNING', `the end of the run ${this.name}`);
    return this;
  }

  /**
   * Resolves when the run has entered a state, skipping time where there is nothing else to wait for.
   * @throws if it ends without
   */
  async reached(state: string): Promise<this> {
    const entered = () => this.statesVisited.includes(state);
    await this.cloud.clock.runUntil(() => entered() || this.status !== 'RUNNING', `the state ${state} of the run ${this.name}`);
    if (entered()) return this;
    throw new Error(`the run ${this.status} without reaching the state '${state}'; it visited: ${this.statesVisited.join(', ')}`);
  }

  /** Ends it as StopExecution does: its status is ABORTED. */
  async stop(why: { readonly error?: string; readonly cause?: string } = {}): Promise<this> {
    await this.cloud.operate('sfn', 'StopExecution', { executionArn: this.arn, ...why });
    return this;
  }
}
