import type { TaskState } from '../../../lib/asl/definition';
import { ErrorName } from '../../../lib/asl/error-names';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { parseResource, type TaskResource } from '../../../lib/asl/resource';
import { fromResult, pathScope, query, templateScope, workInput } from '../data/flow';
import { secondsResult } from '../data/jsonata';
import { fieldPath, integerOf } from '../data/paths';
import { payloadTemplate } from '../data/payload-template';
import { asStateFailure, CANCELLED, Cancelled, runtimeFault, StateFailure } from '../errors';
import { COMPLETE } from '../history';
import type { PendingTask } from '../task-tokens';
import type { TaskStarted } from '../types';
import type { Awaitable, Outcome, Visit } from '../visit';
import { dataLimitExceeded, exceedsPayload, inputTooLarge } from '../workflow';

/** One attempt of a Task. */
interface Attempt {
  readonly visit: Visit<TaskState>;
  readonly resource: TaskResource;
  readonly input: Json;
  readonly credentials: JsonObject | undefined;
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
  readonly pending: PendingTask | undefined;
  readonly controller: AbortController;
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html */
export async function runTask(visit: Visit<TaskState>): Promise<Outcome> {
  const resource = parseResource(visit.state.Resource);
  if (!resource)
    throw runtimeFault(
      `The resource provided '${visit.state.Resource}' is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  const { run } = visit.branch;
  const waits = resource.kind === 'activity' || (resource.kind === 'service' && resource.pattern !== 'request-response');
  const pending = waits ? run.surroundings.tokens.issue(run.stateMachineArn) : undefined;
  if (pending && resource.kind === 'service' && !visit.mock) visit.context = { ...visit.context, Task: { Token: pending.token } };
  const controller = new AbortController();
  const ended = visit.branch.onCancel(() => controller.abort(CANCELLED));
  try {
    const input = await workInput(visit);
    const timeout = await seconds(visit, 'TimeoutSeconds');
    const heartbeat = await seconds(visit, 'HeartbeatSeconds');
    const { Credentials } = visit.state;
    const credentials = Credentials === undefined ? undefined : await taskCredentials(visit, Credentials);
    const result = await attempt({ visit, resource, input, credentials, timeout, heartbeat, pending, controller });
    visit.inspect?.('result', result);
    return await fromResult(visit, result);
  } finally {
    ended();
    pending?.close();
  }
}

function seconds(visit: Visit<TaskState>, field: 'TimeoutSeconds' | 'HeartbeatSeconds'): Awaitable<number | undefined> {
  const path = visit.state[`${field}Path`];
  if (path !== undefined) return positive(field, fieldPath(path, visit.input, pathScope(visit)));
  const given = visit.state[field];
  if (visit.language !== 'JSONata' || !isJsonata(given)) return given as number | undefined;
  return query(visit, given, field).then((value) => secondsResult(value, expressionText(given), field));
}

function positive(field: string, value: Json): number {
  const seconds = integerOf(value);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw runtimeFault(
    `The ${field}Path parameter does not reference a valid ${field} value: a positive integer is expected, got ${JSON.stringify(value)}.`,
  );
}

async function taskCredentials(visit: Visit<TaskState>, given: Json): Promise<JsonObject> {
  const value =
    visit.language === 'JSONata' ? await query(visit, given, 'Credentials') : payloadTemplate(given, visit.input, templateScope(visit));
  if (isObject(value) && typeof value.RoleArn === 'string') return value;
  throw runtimeFault(`Credentials must be an object with the text RoleArn, got ${JSON.stringify(value)}.`);
}

/** The history events of one kind of task. */
const EVENTS = { lambda: 'LambdaFunction', activity: 'Activity', service: 'Task' } as const;

async function attempt(task: Attempt): Promise<Json> {
  const { visit, resource } = task;
  const { branch } = visit;
  const kind = EVENTS[resource.kind];
  const input = JSON.stringify(task.input);
  if (exceedsPayload(input)) throw inputTooLarge(`the state '${visit.name}'`);
  branch.emit(`${kind}Scheduled`, scheduledDetails(task, input));
  const named = resource.kind === 'service' ? { resource: resource.resource, resourceType: resource.resourceType } : {};
  try {
    const result = await withinTime(task, perform(task, named));
    const output = JSON.stringify(result);
    if (exceedsPayload(output)) throw dataLimitExceeded(resource.kind === 'service' ? resource.resourceType : visit.state.Resource);
    branch.emit(`${kind}Succeeded`, { ...named, output, outputDetails: COMPLETE });
    return result;
  } catch (thrown) {
    if (thrown instanceof Cancelled) throw thrown;
    branch.live();
    const failure = asStateFailure(thrown);
    const event = failure.error === ErrorName.TIMEOUT ? 'TimedOut' : 'Failed';
    branch.emit(`${kind}${event}`, { ...named, ...failure.details() });
    throw failure;
  }
}

function scheduledDetails({ credentials, heartbeat, resource, timeout, visit }: Attempt, input: string): object {
  const limits = {
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
  };
  if (resource.kind !== 'service') {
    const taskCredentials = credentials && resource.kind === 'lambda' ? { taskCredentials: { roleArn: credentials.RoleArn } } : {};
    return { resource: resource.arn, input, inputDetails: COMPLETE, ...limits, ...taskCredentials };
  }
  return {
    resourceType: resource.resourceType,
    resource: resource.resource,
    region: visit.branch.run.surroundings.options.region,
    parameters: input,
    ...limits,
    ...(credentials ? { taskCredentials: { roleArn: credentials.RoleArn } } : {}),
  };
}

/** The work itself: an activity's worker, or a call and what follows on it. */
async function perform(task: Attempt, named: object): Promise<Json> {
  const { pending, resource, visit } = task;
  const { branch } = visit;
  if (visit.mock) return visit.mock.result();
  if (resource.kind === 'activity') {
    if (!pending) throw new Error('an activity has a token');
    const worker = await branch.wait(
      branch.run.surroundings.activities.schedule(resource.arn, pending.token, JSON.stringify(task.input), task.controller.signal),
    );
    branch.emit('ActivityStarted', { workerName: worker });
    return answered(task, pending, [pending.answer]);
  }
  branch.emit(resource.kind === 'lambda' ? 'LambdaFunctionStarted' : 'TaskStarted', resource.kind === 'lambda' ? undefined : named);
  const started = await branch.wait(call(task));
  if (!pending) return started.output as Json;
  branch.emit('TaskSubmitted', { ...named, output: JSON.stringify(started.output), outputDetails: COMPLETE });
  // A job's own token may also be answered.
  return answered(task, pending, started.completion ? [started.completion as Promise<Json>, pending.answer] : [pending.answer]);
}

function call(task: Attempt): Promise<TaskStarted> {
  const { controller, credentials, input, pending, visit } = task;
  const { branch, name, retryCount, state } = visit;
  const started = branch.run.surroundings.options.tasks.start({
    resource: state.Resource,
    input,
    ...(pending ? { taskToken: pending.token } : {}),
    roleArn: branch.run.machine.roleArn,
    ...(credentials ? { credentialsRoleArn: String(credentials.RoleArn) } : {}),
    executionArn: branch.run.arn,
    stateName: name,
    statePath: [...branch.statePath, name],
    retryCount,
    signal: controller.signal,
  });
  return pending ? withQuietJob(started) : started;
}

/** A job may fail after its state has been cancelled. */
async function withQuietJob(starting: Promise<TaskStarted>): Promise<TaskStarted> {
  const started = await starting;
  started.completion?.catch(() => {});
  return started;
}

/** Ends the work with States.Timeout when TimeoutSeconds have passed. */
async function withinTime({ controller, pending, timeout, visit }: Attempt, work: Promise<Json>): Promise<Json> {
  try {
    if (timeout === undefined) return await work;
    const { clock } = visit.branch.run.surroundings.options;
    return await beforeLimit(work, (signal) => clock.sleepUntil(clock.now() + timeout * 1000, signal).then(() => timedOut([])));
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    pending?.close();
  }
}

/** Waits for who holds the token, and no longer than HeartbeatSeconds without a heartbeat. Nobody sends any before the work is theirs. */
function answered(task: Attempt, pending: PendingTask, ends: readonly Promise<Json>[]): Promise<Json> {
  const { controller, heartbeat, visit } = task;
  pending.lastHeartbeat = visit.branch.run.surroundings.options.clock.now();
  const end = ends.length === 1 ? ends[0] : Promise.race(ends);
  if (heartbeat === undefined) return visit.branch.wait(end);
  return beforeLimit(visit.branch.wait(end), (signal) =>
    heartbeatLost(task, pending, heartbeat, AbortSignal.any([signal, controller.signal])),
  );
}

/** @param limit fails when the work is too late; its signal is aborted when the work has ended */
async function beforeLimit(work: Promise<Json>, limit: (signal: AbortSignal) => Promise<never>): Promise<Json> {
  const ended = new AbortController();
  try {
    return await Promise.race([work, limit(ended.signal)]);
  } finally {
    ended.abort(CANCELLED);
  }
}

function timedOut(aliases: readonly string[]): never {
  throw new StateFailure(ErrorName.TIMEOUT, undefined, { aliases });
}

async function heartbeatLost({ visit }: Attempt, pending: PendingTask, seconds: number, signal: AbortSignal): Promise<never> {
  const { clock } = visit.branch.run.surroundings.options;
  for (;;) {
    const until = pending.lastHeartbeat + seconds * 1000;
    if (clock.now() >= until) return timedOut([ErrorName.HEARTBEAT_TIMEOUT]);
    await clock.sleepUntil(until, signal);
  }
}
