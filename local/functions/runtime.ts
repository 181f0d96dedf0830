import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { uuidOf } from '../assembly/names';
import type { Clock } from '../clock';
import { ApiError } from '../cloud-types';
import { CodeFolders } from './code-folders';
import { type Credentials, lambdaEnvironment, traceId } from './environment';
import { MAX_REQUEST_BYTES } from './failures';
import { Instance } from './instance';
import { InstancePool } from './pool';
import { defaultSdkPaths } from './sdk-paths';
import { SharedTime } from './shared-time';
import type { FunctionConfiguration, FunctionRuntime, InvocationResult } from './types';

export interface FunctionRuntimeOptions {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  /** The loopback endpoint that every SDK client of a handler talks to. */
  readonly endpointUrl: string;
  /** Kinesis clients speak HTTP/2 and need an endpoint of their own. */
  readonly kinesisEndpointUrl?: string;
  /** Credentials whose access key id tells the endpoint the role. */
  credentialsFor(roleArn: string): Credentials;
  /** `node_modules` folders with the `@aws-sdk/*` and `@smithy/*` packages, for handlers whose project has none. */
  readonly sdkPaths?: readonly string[];
  /** Workers that one function may have; more start only when none becomes free for a while. */
  readonly concurrency?: number;
}

export function createFunctionRuntime(options: FunctionRuntimeOptions): FunctionRuntime {
  return new WorkerRuntime(options);
}

class WorkerRuntime implements FunctionRuntime {
  private readonly pool: InstancePool;
  private readonly code = new CodeFolders();
  private readonly time: SharedTime;
  private readonly sdkPaths: readonly string[];
  private readonly requests = new Map<string, number>();
  private instances = 0;
  private disposed = false;

  constructor(private readonly options: FunctionRuntimeOptions) {
    this.time = new SharedTime(options.clock);
    this.sdkPaths = (options.sdkPaths ?? defaultSdkPaths()).map((folder) => path.resolve(folder));
    const perFunction = options.concurrency ?? Math.max(4, 2 * availableParallelism());
    this.pool = new InstancePool({ perFunction, idle: 32, patienceMs: 250 });
  }

  async invoke(fn: FunctionConfiguration, payload: string): Promise<InvocationResult> {
    if (this.disposed) throw new Error(`function ${fn.name} was invoked after the runtime was disposed of`);
    checkRuntime(fn);
    const size = Buffer.byteLength(payload);
    if (size > MAX_REQUEST_BYTES) {
      const message = `${size} byte payload is too large for the RequestResponse invocation type (limit ${MAX_REQUEST_BYTES} bytes)`;
      throw new ApiError('RequestTooLargeException', message, 413);
    }
    return this.options.clock.busy(() => this.time.during(() => this.run(fn, payload)));
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.pool.dispose();
    this.code.dispose();
  }

  private async run(fn: FunctionConfiguration, payload: string): Promise<InvocationResult> {
    const { clock } = this.options;
    const requestId = this.nextRequestId(fn.arn);
    const key = { key: JSON.stringify(fn), start: () => this.start(fn) };
    const instance = await this.pool.acquire(key);
    try {
      this.time.refresh();
      const { failed, ...outcome } = await instance.invoke({
        requestId,
        payload,
        arn: fn.arn,
        traceId: traceId(requestId, clock.now()),
        timeoutSeconds: fn.timeoutSeconds,
        now: () => clock.now(),
      });
      return { requestId, ...outcome, ...(failed ? { functionError: 'Unhandled' } : {}) };
    } finally {
      this.pool.release(key, instance);
    }
  }

  private start(fn: FunctionConfiguration): Instance {
    const root = this.code.of(fn);
    const layers = (fn.layerDirectories ?? []).map((layer) => path.join(this.code.unpacked(layer), 'nodejs', 'node_modules'));
    const instance = { number: this.instances++, startedAt: this.options.clock.now() };
    return new Instance({
      environment: lambdaEnvironment(fn, root, this.options, this.options.credentialsFor(fn.roleArn), instance),
      data: {
        root,
        handler: fn.handler,
        runtime: fn.runtime,
        memoryMb: fn.memoryMb,
        layers,
        sdkPaths: this.sdkPaths,
        time: this.time.cells,
      },
    });
  }

  /** The same in every run. */
  private nextRequestId(arn: string): string {
    const number = this.requests.get(arn) ?? 0;
    this.requests.set(arn, number + 1);
    return uuidOf(`${arn}#${number}`);
  }
}

/** All run on the Node.js of this process: what changed between its versions isn't emulated, except in the runtime's own rules. */
const RUNTIMES = /^nodejs(18|20|22|24)\.x$/;

function checkRuntime(fn: FunctionConfiguration): void {
  if (RUNTIMES.test(fn.runtime)) return;
  throw new Error(
    `function ${fn.name}: runtime ${fn.runtime} is not run locally; nodejs18.x to nodejs24.x are. Supply a stand-in for the function, or leave it out of the run.`,
  );
}
