import type { State } from '../../../lib/asl/definition';
import { type QueryLanguage, queryLanguage } from '../../../lib/asl/definition';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { parseResource } from '../../../lib/asl/resource';
import { invalidDefinitionMessage, isAccepted, validateDefinition } from '../../../lib/asl/validate';
import { ApiError } from '../../cloud-types';
import { InexactNumberError, parseJson } from '../data/exact-json';
import { checkResult, type ResultShape, type ResultShapes } from './result-shape';
import type { TestStateRequest } from './types';

/** A request whose texts have been read and found right. */
export interface ReadRequest {
  readonly state: State;
  readonly language: QueryLanguage;
  readonly defaultLanguage: QueryLanguage;
  readonly input: Json;
  readonly inputText: string;
  readonly variables: JsonObject;
  readonly context: JsonObject | undefined;
  readonly mockedResult: Json | undefined;
  readonly mapItemReaderData: readonly Json[] | undefined;
}

const MOCKED_TYPES = ['Task', 'Map', 'Parallel'];

/** Reads a request; throws ApiError as the API does. */
export function readRequest(request: TestStateRequest, shapes?: ResultShapes): ReadRequest {
  const { state, machineLanguage } = findState(request);
  checkMock(request, state);
  const context = request.context === undefined ? undefined : readContext(request.context, state);
  const inputText = request.input ?? '{}';
  return {
    state,
    language: queryLanguage(state, machineLanguage),
    defaultLanguage: machineLanguage,
    input: json(inputText, 'Invalid State Machine Execution Input', 'InvalidExecutionInput'),
    inputText,
    variables: objectOf(request.variables ?? '{}', 'Invalid Variables provided'),
    context,
    mockedResult: mockedResult(request, state, shapes),
    mapItemReaderData: readerData(request),
  };
}

