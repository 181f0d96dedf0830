import * as path from 'node:path';
import { Askers, type Outsider } from '../askers';
import { uuidOf } from '../assembly/names';
import type { Clock } from '../clock';
import { ApiError } from '../cloud-types';
import { notImplemented } from '../services/errors';
import { type Credentials, lambdaEnvironment, traceId } from './environment';
import { MAX_REQUEST_BYTES } from './failures';
import { Instance } from './instance';
import { defaultSdkPaths } from './sdk-paths';
import { SharedTime } from './shared-time';
import { type FunctionConfiguration, type FunctionRuntime, type Interruption, type InvocationResult, RuntimeDisposed } from './types';
import { WarmFunctions } from './warm-functions';

export interface FunctionRuntimeOptions {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  /** The loopback endpoint that every SDK client of a handler talks to. */
  readonly endpointUrl: string;
  /** Who asks the endpoint and waits. @default - no time passes while a handler waits for an answer */
  readonly askers?: Askers;
  /** Kinesis clients speak HTTP/2 and need an endpoint of their own. */
  readonly kinesisEndpointUrl?: string;
  /** Credentials whose access key id tells the endpoint the role. */
  credentialsFor(roleArn: string): Credentials;
  /** `node_modules` folders with the `@aws-sdk/*` and `@smithy/*` packages, for handlers whose project has none. */
  readonly sdkPaths?: readonly string[];
  /** Workers that one function may have; more start only when none becomes free for a while. Not with `warm`. */
  readonly concurrency?: number;
  /** Environments that are there already, and stay. @default - none: what was started ends with the runtime */
  readonly warm?: WarmFunctions;
}

export function createFunctionRuntime(options: FunctionRuntimeOptions): FunctionRuntime {
  return new WorkerRuntime(options);
}

class WorkerRuntime implements FunctionRuntime {
  private readonly functions: WarmFunctions;
  private readonly time: SharedTime;
  private readonly askers: Askers;
  /** By trace id. */
  private readonly running = new Map<string, Instance>();
  private readonly sdkPaths: readonly string[];
  private readonly requests = new Map<string, number>();
  private instances = 0;
  private disposed = false;

  constructor(private readonly options: FunctionRuntimeOptions) {
    this.functions = options.warm ?? new WarmFunctions(options.concurrency);
    this.time = new SharedTime(options.clock, this.functions.cells);
    this.askers = options.askers ?? new Askers(options.clock);
    this.sdkPaths = (options.sdkPaths ?? defaultSdkPaths()).map((folder) => path.resolve(folder));
  }

  async invoke(fn: FunctionConfiguration, payload: string): Promise<InvocationResult> {
    if (this.disposed) throw new RuntimeDisposed(`function ${fn.name} was invoked`);
    checkRunnable(fn);
    const size = Buffer.byteLength(payload);
    if (size > MAX_REQUEST_BYTES) {
      const message = `${size} byte payload is too large for the RequestResponse invocation type (limit ${MAX_REQUEST_BYTES} bytes)`;
      throw new ApiError('RequestTooLargeException', message, 413);
    }
    return this.time.during(() => this.run(fn, payload));
  }

  interrupt(traceId: string, as: Interruption): void {
    this.running.get(traceId)?.interrupt(as);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    if (!this.options.warm) return this.functions.dispose();
    for (const instance of this.running.values()) instance.interrupt('crash');
  }

  private async run(fn: FunctionConfiguration, payload: string): Promise<InvocationResult> {
    const { clock } = this.options;
    const requestId = this.nextRequestId(fn.arn);
    const key = { key: JSON.stringify(fn), start: () => this.start(fn) };
    const { pool } = this.functions;
    const instance = await clock.busy(pool.acquire(key));
    const trace = traceId(requestId, clock.now());
    this.running.set(trace, instance);
    try {
      this.time.refresh();
      const invocation = { requestId, payload, arn: fn.arn, traceId: trace, timeoutSeconds: fn.timeoutSeconds, clock };
      const { failed, ...outcome } = await this.askers.working(trace, this.outsider(instance), () => instance.invoke(invocation));
      return { requestId, ...outcome, ...(failed ? { functionError: 'Unhandled' } : {}) };
    } finally {
      this.running.delete(trace);
      pool.release(key, instance);
    }
  }

  private outsider(instance: Instance): Outsider {
    return {
      quiet: () => instance.quiet(),
      waits: () => instance.waits(),
      works: () => {
        this.time.refresh();
        instance.works();
      },
    };
  }

  private start(fn: FunctionConfiguration): Instance {
    const { code, temporary } = this.functions;
    const root = code.of(fn);
    const layers = (fn.layerDirectories ?? []).map((layer) => code.unpacked(layer));
    const temporaryFolder = temporary.folder();
    const instance = { number: this.instances++, startedAt: this.options.clock.now(), temporaryFolder };
    return new Instance({
      temporaryFolder,
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

function checkRunnable({ unsupported, runtime, name, path: constructPath }: FunctionConfiguration): void {
  const what = unsupported ?? (RUNTIMES.test(runtime) ? undefined : `the runtime ${runtime}, only nodejs18.x to nodejs24.x`);
  if (what === undefined) return;
  const called = constructPath?.replace(/\/Resource$/, '') ?? name;
  throw notImplemented(`${what}. Put code of your own in its place: cloud.function('${called}').replaceWith(event => …)`);
}
