import type { ItemProcessor, MapState } from '../../../lib/asl/definition';
import { ErrorName } from '../../../lib/asl/error-names';
import type { Json } from '../../../lib/asl/json';
import { Quota } from '../../../lib/asl/quotas';
import type { Branch } from '../branch';
import { asStateFailure, StateFailure } from '../errors';
import { whyNotRedrivable } from '../redrivable';
import type { Run } from '../run';
import type { MachineType, MapRun, MapRunCounts, MapRunSettings, MapRunStatus, RoleRequest } from '../types';
import type { Visit } from '../visit';
import { dataLimitExceeded, exceedsPayload, inputTooLarge } from '../workflow';
import type { ChildInput } from './item-batcher';
import { KeptInputs } from './kept-inputs';
import { S3ResultWriter, transformed } from './result-writer';
import { Tolerance } from './tolerance';

type Counts = { -readonly [K in keyof MapRunCounts]: number };

const FINAL_COUNT = { SUCCEEDED: 'succeeded', FAILED: 'failed', TIMED_OUT: 'timedOut', ABORTED: 'aborted', RUNNING: 'running' } as const;

/** Where the results of the children go: into the state's output, or to S3. */
interface Results {
  add(child: Run, index: number): void;
  /** The map run failed before a child was started with this. */
  notStarted(input: Json, stateMachineArn: string): void;
  finish(): Promise<Json>;
  /** What was unsuccessful comes again. */
  redriven(): void;
}

interface ChildIdentity {
  readonly arn: string;
  readonly name: string;
}

interface Unsuccessful {
  readonly child: Run;
  readonly index: number;
  readonly items: number;
}

/** One run of a Distributed Map: starts a child execution for each input, so many at once, and stops when too many have failed. */
export class DistributedMapRun implements MapRun {
  readonly arn: string;
  readonly executionArn: string;
  readonly startDate: number;
  readonly itemCounts: Counts = noCounts();
  readonly executionCounts: Counts = noCounts();
  status: MapRunStatus = 'RUNNING';
  redriveCount = 0;
  redriveDate: number | undefined;
  stopDate: number | undefined;
  private readonly label: string;
  private readonly children = new Map<Run, number>();
  /** Children to run again when the Map Run is redriven. */
  private unsuccessful: Unsuccessful[] = [];
  private started = 0;
  /** Inputs that have been read and not been started; how many there were in all, and whether that is all of them. */
  private kept = new KeptInputs();
  private read = 0;
  private readAll = false;
  private sink: Results | undefined;
  private inputsEnded = false;
  private wake: () => void = () => {};
  private failure: StateFailure | undefined;
  private mayStart = false;
  /** The attempt before this one, which may still be ending. */
  private attempt: Promise<unknown> = Promise.resolve();

  constructor(
    private visit: Visit<MapState>,
    private readonly processor: ItemProcessor,
    private tolerance: Tolerance,
    public maxConcurrency: number,
  ) {
    const { run } = visit.branch;
    const { accountId, clock, partition, region } = run.surroundings.options;
    this.label = visit.state.Label ?? run.surroundings.uuid();
    this.arn = `arn:${partition}:states:${region}:${accountId}:mapRun:${run.machine.name}/${this.label}:${run.surroundings.uuid()}`;
    this.executionArn = run.arn;
    this.startDate = clock.now();
  }

  get toleratedFailureCount(): number {
    return this.tolerance.count ?? 0;
  }

  get toleratedFailurePercentage(): number {
    return this.tolerance.percentage ?? 0;
  }

  private get childType(): MachineType {
    return this.processor.ProcessorConfig?.ExecutionType ?? 'STANDARD';
  }

  get writesResults(): boolean {
    return this.visit.state.ResultWriter?.Resource !== undefined;
  }

  /** More room starts further children at once, a lower tolerance may fail the run at once. */
  update({ maxConcurrency, toleratedFailureCount, toleratedFailurePercentage }: MapRunSettings): void {
    this.maxConcurrency = maxConcurrency ?? this.maxConcurrency;
    const { count, percentage } = this.tolerance;
    this.tolerance = new Tolerance(toleratedFailureCount ?? count, toleratedFailurePercentage ?? percentage);
    this.checkTolerance();
    this.wake();
  }

  /** Takes up what had not succeeded: failed and aborted children, and inputs that none had been started for. */
  redrive(visit: Visit<MapState>, tolerance: Tolerance): void {
    this.visit = visit;
    this.tolerance = tolerance;
    this.redriveCount++;
    this.redriveDate = visit.branch.run.surroundings.options.clock.now();
    this.status = 'RUNNING';
    this.stopDate = undefined;
  }

  /**
   * Begins when what an attempt before had to complete is complete.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#redrive-eligibility-map-run
   */
  execute(inputs: AsyncIterable<ChildInput>): Promise<Json> {
    const { branch } = this.visit;
    branch.beforeCancel = () => this.abort();
    const attempt = this.attempt.then(() => this.attempted(inputs, branch));
    this.attempt = attempt.catch(() => {});
    return attempt;
  }

