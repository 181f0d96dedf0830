import type {
  ChoiceState,
  FailState,
  MapState,
  ParallelState,
  PassState,
  QueryLanguage,
  State,
  SucceedState,
  TaskState,
  WaitState,
  Workflow,
} from '../../lib/asl/definition';
import { queryLanguage } from '../../lib/asl/definition';
import { ErrorName } from '../../lib/asl/error-names';
import type { Json, JsonObject } from '../../lib/asl/json';
import { Quota } from '../../lib/asl/quotas';
import type { Branch, Position } from './branch';
import { caught } from './catch';
import { contextObject } from './context-object';
import { QueryFault, runtimeFault, StateFailure, StateFault } from './errors';
import { COMPLETE } from './history';
import { nextRetry } from './retry';
import { runChoice } from './states/choice';
import { runFail } from './states/fail';
import { runMap } from './states/map';
import { runParallel } from './states/parallel';
import { runPass } from './states/pass';
import { runSucceed } from './states/succeed';
import { runTask } from './states/task';
import { runWait } from './states/wait';
import { bytesOf, type Variables, type VariableTexts, variableTexts } from './variables';
import type { Awaitable, Outcome, Visit } from './visit';

/** What a workflow takes from the one around it. */
export interface Scope {
  readonly language: QueryLanguage;
  readonly variables: Variables;
  /** Members of the context object beyond those that every state has, such as `Map`. */
  readonly context: JsonObject;
}

/**
 * Runs states from StartAt until one ends: a state machine, a Parallel's branch or a Map's iteration. `from` is where a redriven one
 * had come to: the state there is not entered again, it goes on.
 */
export async function runWorkflow(workflow: Workflow, input: Json, branch: Branch, scope: Scope, from?: Position): Promise<Json> {
  if (from) return runStates(workflow, from.state.name, from.input, branch, { ...scope, variables: from.variables }, from);
  return runStates(workflow, workflow.StartAt, input, branch, scope);
}

async function runStates(workflow: Workflow, first: string, input: Json, branch: Branch, scope: Scope, from?: Position): Promise<Json> {
  let name = first;
  let value = input;
  let text = JSON.stringify(input);
  let resumed = from;
  for (;;) {
    const state = Object.hasOwn(workflow.States, name) ? workflow.States[name] : undefined;
    if (!state)
      throw new StateFailure(
        ErrorName.RUNTIME,
        `The state machine has no state '${name}'; it has ${Object.keys(workflow.States).join(', ')}.`,
      );
    // AWS's table of what a redrive does says of Fail alone that it is entered again.
    if (state.Type === 'Fail') resumed = undefined;
    if (!resumed) enter(name, state, value, text, branch, scope);
    const visit = visitOf(name, state, value, branch, scope, resumed);
    resumed = undefined;
    const outcome = await stay(visit);
    value = outcome.output;
    text = outcome.text;
    leave(visit, outcome);
    if (outcome.next === undefined) return value;
    name = outcome.next;
  }
}

function enter(name: string, state: State, input: Json, text: string, branch: Branch, scope: Scope): void {
  const previousEventId = branch.cursor;
  const enteredEventId = branch.emit(`${state.Type}StateEntered`, { name, input: text, inputDetails: COMPLETE });
  const enteredAt = branch.run.surroundings.options.clock.now();
  branch.current = { name, type: state.Type, enteredEventId, previousEventId, enteredAt };
  branch.position = { state: branch.current, input, variables: scope.variables };
}

function visitOf(name: string, state: State, input: Json, branch: Branch, scope: Scope, resumed: Position | undefined): Visit {
  if (resumed) {
    branch.current = resumed.state;
    branch.position = { state: resumed.state, input, variables: scope.variables };
  }
  // AWS does not document what a redrive makes of it; the history has no second entering, so the first one is taken.
  const enteredAt = branch.current?.enteredAt ?? branch.run.surroundings.options.clock.now();
  return {
    name,
    state,
    branch,
    input,
    language: queryLanguage(state, scope.language),
    defaultLanguage: scope.language,
    variables: scope.variables,
    context: contextObject(branch.run, scope.context, { name, type: state.Type, enteredAt }),
    retryCount: 0,
    resumed,
  };
}

function leave(visit: Visit, outcome: MeasuredOutcome): void {
  const { branch, name, state } = visit;
  const { assigned, assignedTexts, text } = outcome;
  if (assigned && assignedTexts) visit.variables.assign(assigned, assignedTexts);
  branch.emit(`${state.Type}StateExited`, {
    name,
    output: text,
    outputDetails: COMPLETE,
    ...(assignedTexts && { assignedVariables: assignedTexts, assignedVariablesDetails: COMPLETE }),
  });
  branch.current = undefined;
  branch.position = undefined;
}

/** Runs a state until it has an outcome, through its retries and its catchers. */
async function stay(visit: Visit): Promise<MeasuredOutcome> {
  let attempts: Map<object, number> | undefined;
  for (;;) {
    try {
      return measured(visit, await runState(visit));
    } catch (thrown) {
      const failure = stateFailure(visit, thrown);
      if (failure.error !== undefined && RERUN.has(failure.error)) forgetMapRun(visit);
      if (failure.error === ErrorName.RUNTIME) throw failure;
      if (visit.state.Type === 'Fail') throw failure;
      attempts ??= new Map();
      const retry = nextRetry(visit, failure, attempts);
      if (retry) {
        await retry;
        countRetry(visit);
        continue;
      }
      emitFailed(visit);
      const outcome = await handle(visit, failure);
      if (outcome) return measured(visit, outcome);
      throw failure;
    }
  }
}

