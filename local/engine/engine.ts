import { Quota } from '../../lib/asl/quotas';
import { ApiError } from '../cloud-types';
import { Activities } from './activities';
import { StateFailure } from './errors';
import { uuid } from './random';
import { Run, type RunOptions, type Surroundings } from './run';
import { issuerOf, TaskTokens } from './task-tokens';
import type { Engine, EngineOptions, Execution, Machine, MapRun, StartOptions } from './types';

/** Ended children of Distributed Maps that can still be asked for. */
const KEPT_CHILDREN = 2000;

export function createEngine(options: EngineOptions): Engine {
  return new StatesEngine(options);
}

const REDRIVABLE_DAYS = 14;
const REDRIVES = 1000;

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-eligibility */
function whyNotRedrivable(run: Run, now: number): string | undefined {
  if (run.machine.type === 'EXPRESS') return 'an Express execution cannot be redriven';
  if (run.mapRunArn !== undefined) return 'a child execution is redriven with the Map Run that it belongs to';
  if (run.status === 'RUNNING' || run.status === 'SUCCEEDED') return `the execution is ${run.status}`;
  if (now - (run.stopDate ?? now) > REDRIVABLE_DAYS * 86_400_000) return `it ended more than ${REDRIVABLE_DAYS} days ago`;
  if (run.history.length >= Quota.HISTORY_EVENTS - 1) return 'its history is full';
  return run.redriveCount >= REDRIVES ? `it has been redriven ${REDRIVES} times` : undefined;
}

class StatesEngine implements Engine, Surroundings {
  readonly tokens: TaskTokens;
  readonly activities = new Activities();
  private readonly runs = new Map<string, Run>();
  private readonly runsOfMaps: MapRun[] = [];
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

  remember(mapRun: MapRun): void {
    this.runsOfMaps.push(mapRun);
  }

  mapRuns(executionArn?: string): readonly MapRun[] {
    return this.runsOfMaps.filter((mapRun) => executionArn === undefined || mapRun.executionArn === executionArn);
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
    const why = whyNotRedrivable(run, this.options.clock.now());
    if (why) throw new ApiError('ExecutionNotRedrivable', `Execution is not redrivable: ${why}`);
    run.redrive();
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
}
