import type { QueryLanguage, Workflow } from '../../lib/asl/definition';
import { ErrorName } from '../../lib/asl/error-names';
import type { Json, JsonObject } from '../../lib/asl/json';
import { Quota } from '../../lib/asl/quotas';
import { invalidDefinitionMessage, isAccepted, validateDefinition } from '../../lib/asl/validate';
import type { Activities } from './activities';
import { Branch, type Position } from './branch';
import { executionContext } from './context-object';
import { checkNumbers, InexactNumberError } from './data/exact-json';
import type { DistributedMapRun } from './distributed/map-run';
import { Cancelled, StateFailure } from './errors';
import { COMPLETE, HISTORY_FULL_CAUSE, History, HistoryFullError } from './history';
import type { TaskTokens } from './task-tokens';
import type { EngineOptions, Execution, ExecutionStatus, HistoryEvent, Machine } from './types';
import { Variables } from './variables';
import { runWorkflow } from './workflow';

/** What the executions of an engine share. */
export interface Surroundings {
  readonly options: EngineOptions;
  readonly tokens: TaskTokens;
  readonly activities: Activities;
  uuid(): string;
  /** Starts an execution and remembers it. */
  launch(options: RunOptions): Run;
  remember(mapRun: DistributedMapRun): void;
}

export interface RunOptions {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  /** JSON text. */
  readonly input: string;
  readonly startedBy?: string;
  /** What runs, where it isn't the machine's whole definition: the item processor of a Distributed Map. */
  readonly child?: {
    readonly workflow: Workflow;
    readonly queryLanguage: QueryLanguage;
    readonly stateMachineArn: string;
    readonly statePath: readonly string[];
    readonly context: JsonObject;
    readonly mapRunArn: string;
    readonly itemCount: number;
  };
}

/** Events that an execution without a limit of its own may write: more means that it loops and no time passes. */
const ENDLESS_EVENTS = 1_000_000;

