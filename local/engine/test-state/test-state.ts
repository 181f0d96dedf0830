import { ErrorName } from '../../../lib/asl/error-names';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { Activities } from '../activities';
import { catchers, caught } from '../catch';
import { contextObject } from '../context-object';
import { matches } from '../error-equals';
import { StateFailure, StateFault } from '../errors';
import { uuid } from '../random';
import { retriers, retryDelay } from '../retry';
import { Run, type Surroundings } from '../run';
import { TaskTokens } from '../task-tokens';
import type { EngineOptions } from '../types';
import { Variables, variableTexts } from '../variables';
import type { Mock, Outcome, Visit } from '../visit';
import { runState } from '../workflow';
import { type ReadRequest, readRequest } from './request';
import type { ResultShapes } from './result-shape';
import type { InspectionData, TestStateRequest, TestStateResult } from './types';

/** How AWS calls a state under test, whatever its name. */
const STATE_NAME = 'StateName';

/** That a test may take. */
const TEST_SECONDS = 300;

type Inspection = Record<string, unknown>;

export interface TestStateOptions extends EngineOptions {
  /** What mocked results are checked against. Without it they are taken as they are. */
  readonly resultShapes?: ResultShapes;
}

/** Runs one state by itself, as the TestState API does. Rejects with ApiError where the API refuses. */
export async function testState(options: TestStateOptions, request: TestStateRequest): Promise<TestStateResult> {
  const read = readRequest(request, options.resultShapes);
  const inspection: Inspection = {};
  const visit = visitFor(options, request, read, inspection);
  const result = await outcomeOf(visit, request, inspection);
  visit.branch.silence();
  if ((request.inspectionLevel ?? 'INFO') === 'INFO') return result;
  const variables = Object.keys(read.variables).length > 0 ? { variables: JSON.stringify(read.variables) } : {};
  const inspectionData: InspectionData = { input: read.inputText, ...inspection, ...variables };
  return { ...result, inspectionData };
}

