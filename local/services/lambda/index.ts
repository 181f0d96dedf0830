/** AWS Lambda: the functions of the assembly, invoked as the API does; what runs a handler is the `FunctionRuntime`. */
import { ApiError, type Cloud, type Service } from '../../cloud-types';
import type { FunctionRuntime, InvocationResult } from '../../functions/types';
import { inBackground } from '../background';
import type { Metrics } from '../cloudwatch/metrics';
import { notImplemented } from '../errors';
import type { HttpFront } from '../http/front';
import { uuid } from '../identifiers';
import { invokeAsynchronously, MAX_ASYNC_PAYLOAD } from './asynchronous';
import { Functions, type LambdaFunction } from './functions';
import type { MappedFunction } from './mapped-function';
import { lambdaResources } from './resources';
import { functionUrlResource } from './url';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB for each of request and response. */
const MAX_PAYLOAD = 6_291_456;
const MAX_RESPONSE = 6_291_556;

interface InvokeInput {
  readonly FunctionName: string;
  readonly Qualifier?: string;
  readonly InvocationType?: 'RequestResponse' | 'Event' | 'DryRun';
  readonly LogType?: 'None' | 'Tail';
  readonly ClientContext?: string;
  readonly Payload?: Uint8Array | string;
}

export interface LambdaService extends Service {
  /** For event source mappings, which invoke in Lambda's own name. */
  mapped(reference: string): MappedFunction;
  /** Closes function URLs. */
  dispose(): Promise<void>;
}

export function createLambda(cloud: Cloud, runtime: FunctionRuntime, metrics?: Metrics): LambdaService {
  const functions = new Functions(cloud);
  const fronts: HttpFront[] = [];

  /** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  async function invoke(input: InvokeInput) {
    if (input.ClientContext !== undefined) throw notImplemented('the client context of lambda:Invoke');
    const { fn, version, qualifier = '$LATEST' } = functions.find(input.FunctionName, input.Qualifier);
    const payload =
      input.Payload === undefined || input.Payload.length === 0 ? '{}' : Buffer.from(input.Payload as string).toString('utf8');
    const type = input.InvocationType ?? 'RequestResponse';
    checkPayload(payload, type === 'Event' ? MAX_ASYNC_PAYLOAD : MAX_PAYLOAD);
    if (type === 'DryRun') return { StatusCode: 204 };
    if (type === 'Event') {
      inBackground(
        invokeAsynchronously(cloud, { fn, version, qualifier, payload, requestId: uuid(cloud), invoke: () => run(fn, payload) }),
      );
      return { StatusCode: 202 };
    }
    const result = await run(fn, payload);
    if (!result) {
      throw new ApiError('TooManyRequestsException', 'Rate Exceeded.', 429, {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    return {
      StatusCode: 200,
      ExecutedVersion: version,
      Payload: Buffer.from(result.payload),
      ...(result.functionError && { FunctionError: result.functionError }),
      // The last 4 KB of the log, in base64.
      ...(input.LogType === 'Tail' && { LogResult: Buffer.from(result.logs.join('\n')).subarray(-4096).toString('base64') }),
    };
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html. No Duration: a handler takes no virtual time. */
  const measure = (fn: LambdaFunction, name: 'Invocations' | 'Errors' | 'Throttles', value = 1): void =>
    metrics?.record('AWS/Lambda', name, { FunctionName: fn.configuration.name }, value);

  const running = new Map<LambdaFunction, number>();

  /**
   * Undefined when it is throttled: as many are running as are reserved. No virtual time passes while a handler runs, so these are the
   * ones that were called side by side. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   */
  async function run(fn: LambdaFunction, payload: string): Promise<InvocationResult | undefined> {
    const others = running.get(fn) ?? 0;
    if (fn.reservedConcurrency !== undefined && others >= fn.reservedConcurrency) {
      measure(fn, 'Throttles');
      return undefined;
    }
    running.set(fn, others + 1);
    try {
      const result = await invokeRuntime(fn, payload);
      measure(fn, 'Invocations');
      measure(fn, 'Errors', result.functionError ? 1 : 0);
      return result;
    } finally {
      running.set(fn, (running.get(fn) ?? 1) - 1);
    }
  }

  async function invokeRuntime(fn: LambdaFunction, payload: string): Promise<InvocationResult> {
    const result = await runtime.invoke(fn.configuration, payload);
    if (Buffer.byteLength(result.payload) <= MAX_RESPONSE) return result;
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE} bytes).`;
    return { ...result, functionError: 'Unhandled', payload: JSON.stringify({ errorMessage, errorType: 'Function.ResponseSizeTooLarge' }) };
  }

  function mapped(reference: string): MappedFunction {
    const { fn, version, qualifier } = functions.find(reference);
    const { arn: functionArn, roleArn, timeoutSeconds } = fn.configuration;
    return {
      arn: qualifier ? `${functionArn}:${qualifier}` : functionArn,
      version,
      roleArn,
      timeoutSeconds,
      invoke: (payload) => run(fn, payload),
    };
  }

  return {
    name: 'lambda',
    mapped,
    operations: {
      Invoke: {
        // The qualifier is part of the resource: https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
        access: (input: InvokeInput) => [
          { action: 'lambda:InvokeFunction', resource: functions.arnOf(input.FunctionName, input.Qualifier) },
        ],
        run: invoke,
      },
      /** No operation of the API, but an action that a function URL's caller needs. */
      InvokeFunctionUrl: {
        access: (input: InvokeInput) => [
          {
            action: 'lambda:InvokeFunctionUrl',
            resource: functions.arnOf(input.FunctionName, input.Qualifier),
            context: { 'lambda:functionurlauthtype': 'NONE' },
          },
        ],
        run: invoke,
      },
    },
    resources: { ...lambdaResources(cloud, functions), 'AWS::Lambda::Url': functionUrlResource(cloud, functions, fronts) },
    async dispose() {
      await Promise.all(fronts.map((front) => front.close()));
    },
  };
}

function checkPayload(payload: string, limit: number): void {
  const size = Buffer.byteLength(payload);
  if (size > limit) {
    throw new ApiError('RequestTooLargeException', `${size} byte payload is too large for the invocation type (limit ${limit} bytes)`, 413);
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new ApiError('InvalidRequestContentException', `Could not parse request body into json: ${(error as Error).message}`);
  }
}
