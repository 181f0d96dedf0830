import { ApiError } from '../cloud-types';
import { Activities } from './activities';
import type { DistributedMapRun } from './distributed/map-run';
import { StateFailure } from './errors';
import { uuid } from './random';
import { whyNotRedrivable } from './redrivable';
import { Run, type RunOptions, type Surroundings } from './run';
import { issuerOf, TaskTokens } from './task-tokens';
import type { ResultShapes } from './test-state/result-shape';
import { testState } from './test-state/test-state';
import type { TestStateRequest, TestStateResult } from './test-state/types';
import type { Engine, EngineOptions, Execution, Machine, MapRun, MapRunSettings, StartOptions } from './types';

/** Ended children of Distributed Maps that can still be asked for. */
const KEPT_CHILDREN = 2000;

export function createEngine(options: EngineOptions): Engine {
  return new StatesEngine(options);
}

class StatesEngine implements Engine, Surroundings {
  readonly tokens: TaskTokens;
  readonly activities = new Activities();
  private readonly runs = new Map<string, Run>();
  private readonly runsOfMaps: DistributedMapRun[] = [];
  private readonly endedChildren: string[] = [];

  constructor(readonly options: EngineOptions) {
    this.tokens = new TaskTokens(() => options.clock.now(), options.random);
  }

  uuid(): string {
    return uuid(this.options.random);
  }

  launch(options: RunOptions): Run {
    const run = new Run(this, options);
    this.runs.set(run.arn, run);
    run.begin();
    if (run.mapRunArn !== undefined) void run.finished.then(() => this.retire(run));
    return run;
  }

  /** Forgets the oldest ended children of Distributed Maps: a million of them must not stay in memory. */
  private retire(child: Run): void {
    this.endedChildren.push(child.arn);
    if (this.endedChildren.length <= KEPT_CHILDREN) return;
    for (const arn of this.endedChildren.splice(0, KEPT_CHILDREN / 2)) this.runs.delete(arn);
  }

  remember(mapRun: DistributedMapRun): void {
    this.runsOfMaps.push(mapRun);
  }

  mapRuns(executionArn?: string): readonly MapRun[] {
    return this.runsOfMaps.filter((mapRun) => executionArn === undefined || mapRun.executionArn === executionArn);
  }

  updateMapRun(mapRunArn: string, settings: MapRunSettings): void {
    this.runsOfMaps.find(({ arn }) => arn === mapRunArn)?.update(settings);
  }

  startExecution(machine: Machine, { input = '{}', name = this.uuid(), startedBy }: StartOptions): Execution {
    return this.launch({ arn: this.executionArn(machine, name), name, machine, input, startedBy });
  }

  private executionArn(machine: Machine, name: string): string {
    const { accountId, partition, region } = this.options;
    const prefix = `arn:${partition}:states:${region}:${accountId}`;
    if (machine.type === 'STANDARD') return `${prefix}:execution:${machine.name}:${name}`;
    return `${prefix}:express:${machine.name}:${name}:${this.uuid()}`;
  }

  stopExecution(executionArn: string, error?: string, cause?: string): void {
    this.runs.get(executionArn)?.end('ABORTED', new StateFailure(error, cause));
  }

  redriveExecution(executionArn: string): void {
    const run = this.runs.get(executionArn);
    if (!run) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    const why = this.whyNotRedrivable(run);
    if (why) throw new ApiError('ExecutionNotRedrivable', why);
    run.redrive();
  }

  whyNotRedrivable(execution: Execution): string | undefined {
    return whyNotRedrivable(execution, this.options.clock.now());
  }

  execution(arn: string): Execution | undefined {
    return this.runs.get(arn);
  }

  executions(machineArn?: string): readonly Execution[] {
    return [...this.runs.values()].filter((run) => machineArn === undefined || run.stateMachineArn === machineArn);
  }

  sendTaskSuccess(taskToken: string, output: string): void {
    this.tokens.succeed(taskToken, output);
  }

  sendTaskFailure(taskToken: string, error?: string, cause?: string): void {
    this.tokens.fail(taskToken, error, cause);
  }

  sendTaskHeartbeat(taskToken: string): void {
    this.tokens.heartbeat(taskToken);
  }

  machineOfToken(taskToken: string): string | undefined {
    return issuerOf(taskToken);
  }

  getActivityTask(activityArn: string, workerName?: string, signal?: AbortSignal) {
    return this.activities.take(activityArn, workerName, signal);
  }

  testState(request: TestStateRequest, resultShapes?: ResultShapes): Promise<TestStateResult> {
    return testState({ ...this.options, resultShapes }, request);
  }
}