async function outcomeOf(visit: Visit, request: TestStateRequest, inspection: Inspection): Promise<TestStateResult> {
  try {
    return success('SUCCEEDED', await inTime(visit));
  } catch (thrown) {
    return failed(visit, bareFailure(thrown), request, inspection);
  }
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html#supported-test-states */
async function inTime(visit: Visit): Promise<Outcome> {
  const { clock } = visit.branch.run.surroundings.options;
  const ended = new AbortController();
  const limit = clock.sleepUntil(clock.now() + TEST_SECONDS * 1000, ended.signal).then(() => {
    throw new StateFailure(ErrorName.TIMEOUT);
  });
  // A state may end before anybody waits for it.
  limit.catch(() => {});
  try {
    return await Promise.race([runState(visit), limit]);
  } finally {
    ended.abort();
  }
}

function success(status: 'SUCCEEDED' | 'CAUGHT_ERROR', outcome: Outcome): TestStateResult {
  return { status, output: JSON.stringify(outcome.output), ...(outcome.next === undefined ? {} : { nextState: outcome.next }) };
}

/** Outside of an execution the message stands alone. */
function bareFailure(thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  if (thrown instanceof StateFault) return new StateFailure(thrown.error, thrown.message);
  throw thrown;
}

async function failed(visit: Visit, failure: StateFailure, request: TestStateRequest, inspection: Inspection): Promise<TestStateResult> {
  const details = failure.details();
  if (failure.error === ErrorName.RUNTIME || visit.state.Type === 'Fail') return { status: 'FAILED', ...details };
  const errorDetails: Record<string, number> = {};
  const [retryIndex, catchIndex] = [retriers(visit), catchers(visit)].map((list) => list.findIndex((h) => matches(h.ErrorEquals, failure)));
  if (retryIndex >= 0) {
    const retrier = retriers(visit)[retryIndex];
    const attempt = request.stateConfiguration?.retrierRetryCount ?? 0;
    errorDetails.retryIndex = retryIndex;
    inspection.errorDetails = errorDetails;
    if (attempt < (retrier.MaxAttempts ?? 3)) {
      errorDetails.retryBackoffIntervalSeconds = retryDelay(retrier, attempt, visit.branch.run.surroundings.options.random);
      return { status: 'RETRIABLE', ...details };
    }
  }
  if (catchIndex < 0) return { status: 'FAILED', ...details };
  errorDetails.catchIndex = catchIndex;
  inspection.errorDetails = errorDetails;
  return caughtOutcome(visit, failure);
}

async function caughtOutcome(visit: Visit, failure: StateFailure): Promise<TestStateResult> {
  try {
    const outcome = await caught(visit, failure);
    if (outcome) return { ...success('CAUGHT_ERROR', outcome), ...failure.details() };
    return { status: 'FAILED', ...failure.details() };
  } catch (thrown) {
    return { status: 'FAILED', ...bareFailure(thrown).details() };
  }
}

function visitFor(options: EngineOptions, request: TestStateRequest, read: ReadRequest, inspection: Inspection): Visit {
  const run = isolatedRun(options, request, read);
  const { root } = run;
  const { state } = read;
  const now = options.clock.now();
  root.current = { name: STATE_NAME, type: state.Type, enteredEventId: 2, previousEventId: 0, enteredAt: now };
  const variables = new Variables();
  variables.assign(read.variables, variableTexts(read.variables));
  return {
    name: STATE_NAME,
    state,
    branch: root,
    language: read.language,
    defaultLanguage: read.defaultLanguage,
    input: read.input,
    variables,
    context: read.context ?? withRole(contextObject(run, {}, { name: STATE_NAME, type: state.Type, enteredAt: now }), request.roleArn),
    retryCount: 0,
    inspect: (step, value) => {
      inspection[step] = typeof value === 'number' && NUMBERS.includes(step) ? value : JSON.stringify(value);
    },
    mock: request.mock && mockFor(request.mock, request, read),
  };
}

/** Steps that the API gives as numbers. */
const NUMBERS = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'];

function withRole(context: JsonObject, roleArn: string | undefined): JsonObject {
  return { ...context, Execution: { ...(context.Execution as JsonObject), RoleArn: roleArn ?? null } };
}

/** An Express execution of nothing but this state, which no engine remembers. */
function isolatedRun(options: EngineOptions, request: TestStateRequest, read: ReadRequest): Run {
  const { accountId, clock, partition, random, region } = options;
  const [machineName, name] = [uuid(random), uuid(random)];
  const surroundings: Surroundings = {
    options: { ...options, onEvent: undefined },
    tokens: new TaskTokens(() => clock.now(), random),
    activities: new Activities(),
    uuid: () => uuid(random),
    launch: () => {
      throw new Error('TestState runs no children');
    },
    remember: () => {},
  };
  const prefix = `arn:${partition}:states:${region}:${accountId}`;
  return new Run(surroundings, {
    arn: `${prefix}:express:${machineName}:${name}`,
    name,
    input: read.inputText,
    machine: {
      arn: `${prefix}:stateMachine:${machineName}`,
      name: machineName,
      type: 'EXPRESS',
      roleArn: request.roleArn ?? '',
      definition: { StartAt: STATE_NAME, States: { [STATE_NAME]: read.state } },
    },
  });
}

function mockFor({ errorOutput }: NonNullable<TestStateRequest['mock']>, request: TestStateRequest, read: ReadRequest): Mock {
  return {
    itemReaderData: read.mapItemReaderData,
    result(): Json {
      if (errorOutput) throw new StateFailure(errorOutput.error, errorOutput.cause);
      return read.mockedResult ?? {};
    },
    checkTolerance(tolerance, items) {
      const failures = request.stateConfiguration?.mapIterationFailureCount ?? 0;
      if (tolerance.count === undefined && tolerance.percentage === undefined) return;
      if (!tolerance.exceeded(failures, items)) return;
      throw new StateFailure(ErrorName.EXCEED_TOLERATED_FAILURE_THRESHOLD, 'The specified tolerated failure threshold was exceeded');
    },
  };
}