/**
 * A Distributed Map that failed with these has a new Map Run when it is redriven: all its children run again.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#redrive-eligibility-map-run
 */
const RERUN: ReadonlySet<string> = new Set([ErrorName.DATA_LIMIT_EXCEEDED, ErrorName.RUNTIME]);

function forgetMapRun({ branch }: Visit): void {
  if (branch.position) branch.position.mapRun = undefined;
}

function countRetry(visit: Visit): void {
  visit.resumed = undefined;
  visit.retryCount++;
  visit.context = { ...visit.context, State: { ...(visit.context.State as JsonObject), RetryCount: visit.retryCount } };
}

function emitFailed({ branch, state }: Visit): void {
  if (state.Type === 'Map' || state.Type === 'Parallel') branch.emit(`${state.Type}StateFailed`);
}

/**
 * A catcher's own expressions can fail as well; nothing catches that, and the state fails once more, as measured by others:
 * https://github.com/floci-io/floci/issues/2868
 */
async function handle(visit: Visit, failure: StateFailure): Promise<Outcome | undefined> {
  try {
    return await caught(visit, failure);
  } catch (thrown) {
    const second = stateFailure(visit, thrown);
    if (second.error !== ErrorName.RUNTIME) emitFailed(visit);
    throw second;
  }
}

export function runState(visit: Visit): Awaitable<Outcome> {
  const { state } = visit;
  switch (state.Type) {
    case 'Pass':
      return runPass(visit as Visit<PassState>);
    case 'Task':
      return runTask(visit as Visit<TaskState>);
    case 'Choice':
      return runChoice(visit as Visit<ChoiceState>);
    case 'Wait':
      return runWait(visit as Visit<WaitState>);
    case 'Succeed':
      return runSucceed(visit as Visit<SucceedState>);
    case 'Fail':
      return runFail(visit as Visit<FailState>);
    case 'Parallel':
      return runParallel(visit as Visit<ParallelState>);
    case 'Map':
      return runMap(visit as Visit<MapState>);
    default:
      throw runtimeFault(`Unknown state type '${(state as { Type: unknown }).Type}'.`);
  }
}

/** Puts AWS's words around a state's own fault; lets everything else through. */
export function stateFailure(visit: Visit, thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  if (!(thrown instanceof StateFault)) throw thrown;
  const { branch, name } = visit;
  const id = branch.current?.enteredEventId;
  const cause = `An error occurred while executing the state '${name}' (entered at the event id #${id}). ${thrown.message}`;
  if (thrown instanceof QueryFault) {
    const { error, location } = thrown;
    branch.emit('EvaluationFailed', { error, cause, location, state: name }, branch.current?.previousEventId);
  }
  return new StateFailure(thrown.error, cause);
}

/** An outcome with its output's text, which is made only once. */
interface MeasuredOutcome extends Outcome {
  readonly text: string;
  /** Of each variable; none where nothing is assigned. */
  readonly assignedTexts?: VariableTexts;
}

function measured(visit: Visit, outcome: Outcome): MeasuredOutcome {
  const text = JSON.stringify(outcome.output);
  if (exceedsPayload(text)) {
    // What is too much together is run again as a whole: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    if (visit.branch.position) visit.branch.position.parts = undefined;
    throw dataLimitExceeded(visit.name);
  }
  const assignedTexts = outcome.assigned && textsOf(visit, outcome.assigned);
  return { ...outcome, text, assignedTexts };
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits. The error is a guess. */
function textsOf({ name: state, variables }: Visit, assigned: JsonObject): VariableTexts | undefined {
  const texts = variableTexts(assigned);
  const bytes = bytesOf(...Object.values(texts));
  if (bytes > Quota.VARIABLE_BYTES) {
    throw variablesTooLarge(`The variables that the state '${state}' assigns have ${bytes} bytes together`, Quota.VARIABLE_BYTES);
  }
  const stored = variables.bytesWith(texts);
  if (stored > Quota.VARIABLES_BYTES) {
    throw variablesTooLarge(`With those that the state '${state}' assigns, the variables have ${stored} bytes`, Quota.VARIABLES_BYTES);
  }
  return bytes === 0 ? undefined : texts;
}

function variablesTooLarge(what: string, limit: number): StateFailure {
  return new StateFailure(ErrorName.DATA_LIMIT_EXCEEDED, `${what}, more than the ${limit} that the service stores.`);
}

/** Whether a JSON text is more than a state may pass on. */
export function exceedsPayload(text: string): boolean {
  return (
    text.length > Quota.PAYLOAD_BYTES || (text.length * 3 > Quota.PAYLOAD_BYTES && Buffer.byteLength(text, 'utf8') > Quota.PAYLOAD_BYTES)
  );
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-data-limit-exceed. The words are ours. */
export function inputTooLarge(subject: string): StateFailure {
  return new StateFailure(
    ErrorName.DATA_LIMIT_EXCEEDED,
    `The input of ${subject} has more than the ${Quota.PAYLOAD_BYTES} bytes of the service limit.`,
  );
}

export function dataLimitExceeded(subject: string): StateFailure {
  return new StateFailure(
    ErrorName.DATA_LIMIT_EXCEEDED,
    `The state/task '${subject}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