  private async attempted(inputs: AsyncIterable<ChildInput>, branch: Branch): Promise<Json> {
    this.failure = undefined;
    this.inputsEnded = this.mayStart = false;
    try {
      branch.live();
      this.sink?.redriven();
      this.sink ??= await this.results();
      await this.startAll(inputs, this.sink, branch);
      // What a Map Run gave is written, whatever has become of its parent.
      const output = await this.sink.finish();
      branch.live();
      if (this.failure) throw this.failure;
      this.end('SUCCEEDED');
      return output;
    } catch (error) {
      // It may have been redriven since.
      if (this.status === 'RUNNING' && this.visit.branch === branch) this.end('FAILED');
      throw error;
    } finally {
      branch.beforeCancel = undefined;
    }
  }

  private async results(): Promise<Results> {
    const { ResultWriter } = this.visit.state;
    if (ResultWriter?.Resource !== undefined)
      return S3ResultWriter.create(this.visit, ResultWriter, this.arn, (failure) => this.fail(failure));
    return new StateOutput(this.visit.name, ResultWriter?.WriterConfig?.Transformation ?? 'COMPACT');
  }

  private async startAll(inputs: AsyncIterable<ChildInput>, results: Results, branch: Branch): Promise<void> {
    await this.startUnsuccessful(results, branch);
    try {
      await this.startOthers(inputs, results, branch);
      this.inputsEnded = true;
      this.checkTolerance();
    } catch (error) {
      // What can't be read means nothing where no child would be started with it.
      if (!this.ends(branch)) {
        this.abortChildren();
        throw error;
      }
    } finally {
      while (this.children.size > 0) await this.childEnded();
    }
  }

  private async startOthers(inputs: AsyncIterable<ChildInput>, results: Results, branch: Branch): Promise<void> {
    for await (const input of this.notStarted(inputs)) {
      const text = JSON.stringify(input.input);
      if ((await this.room(branch)) && this.mayStartChildren() && this.fits(text)) {
        this.start(text, input.items, this.started, results);
        this.started++;
      } else {
        this.kept.add(input);
        results.notStarted(input.input, `${branch.run.machine.arn}/${this.label}`);
      }
    }
  }

  private async startUnsuccessful(results: Results, branch: Branch): Promise<void> {
    const again = this.unsuccessful;
    this.unsuccessful = [];
    for (const former of again) {
      if ((await this.room(branch)) && this.mayStartAgain(former.child)) {
        this.startAgain(former, results);
      } else {
        this.unsuccessful.push(former);
        results.add(former.child, former.index);
      }
    }
  }

  /**
   * A Map Run that has read its items doesn't read them again when it is redriven, whatever has become of the objects: it goes on with
   * what had been read. What could not be read is read then.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#maprun-redrive-input
   */
  private async *notStarted(inputs: AsyncIterable<ChildInput>): AsyncIterable<ChildInput> {
    const kept = this.kept;
    this.kept = new KeptInputs();
    yield* kept.all();
    if (this.readAll) return;
    const known = this.read;
    let index = 0;
    for await (const input of inputs) {
      if (index++ < known) continue;
      this.read++;
      yield input;
    }
    this.readAll = true;
  }

  /** Waits until another child may run beside the others. Gives false where none is to be started any more. */
  private async room(branch: Branch): Promise<boolean> {
    const full = () => this.children.size >= (this.maxConcurrency || Quota.DISTRIBUTED_MAP_CONCURRENCY);
    while (!this.ends(branch) && full()) await this.childEnded();
    return !this.ends(branch);
  }

  private ends({ cancelled }: Branch): boolean {
    return this.failure !== undefined || cancelled;
  }