function findState({ definition, stateName }: TestStateRequest): { state: State; machineLanguage: QueryLanguage } {
  const parsed = json(definition, 'Invalid State Machine Definition', 'InvalidDefinition');
  if (!isObject(parsed))
    throw new ApiError('InvalidDefinition', `Invalid State Machine Definition: a JSON object is expected, got ${definition}`);
  if (stateName === undefined) {
    checkDefinition(aroundState(parsed), '/States/StateName');
    return { state: parsed as unknown as State, machineLanguage: 'JSONPath' };
  }
  if (stateName === '') {
    throw new ApiError('ValidationException', 'Invalid length for parameter stateName, value: 0, valid min length: 1');
  }
  const state = stateIn(parsed, stateName);
  if (!state) throw new ApiError('ValidationException', 'State not found in definition');
  checkDefinition(parsed, '');
  return { state: state as unknown as State, machineLanguage: parsed.QueryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath' };
}

/** A machine of the state alone, with its targets, so that what holds for machines can be checked of it. */
function aroundState(state: JsonObject): JsonObject {
  const lists = [state.Catch, state.Choices].flatMap((list) => (Array.isArray(list) ? list : []));
  const targets = [state, ...lists].flatMap((entry) => (isObject(entry) ? [entry.Next, entry.Default] : []));
  const others = Object.fromEntries(targets.filter((name) => typeof name === 'string').map((name) => [name, { Type: 'Succeed' }]));
  return { StartAt: 'StateName', States: { ...others, StateName: state } };
}

function checkDefinition(machine: JsonObject, prefix: string): void {
  // A state alone need not end anything.
  const diagnostics = validateDefinition(machine).filter(({ location }) => location !== undefined || prefix === '');
  if (isAccepted(diagnostics)) return;
  const shown = diagnostics.map((d) => ({ ...d, location: d.location?.replace(prefix, '') || '/' }));
  throw new ApiError('InvalidDefinition', invalidDefinitionMessage(shown));
}

/** By name, inside of Map and Parallel too. */
function stateIn(workflow: JsonObject, name: string): JsonObject | undefined {
  const { States } = workflow;
  if (!isObject(States)) return undefined;
  const own = Object.hasOwn(States, name) ? States[name] : undefined;
  if (isObject(own)) return own;
  for (const state of Object.values(States)) {
    if (!isObject(state)) continue;
    const { Branches, ItemProcessor, Iterator } = state;
    for (const inner of [...(Array.isArray(Branches) ? Branches : []), ItemProcessor, Iterator]) {
      const found = isObject(inner) ? stateIn(inner, name) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

function checkMock(request: TestStateRequest, state: State): void {
  const { mock, revealSecrets, stateConfiguration } = request;
  const { Type } = state;
  if (!mock) {
    if (stateConfiguration?.mapIterationFailureCount !== undefined) {
      throw invalid('TestState does not support MapIterationFailureCount when a mock is not specified.');
    }
    if (waitsForOthers(state)) {
      // Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html#supported-test-states; the words are ours.
      throw new ApiError(
        'InvalidDefinition',
        "TestState API does not support activities or the '.sync' and '.waitForTaskToken' service integration patterns without a mock.",
      );
    }
    if (Type !== 'Map' && Type !== 'Parallel') return;
    throw new ApiError(
      'InvalidDefinition',
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  }
  if (mock.result !== undefined && mock.errorOutput !== undefined) {
    throw invalid('A test mock should have only one of the following fields: [result, errorOutput].');
  }
  if (revealSecrets) throw invalid('TestState does not support RevealSecrets when a mock is specified.');
  if (!MOCKED_TYPES.includes(Type)) throw invalid(`State type '${Type}' is not supported when a mock is specified`);
}

function mockedResult({ mock }: TestStateRequest, state: State, shapes: ResultShapes | undefined): Json | undefined {
  if (mock?.result === undefined) return undefined;
  const result = json(mock.result, 'Mocked result must be valid JSON', 'ValidationException');
  const writes = state.Type === 'Map' && state.ResultWriter?.Resource !== undefined;
  if (writes && !isObject(result)) throw invalid('Mocked result must be a JSON object.');
  if (!writes && (state.Type === 'Map' || state.Type === 'Parallel') && !Array.isArray(result))
    throw invalid('Mocked result must be an array.');
  const shape = state.Type === 'Task' ? shapeOf(state.Resource, shapes) : undefined;
  const mode = mock.fieldValidationMode ?? 'STRICT';
  if (shape && mode !== 'NONE') checkResult(result, shape, mode);
  return result;
}

/** Known only of request-response calls: what answers a token or ends a job is the workers' own. */
function shapeOf(resource: string, shapes: ResultShapes | undefined): ResultShape | undefined {
  const parsed = parseResource(resource);
  return parsed?.kind === 'service' && parsed.pattern === 'request-response' ? shapes?.(parsed.resourceType, parsed.resource) : undefined;
}

function readerData({ stateConfiguration }: TestStateRequest): readonly Json[] | undefined {
  const text = stateConfiguration?.mapItemReaderData;
  if (text === undefined) return undefined;
  const data = json(text, 'MapItemReaderData must be valid JSON', 'ValidationException');
  if (!Array.isArray(data)) throw invalid('MapItemReaderData must be an array.');
  return data;
}

/** Members that a mocked context object may have. */
const CONTEXT: Readonly<Record<string, Readonly<Record<string, 'string' | 'number' | 'any'>>>> = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'number',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'number' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
};

function readContext(text: string, state: State): JsonObject {
  const context = objectOf(text, 'Invalid Context object provided');
  for (const [part, members] of Object.entries(context)) {
    if (part === 'Map') throw wrongContext(`'Map' field is not supported when mocking a Context object`);
    const known = Object.hasOwn(CONTEXT, part) ? CONTEXT[part] : undefined;
    if (!known) throw wrongContext(`Field '${part}' is not allowed`);
    if (!isObject(members)) throw wrongContext(`${part} must be an object`);
    for (const [name, value] of Object.entries(members)) {
      const type = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!type) throw wrongContext(`Field '${name}' is not allowed`);
      if (type !== 'any' && typeof value !== type) throw wrongContext(`${part}.${name} must be a ${type}`);
    }
  }
  if (context.Task !== undefined && !hasToken(state)) {
    throw wrongContext(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  }
  return context;
}

function hasToken(state: State): boolean {
  const resource = state.Type === 'Task' ? parseResource(state.Resource) : undefined;
  return resource?.kind === 'service' && resource.pattern !== 'request-response';
}

/** For a job, for who has a token, for a worker: a test would not end by itself. */
function waitsForOthers(state: State): boolean {
  return hasToken(state) || (state.Type === 'Task' && parseResource(state.Resource)?.kind === 'activity');
}

function json(text: string, message: string, code: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof InexactNumberError) throw new ApiError(code, `${message}: ${error.message}`);
    throw new ApiError(code, message);
  }
}

function objectOf(text: string, message: string): JsonObject {
  const value = json(text, `${message}: the text is not JSON`, 'ValidationException');
  if (isObject(value)) return value;
  throw invalid(`${message}: an object is expected`);
}

function wrongContext(message: string): ApiError {
  return invalid(`Invalid Context object provided: ${message}`);
}

function invalid(message: string): ApiError {
  return new ApiError('ValidationException', message);
}
