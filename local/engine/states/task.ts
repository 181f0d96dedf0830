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
import type { Outcome, Visit } from '../visit';
import { dataLimitExceeded, exceedsPayload } from '../workflow';

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
  const onCancel = () => controller.abort(CANCELLED);
  visit.branch.signal.addEventListener('abort', onCancel);
  try {
    const input = await workInput(visit);
    const [timeout, heartbeat] = [await seconds(visit, 'TimeoutSeconds'), await seconds(visit, 'HeartbeatSeconds')];
    const credentials = await taskCredentials(visit);
    const result = await attempt({ visit, resource, input, credentials, timeout, heartbeat, pending, controller });
    visit.inspect?.('result', result);
    return await fromResult(visit, result);
  } finally {
    visit.branch.signal.removeEventListener('abort', onCancel);
    pending?.close();
  }
}

async function seconds(visit: Visit<TaskState>, field: 'TimeoutSeconds' | 'HeartbeatSeconds'): Promise<number | undefined> {
  const path = visit.state[`${field}Path`];
  if (path !== undefined) return positive(field, fieldPath(path, visit.input, pathScope(visit)));
  const given = visit.state[field];
  if (visit.language !== 'JSONata' || !isJsonata(given)) return given as number | undefined;
  return secondsResult(await query(visit, given, field), expressionText(given), field);
}

function positive(field: string, value: Json): number {
  const seconds = integerOf(value);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw runtimeFault(
    `The ${field}Path parameter does not reference a valid ${field} value: a positive integer is expected, got ${JSON.stringify(value)}.`,
  );
}

async function taskCredentials(visit: Visit<TaskState>): Promise<JsonObject | undefined> {
  const given = visit.state.Credentials;
  if (given === undefined) return undefined;
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
  branch.emit(`${kind}Scheduled`, scheduledDetails(task));
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

function scheduledDetails(task: Attempt): object {
  const { credentials, heartbeat, input, resource, timeout, visit } = task;
  const limits = {
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
  };
  if (resource.kind !== 'service') {
    const taskCredentials = credentials && resource.kind === 'lambda' ? { taskCredentials: { roleArn: credentials.RoleArn } } : {};
    return { resource: resource.arn, input: JSON.stringify(input), inputDetails: COMPLETE, ...limits, ...taskCredentials };
  }
  return {
    resourceType: resource.resourceType,
    resource: resource.resource,
    region: visit.branch.run.surroundings.options.region,
    parameters: JSON.stringify(input),
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
    pending.lastHeartbeat = branch.run.surroundings.options.clock.now();
    return branch.wait(pending.answer);
  }
  branch.emit(resource.kind === 'lambda' ? 'LambdaFunctionStarted' : 'TaskStarted', resource.kind === 'lambda' ? undefined : named);
  const started = await branch.wait(call(task));
  if (!pending) return started.output as Json;
  branch.emit('TaskSubmitted', { ...named, output: JSON.stringify(started.output), outputDetails: COMPLETE });
  pending.lastHeartbeat = branch.run.surroundings.options.clock.now();
  // A job's own token may also be answered.
  const ends = started.completion ? [started.completion as Promise<Json>, pending.answer] : [pending.answer];
  return branch.wait(Promise.race(ends));
}

async function call(task: Attempt): Promise<TaskStarted> {
  const { controller, credentials, input, pending, visit } = task;
  const { branch, name, retryCount, state } = visit;
  const started = await branch.run.surroundings.options.tasks.start({
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
  // A job may fail after its state has been cancelled.
  started.completion?.catch(() => {});
  return started;
}

/** Ends the work with States.Timeout when TimeoutSeconds have passed, or HeartbeatSeconds without a heartbeat. */
async function withinTime(task: Attempt, work: Promise<Json>): Promise<Json> {
  const { controller, heartbeat, pending, timeout, visit } = task;
  const { clock } = visit.branch.run.surroundings.options;
  const timers = new AbortController();
  const limits: Promise<never>[] = [];
  if (timeout !== undefined) limits.push(clock.sleepUntil(clock.now() + timeout * 1000, timers.signal).then(() => timedOut([])));
  // Only those who hold a token send heartbeats.
  if (heartbeat !== undefined && pending) limits.push(heartbeatLost(task, heartbeat, timers.signal));
  for (const limit of limits) limit.catch(() => {});
  try {
    return await Promise.race([work, ...limits]);
  } catch (error) {
    controller.abort(error);
    work.catch(() => {});
    throw error;
  } finally {
    timers.abort(CANCELLED);
    pending?.close();
  }
}

function timedOut(aliases: readonly string[]): never {
  throw new StateFailure(ErrorName.TIMEOUT, undefined, { aliases });
}

async function heartbeatLost(task: Attempt, seconds: number, signal: AbortSignal): Promise<never> {
  const { clock } = task.visit.branch.run.surroundings.options;
  const start = clock.now();
  for (;;) {
    const heard = Math.max(task.pending?.lastHeartbeat ?? start, start);
    if (clock.now() >= heard + seconds * 1000) return timedOut([ErrorName.HEARTBEAT_TIMEOUT]);
    await clock.sleepUntil(heard + seconds * 1000, signal);
  }
}