/** One execution. */
export class Run implements Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly input: string;
  readonly inputValue: Json;
  readonly startDate: number;
  readonly emitter: History;
  finished: Promise<void>;
  root: Branch;
  redriveCount = 0;
  redriveDate: number | undefined;
  status: ExecutionStatus = 'RUNNING';
  stopDate: number | undefined;
  output: Json | undefined;
  error: string | undefined;
  cause: string | undefined;
  private executionContext: JsonObject | undefined;
  private stateMachineContext: JsonObject | undefined;
  private settle: () => void = () => {};

  constructor(
    readonly surroundings: Surroundings,
    private readonly options: RunOptions,
  ) {
    const { clock, onEvent } = surroundings.options;
    this.arn = options.arn;
    this.name = options.name;
    this.machine = options.machine;
    this.input = options.input;
    this.inputValue = JSON.parse(options.input);
    this.startDate = clock.now();
    this.finished = this.unsettled();
    const limit = options.machine.type === 'STANDARD' ? Quota.HISTORY_EVENTS : ENDLESS_EVENTS;
    this.emitter = new History(
      () => clock.now(),
      (event) => onEvent?.(event, this),
      limit,
    );
    this.root = this.newRoot();
  }

  private unsettled(): Promise<void> {
    return new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  private newRoot(): Branch {
    return new Branch(this, undefined, this.options.child?.statePath ?? []);
  }

  contextObject(): JsonObject {
    this.executionContext ??= executionContext(this);
    return this.executionContext;
  }

  get history(): readonly HistoryEvent[] {
    return this.emitter.events;
  }

  get mapRunArn(): string | undefined {
    return this.options.child?.mapRunArn;
  }

  get itemCount(): number | undefined {
    return this.options.child?.itemCount;
  }

  get startedBy(): string | undefined {
    return this.options.startedBy;
  }

  get stateMachineArn(): string {
    return this.options.child?.stateMachineArn ?? this.machine.arn;
  }

  /** `$$.StateMachine`, the same for all states. */
  get stateMachine(): JsonObject {
    const arn = this.stateMachineArn;
    this.stateMachineContext ??= { Id: arn, Name: arn.slice(arn.lastIndexOf(':') + 1) };
    return this.stateMachineContext;
  }

  begin(): void {
    const { input, machine } = this;
    this.root.note('ExecutionStarted', { input, inputDetails: COMPLETE, roleArn: machine.roleArn }, 0);
    this.watchTime(this.startDate);
    void this.execute();
  }

  /**
   * Goes on from what had not succeeded; what had, stands.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
   */
  redrive(): void {
    const { clock } = this.surroundings.options;
    const { position } = this.root;
    this.status = 'RUNNING';
    this.redriveCount++;
    this.redriveDate = clock.now();
    this.executionContext = undefined;
    this.stopDate = this.error = this.cause = undefined;
    this.finished = this.unsettled();
    this.root = this.newRoot();
    this.root.emit('ExecutionRedriven', { redriveCount: this.redriveCount }, this.history.length);
    this.watchTime(this.redriveDate);
    void this.execute(position);
  }

  /**
   * Ends the execution from outside: stopped, or out of time. Nothing is told of the states in which it is, as measured by others:
   * https://github.com/floci-io/floci/issues/2965
   */
  end(status: 'ABORTED' | 'TIMED_OUT', failure: StateFailure): void {
    if (this.status !== 'RUNNING') return;
    this.cancelRunning();
    this.conclude(status, failure);
  }

  private async execute(from?: Position): Promise<void> {
    const { child, machine } = this.options;
    const { root } = this;
    const workflow: Workflow = child?.workflow ?? machine.definition;
    try {
      // What the caller does with the execution comes before its first step.
      await Promise.resolve();
      if (!child) {
        checkDefinition(machine);
        checkNumbers(this.input);
      }
      const language = workflow.QueryLanguage ?? child?.queryLanguage ?? 'JSONPath';
      const scope = { language, variables: new Variables(), context: child?.context ?? {} };
      const output = await runWorkflow(workflow, this.inputValue, root, scope, from);
      this.succeed(output);
    } catch (error) {
      // It was ended from outside, and may have been redriven since.
      if (error instanceof Cancelled && root.cancelled) return;
      this.fail(error);
    }
  }

  private succeed(output: Json): void {
    this.output = output;
    this.close('SUCCEEDED', 'ExecutionSucceeded', { output: JSON.stringify(output), outputDetails: COMPLETE });
  }

  private fail(error: unknown): void {
    if (error instanceof StateFailure) this.conclude('FAILED', error);
    else if (error instanceof HistoryFullError) this.conclude('FAILED', new StateFailure(ErrorName.RUNTIME, this.historyFullCause()));
    else if (error instanceof InexactNumberError) this.conclude('FAILED', new StateFailure('Stepworks.InexactNumber', error.message));
    else if (error instanceof RangeError) {
      this.conclude(
        'FAILED',
        new StateFailure(ErrorName.RUNTIME, 'The data is nested too deeply, or an expression calls itself too often.'),
      );
    } else {
      // A fault of the runner or of what it calls, not of the state machine: never dressed up as an AWS error.
      const { name, message, stack } = error as Error;
      this.conclude('FAILED', new StateFailure('Stepworks.InternalError', `${name}: ${message}\n${stack ?? ''}`));
    }
  }

  private historyFullCause(): string {
    if (this.machine.type === 'STANDARD') return HISTORY_FULL_CAUSE;
    return `The execution wrote ${ENDLESS_EVENTS} events; on the runner's clock a loop without a Wait or a Task never ends.`;
  }

  private cancelRunning(): void {
    try {
      this.root.cancel(false);
    } catch (error) {
      if (!(error instanceof HistoryFullError)) throw error;
      this.root.silence();
    }
  }

  private conclude(status: 'FAILED' | 'TIMED_OUT' | 'ABORTED', failure: StateFailure): void {
    this.error = failure.error;
    this.cause = failure.causeText;
    const type = { FAILED: 'ExecutionFailed', TIMED_OUT: 'ExecutionTimedOut', ABORTED: 'ExecutionAborted' }[status];
    this.close(status, type, failure.details());
  }

  /** Who is told of the last event finds the execution ended. */
  private close(status: ExecutionStatus, event: string, details: object): void {
    this.status = status;
    this.stopDate = this.surroundings.options.clock.now();
    this.root.silence();
    this.emitter.emit(event, details, status === 'ABORTED' || status === 'TIMED_OUT' ? 0 : this.root.cursor);
    this.settle();
  }

  /** The machine's own TimeoutSeconds, and the longest that its type may take. */
  private watchTime(since: number): void {
    const own = this.options.child ? undefined : this.machine.definition.TimeoutSeconds;
    const longest = this.machine.type === 'EXPRESS' ? Quota.EXPRESS_SECONDS : Quota.STANDARD_SECONDS;
    const seconds = Math.min(typeof own === 'number' ? own : longest, longest);
    const { clock } = this.surroundings.options;
    clock.sleepUntil(since + seconds * 1000, this.root.signal).then(
      () => this.end('TIMED_OUT', new StateFailure(ErrorName.TIMEOUT)),
      () => {},
    );
  }
}

/** By type: an Express machine may not have all that a Standard one has. */
const checked = { STANDARD: new WeakMap<object, string>(), EXPRESS: new WeakMap<object, string>() };

/** What AWS would have refused to create does not run: unknown fields and resources are named, and never passed over. */
function checkDefinition({ definition, type }: Machine): void {
  let message = checked[type].get(definition);
  if (message === undefined) {
    const diagnostics = validateDefinition(definition, { type });
    message = isAccepted(diagnostics) ? '' : invalidDefinitionMessage(diagnostics);
    checked[type].set(definition, message);
  }
  if (message) throw new StateFailure('InvalidDefinition', message);
}