  private childEnded(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  /** Once is enough: policies don't change while it runs, and there may be a million children. */
  private mayStartChildren(): boolean {
    this.mayStart ||= this.authorized('states:StartExecution', this.visit.branch.run.machine.arn);
    return this.mayStart;
  }

  /** Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html. The error is a guess. */
  private fits(input: string): boolean {
    if (!exceedsPayload(input)) return true;
    this.fail(inputTooLarge(`a child execution of the state '${this.visit.name}'`));
    return false;
  }

  private mayStartAgain(child: Run): boolean {
    if (this.childType === 'EXPRESS') return this.mayStartChildren();
    const { clock } = child.surroundings.options;
    return !whyNotRedrivable(child, clock.now(), { byMapRun: true }) && this.authorized('states:RedriveExecution', child.arn);
  }

  /**
   * Starting children takes a permission of the state machine's role, redriving them another. Without it the Map Run fails.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
   */
  private authorized(action: RoleRequest['action'], resource: string): boolean {
    const { machine, surroundings } = this.visit.branch.run;
    try {
      surroundings.options.authorize?.({ roleArn: machine.roleArn, action, resource });
      return true;
    } catch (error) {
      this.fail(asStateFailure(error));
      return false;
    }
  }

  private newIdentity(type: MachineType): ChildIdentity {
    const { machine, surroundings } = this.visit.branch.run;
    const { accountId, partition, region } = surroundings.options;
    const name = surroundings.uuid();
    const of = `arn:${partition}:states:${region}:${accountId}:${type === 'STANDARD' ? 'execution' : 'express'}:${machine.name}/${this.label}`;
    return { name, arn: type === 'STANDARD' ? `${of}:${name}` : `${of}:${name}:${surroundings.uuid()}` };
  }

  /** @param input JSON text */
  private start(input: string, items: number, index: number, results: Results, former?: ChildIdentity): void {
    const { branch, defaultLanguage, name } = this.visit;
    const { machine, surroundings } = branch.run;
    const type = this.childType;
    const identity = former ?? this.newIdentity(type);
    const child = surroundings.launch({
      arn: identity.arn,
      name: identity.name,
      machine: { ...machine, type },
      input,
      child: {
        workflow: this.processor,
        queryLanguage: defaultLanguage,
        stateMachineArn: `${machine.arn}/${this.label}`,
        statePath: [...branch.statePath, name, String(index)],
        context: {},
        mapRunArn: this.arn,
        itemCount: items,
      },
    });
    for (const [counts, by] of this.counted(items)) counts.total += by;
    this.watch(child, items, index, results);
  }

  /**
   * Standard children go on where they had come to, and those that cannot stay as they are; Express children have no memory and begin
   * anew, under the same ARN.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#redrive-child-workflow-behavior
   */
  private startAgain({ child, index, items }: Unsuccessful, results: Results): void {
    for (const [counts, by] of this.counted(items)) counts[FINAL_COUNT[child.status]] -= by;
    if (this.childType === 'EXPRESS') {
      for (const [counts, by] of this.counted(items)) counts.total -= by;
      this.start(child.input, items, index, results, child);
    } else {
      child.redrive();
      this.watch(child, items, index, results);
    }
  }

  private watch(child: Run, items: number, index: number, results: Results): void {
    this.children.set(child, items);
    for (const [counts, by] of this.counted(items)) counts.running += by;
    void child.finished.then(() => this.finished(child, items, index, results));
  }

  private counted(items: number): [Counts, number][] {
    return [
      [this.executionCounts, 1],
      [this.itemCounts, items],
    ];
  }

  private finished(child: Run, items: number, index: number, results: Results): void {
    this.children.delete(child);
    if (child.status !== 'SUCCEEDED') this.unsuccessful.push({ child, index, items });
    for (const [counts, by] of this.counted(items)) {
      counts.running -= by;
      counts[FINAL_COUNT[child.status]] += by;
    }
    results.add(child, index);
    this.checkTolerance();
    this.wake();
  }

  private checkTolerance(): void {
    if (this.failure || this.status !== 'RUNNING') return;
    const failed = this.itemCounts.failed + this.itemCounts.timedOut;
    if (!this.tolerance.exceeded(failed, this.inputsEnded ? this.itemCounts.total : undefined)) return;
    this.fail(new StateFailure(ErrorName.EXCEED_TOLERATED_FAILURE_THRESHOLD, 'The specified tolerated failure threshold was exceeded'));
  }

  private fail(failure: StateFailure): void {
    if (this.status !== 'RUNNING') return;
    this.failure ??= failure;
    this.abortChildren();
    this.wake();
  }

  private abort(): void {
    this.abortChildren();
    this.end('ABORTED');
    this.visit.branch.note('MapRunAborted');
  }

  /**
   * Express executions cannot be stopped: the Map Run waits for them.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#redrive-eligibility-map-run
   */
  private abortChildren(): void {
    if (this.childType === 'EXPRESS') return;
    for (const child of this.children.keys()) child.end('ABORTED', new StateFailure(undefined));
  }

  private end(status: MapRunStatus): void {
    this.status = status;
    this.stopDate = this.visit.branch.run.surroundings.options.clock.now();
  }
}

function noCounts(): Counts {
  return { total: 0, pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 };
}

function size(entries: Json[] | undefined): number {
  return entries === undefined ? 0 : Buffer.byteLength(JSON.stringify(entries), 'utf8') - 1;
}

/** The children's outputs as an array, in the order of their inputs. */
class StateOutput implements Results {
  private readonly entries: Json[][] = [];
  private bytes = 0;

  constructor(
    private readonly stateName: string,
    private readonly transformation: string,
  ) {}

  /** Of a map run that failed there is no output. */
  notStarted(): void {}

  add(child: Run, index: number): void {
    // Results past the limit are not kept: they could not be passed on anyway.
    if (this.bytes > Quota.PAYLOAD_BYTES) return;
    const entries = child.status === 'ABORTED' ? [] : transformed(child, this.transformation);
    this.bytes += size(entries) - size(this.entries[index]);
    this.entries[index] = entries;
  }

  redriven(): void {}

  finish(): Promise<Json> {
    if (this.bytes > Quota.PAYLOAD_BYTES) throw dataLimitExceeded(this.stateName);
    return Promise.resolve(this.entries.flat());
  }
}
