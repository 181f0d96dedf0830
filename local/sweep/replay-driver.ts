import type { Json } from '../cloud-types';
import type { Execution } from '../engine/types';
import { LocalRun } from '../handles/run';
import type { LocalCloud } from '../local-cloud';
import type { Run } from '../scenario/driver';
import { LocalDriver } from '../scenario/local-driver';
import type { Operator } from './invariants';

/** The second time: what was stopped is redriven in the place of a new start, if it is to be; mails of the first time are old. */
export class ReplayDriver extends LocalDriver implements Operator {
  private readonly toRedrive: Execution[];

  constructor(cloud: LocalCloud, toRedrive: readonly Execution[]) {
    super(cloud, cloud.outbox);
    this.toRedrive = [...toRedrive];
  }

  /** Without a name: an ended run keeps its own for 90 days. */
  override async start(stateMachine: string, input: Json): Promise<LocalRun> {
    const { arn } = this.cloud.stateMachine(stateMachine);
    const text = JSON.stringify(input);
    const at = this.toRedrive.findIndex((run) => run.machine.arn === arn && JSON.stringify(JSON.parse(run.input)) === text);
    if (at < 0) return super.start(stateMachine, input);
    const [run] = this.toRedrive.splice(at, 1);
    return this.redrive(run);
  }

  /** What nobody has started again by the end, such as runs that an event had started. */
  async redriveRest(): Promise<void> {
    for (const run of this.toRedrive.splice(0)) await this.redrive(run);
  }

  /** The fault has passed; those that the scenario plans itself were met the first time. */
  override async fail(): Promise<void> {}

  async redrive({ arn }: Pick<Run, 'arn'>): Promise<LocalRun> {
    await this.cloud.operate('sfn', 'RedriveExecution', { executionArn: arn });
    return new LocalRun(this.cloud, this.cloud.execution(arn));
  }
}
