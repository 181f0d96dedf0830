/** From a Task state's resource to API calls in the state machine's name: parameters in, AWS's own answer and error names out. */
import { ApiError, type Cloud, type Json, type Principal } from '../cloud-types';
import { type Execution, StatesError, type TaskCall, type TaskPort, type TaskStarted } from '../engine/types';
import { notImplemented } from '../services/errors';
import { uuid } from '../services/identifiers';
import { missingMembers, missingMembersMessage } from '../wire/required';
import { toStatesError } from './errors';
import { payloadOf, payloadText } from './lambda';
import { sdkMetadata } from './metadata';
import { completionOf } from './nested';
import { asText, OPTIMIZED } from './optimized';
import { type Style, toInput, toOutput } from './parameters';
import { parseResource, type TaskResource } from './resource';

/** Numbered when it starts: the ids then don't depend on which of several calls is answered first. */
type NumberedCall = TaskCall & { readonly requestId: string };

/** `execution` finds a nested execution: `.sync` waits for its end. */
export function createTaskPort(cloud: Cloud, execution: (arn: string) => Execution | undefined): TaskPort {
  /** One API call as the machine's role. */
  // biome-ignore lint/suspicious/noExplicitAny: the output's shape is the operation's
  async function request(
    call: NumberedCall,
    service: string,
    operation: string,
    style: Style,
    input: Record<string, unknown>,
  ): Promise<any> {
    try {
      const missing = missingMembers(service, operation, input);
      if (missing.length > 0) throw new ApiError('ValidationException', missingMembersMessage(missing));
      return await cloud.call({ service, operation, input, principal: principalOf(call) });
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
    const output = await request(call, service, operation, 'java2', toInput(service, operation, 'java2', call.input));
    return { output: toOutput(service, operation, 'java2', output) };
  }

  async function callOptimized(call: NumberedCall, resource: Extract<TaskResource, { kind: 'optimized' }>): Promise<TaskStarted> {
    const known = OPTIMIZED[`${resource.service}:${resource.action}`];
    if (!known) throw notImplemented(`tasks with the resource ${call.resource}`);
    if (!known.patterns.includes(resource.pattern)) throw notSupported(call);
    const { service, operation } = known;
    const isLambda = service === 'lambda';
    const parameters = isLambda ? payloadText(call.input) : asText(call.input, known.textMembers ?? []);
    const answer = await request(call, service, operation, 'java1', toInput(service, operation, 'java1', parameters));

    const body: Record<string, Json> = isLambda
      ? { ExecutedVersion: answer.ExecutedVersion ?? null, Payload: payloadOf(answer), StatusCode: answer.StatusCode }
      : toOutput(service, operation, 'java1', answer);
    known.check?.(body);
    const headers: Record<string, string> = isLambda ? { 'X-Amz-Executed-Version': answer.ExecutedVersion ?? '' } : {};
    const output = { ...body, ...sdkMetadata({ service, requestId: call.requestId, at: cloud.clock.now(), body, headers }) };
    if (resource.pattern !== 'sync' && resource.pattern !== 'sync:2') return { output };

    const child = execution(answer.executionArn);
    if (!child) throw new Error(`${answer.executionArn} was started, but the engine doesn't know it.`);
    const parsed = resource.pattern === 'sync:2';
    return { output, completion: completionOf(child, { cloud, principal: principalOf(call), signal: call.signal, parsed }) };
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
