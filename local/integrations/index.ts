/** From a Task state's resource to API calls in the state machine's name: parameters in, AWS's own answer and error names out. */
import { ApiError, type Cloud, type Json, type Principal } from '../cloud-types';
import { type Execution, StatesError, type TaskCall, type TaskPort, type TaskStarted } from '../engine/types';
import { notImplemented } from '../services/errors';
import { uuid } from '../services/identifiers';
import { missingMembers, missingMembersMessage } from '../wire/required';
import { toStatesError } from './errors';
import { payloadOf, payloadText } from './lambda';
import { sdkMetadata } from './metadata';
import { asText, OPTIMIZED, type Optimized } from './optimized';
import { type Style, toInput, toOutput } from './parameters';
import { parseResource, type TaskResource } from './resource';
import { completionOf } from './run-job';

/** Numbered when it starts: the ids then don't depend on which of several calls is answered first. */
type NumberedCall = TaskCall & { readonly requestId: string };

/** `.sync` waits for the end of a nested execution, which `execution` finds, or of another service's job, which `jobEnded` tells. */
export function createTaskPort(
  cloud: Cloud,
  execution: (arn: string) => Execution | undefined,
  jobEnded?: (id: string) => Promise<void>,
): TaskPort {
  /** One API call as the machine's role. */
  async function request(
    call: NumberedCall,
    service: string,
    operation: string,
    style: Style,
    input: Readonly<Record<string, unknown>>,
    principal: Principal = principalOf(call),
    // biome-ignore lint/suspicious/noExplicitAny: the output's shape is the operation's
  ): Promise<any> {
    try {
      const missing = missingMembers(service, operation, input);
      if (missing.length > 0) throw new ApiError('ValidationException', missingMembersMessage(missing));
      const origin = { kind: 'state', executionArn: call.executionArn, state: call.stateName } as const;
      return await cloud.call({ service, operation, input, principal, origin });
    } catch (error) {
      // What the local cloud itself can't do is no error that a Catch may see.
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
      throw toStatesError(service, style, error, call.requestId);
    }
  }

  /** A Lambda function's ARN as the resource: the payload goes in and comes out as it is. */
  async function invokeFunction(call: NumberedCall, arn: string): Promise<TaskStarted> {
    const input = { FunctionName: arn, Payload: Buffer.from(JSON.stringify(call.input)) };
    return { output: payloadOf(await request(call, 'lambda', 'Invoke', 'java1', input)) };
  }

  async function callSdk(
    call: NumberedCall,
    { service, operation, pattern }: Extract<TaskResource, { kind: 'sdk' }>,
  ): Promise<TaskStarted> {
    if (pattern === 'sync' || pattern === 'sync:2') throw notSupported(call);
    const output = await request(call, service, operation, 'java2', toInput(service, operation, 'java2', parametersOf(call)));
    return { output: toOutput(service, operation, 'java2', output) };
  }

  async function callOptimized(call: NumberedCall, resource: Extract<TaskResource, { kind: 'optimized' }>): Promise<TaskStarted> {
    const known = OPTIMIZED[`${resource.service}:${resource.action}`];
    if (!known) throw notImplemented(`tasks with the resource ${call.resource}`);
    if (!known.patterns.includes(resource.pattern)) throw notSupported(call);
    const { service, operation, job } = known;
    const isLambda = service === 'lambda';
    const given = parametersOf(call);
    const parameters = isLambda ? payloadText(given) : asText(given, known.textMembers ?? []);
    const plain = toInput(service, operation, 'java1', parameters);
    const input = known.prepare?.(plain, resource.pattern) ?? plain;
    const answer = await request(call, service, operation, 'java1', input);

    const body: Record<string, Json> = isLambda
      ? { ExecutedVersion: answer.ExecutedVersion ?? null, Payload: payloadOf(answer), StatusCode: answer.StatusCode }
      : { ...echoed(known, call.input), ...toOutput(service, operation, 'java1', answer) };
    known.check?.(body, resource.pattern);
    const headers: Record<string, string> = isLambda ? { 'X-Amz-Executed-Version': answer.ExecutedVersion ?? '' } : {};
    const output = { ...body, ...sdkMetadata({ service, requestId: call.requestId, at: cloud.clock.now(), body, headers }) };
    if (resource.pattern !== 'sync' && resource.pattern !== 'sync:2') return { output };

    if (!job) throw new Error(`${call.resource} starts something, but how it ends is not known.`);
    const completion = completionOf({
      job,
      started: body,
      ended: endOf(service, job.id(body)),
      signal: call.signal,
      parsed: resource.pattern === 'sync:2',
      stop: (name, stopped) => cloud.call({ service, operation: name, input: stopped, principal: principalOf(call) }),
      async describe(name, described) {
        const caller = job.describedByRole ? principalOf(call) : OPERATOR;
        return toOutput(service, name, 'java1', await request(call, service, name, 'java1', described, caller));
      },
    });
    // Nobody listens any more once the task has been cancelled.
    completion.catch(() => {});
    return { output, completion };
  }

  function endOf(service: string, id: string): Promise<void> {
    const ended = service === 'sfn' ? execution(id)?.finished : jobEnded?.(id);
    if (!ended) throw new Error(`${id} was started, but nobody knows when it ends.`);
    return ended;
  }

  return {
    async start(task) {
      const resource = parseResource(task.resource);
      const call = { ...task, requestId: uuid(cloud) };
      if (resource.kind === 'function') return invokeFunction(call, resource.arn);
      return resource.kind === 'sdk' ? callSdk(call, resource) : callOptimized(call, resource);
    },
  };
}

/** Step Functions itself. */
const OPERATOR: Principal = { kind: 'operator' };

function echoed({ echo = [] }: Optimized, input: Json): Record<string, Json> {
  const given = input as Readonly<Record<string, Json>>;
  return Object.fromEntries(echo.map((member) => [member, given[member]]));
}

function principalOf(call: TaskCall): Principal {
  return { kind: 'role', arn: call.roleArn };
}

/** AWS refuses such a definition when it is created. */
function notSupported(call: TaskCall): StatesError {
  return new StatesError(
    'States.Runtime',
    `The resource provided ${call.resource} is not recognized: the service has no such integration pattern.`,
  );
}

/** @throws States.Runtime when they are no object, as what an expression gives may be */
function parametersOf({ input }: NumberedCall): Json {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw new StatesError(
    'States.Runtime',
    `The Parameters '${JSON.stringify(input)}' could not be used to start the Task: they are no object.`,
  );
}
