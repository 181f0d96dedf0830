import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock';
import { guardProcess } from '../keeper/keeper';
import { exited, type Failure, MAX_RESPONSE_BYTES, outOfMemory, responseTooLarge, timedOut, timeoutLine } from './failures';
import { killTrees } from './process-tree';
import { TimeLimit } from './time-limit';
import type { Interruption } from './types';

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: ten seconds to start, which the timeout doesn't count. */
const INIT_MS = 10_000;

const TERMINATION_MS = 5_000;

export interface InstanceOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** The environment's own disk, which ends with it. */
  readonly temporaryFolder: string;
  /** For the worker's `bootstrap.cjs`. */
  readonly data: {
    readonly root: string;
    readonly handler: string;
    readonly runtime: string;
    readonly memoryMb: number;
    /** Folders with what the layers hold, in their order. */
    readonly layers: readonly string[];
    readonly sdkPaths: readonly string[];
    readonly time: BigInt64Array;
  };
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly arn: string;
  readonly traceId: string;
  readonly timeoutSeconds: number;
  readonly clock: Clock;
}

export interface Outcome {
  readonly payload: string;
  readonly failed: boolean;
  readonly logs: readonly string[];
}

/** One execution environment: a worker thread with the handler loaded, that runs one invocation at a time. */
export class Instance {
  private readonly worker: Worker;
  /** Those that the handler started, each with what ends its guard. */
  private readonly processes = new Map<number, () => void>();
  private logs: string[] = [];
  private ready = false;
  private ended?: (requestId: string) => Failure;
  private onReady?: () => void;
  private onAnswer?: (answer: Answer) => void;
  private onEnd?: () => void;
  /** By the question's number: who asks again wants to know how it is since. */
  private readonly onQuiet = new Map<number, () => void>();
  private questions = 0;
  private limit?: TimeLimit;
  /** What the worker adds to the real end of the invocation's time. */
  private readonly credit = new BigInt64Array(new SharedArrayBuffer(8));
  private deadline = 0;

  constructor(private readonly options: InstanceOptions) {
    // The host's flags and loaders (tsx, jest) aren't the handler's; of its own NODE_OPTIONS a thread takes source maps only.
    const { NODE_OPTIONS = '', ...env } = options.environment;
    this.worker = new Worker(workerFile(), {
      argv: [],
      execArgv: switchedOff(options.data.runtime).filter((flag) => !NODE_OPTIONS.includes(flag.replace('--no-', '--'))),
      env,
      // Kept apart from the host's own; the worker sends its lines as messages, and reading these would keep the host alive.
      stdin: true,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMb(options.data.memoryMb), maxYoungGenerationSizeMb: 32 },
      workerData: { ...options.data, credit: this.credit, nodeOptions: NODE_OPTIONS },
    });
    this.worker.on('message', (message: Message) => this.receive(message));
    this.worker.on('error', (error: NodeJS.ErrnoException) =>
      this.end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory : () => crashOf(error)),
    );
    this.worker.on('exit', (code) => this.end((requestId) => exited(requestId, code)));
    this.worker.unref();
  }

  /** False after a crash or a timeout: the next invocation needs a new environment. */
  get alive(): boolean {
    return this.ended === undefined;
  }

  /** The handler's module is loaded. */
  get started(): boolean {
    return this.ready;
  }

  async invoke(invocation: Invocation): Promise<Outcome> {
    const { requestId, payload, arn, traceId, timeoutSeconds, clock } = invocation;
    const timeoutMs = timeoutSeconds * 1000;
    this.worker.ref();
    const watch = setInterval(() => this.watchMemory(), 100);
    const answer = await new Promise<Answer>((resolve) => {
      const limit = (ms: number) => {
        this.limit?.end();
        this.limit = new TimeLimit(clock, ms, () => answered({ type: 'timeout' }));
        this.deadline = performance.now() + this.limit.works();
      };
      const start = () => {
        limit(timeoutMs);
        Atomics.store(this.credit, 0, 0n);
        this.worker.postMessage({ requestId, payload, arn, traceId, timeoutMs });
      };
      const answered = (received: Answer) => {
        if (this.onAnswer !== answered) return; // too late
        this.limit?.end();
        this.limit = undefined;
        this.onAnswer = undefined;
        this.onReady = undefined;
        resolve(received);
      };
      this.onAnswer = answered;
      this.onEnd = () => this.onAnswer?.({ type: 'crash', error: this.ended?.(requestId) as Failure });
      if (this.ended) {
        this.onEnd();
      } else if (this.ready) {
        start();
      } else {
        this.onReady = start;
        limit(INIT_MS + timeoutMs);
      }
    });
    this.worker.unref();
    clearInterval(watch);
    if (answer.type === 'timeout') {
      this.logs.push(timeoutLine(requestId, timeoutSeconds, clock.now()));
      await clock.busy(this.dispose());
    } else if (answer.type === 'crash') {
      await clock.busy(this.dispose());
    }
    return this.outcome(answer, requestId, timeoutSeconds);
  }

  /** What it is at is cut off; without an invocation nothing happens. */
  interrupt(as: Interruption): void {
    if (!this.onAnswer) return;
    if (as === 'timeout') this.onAnswer({ type: 'timeout' });
    else this.end((requestId) => exited(requestId, 1));
  }

  /** Settles when the handler does nothing but wait for the network. */
  quiet(): Promise<void> {
    return new Promise((resolve) => {
      const question = this.questions++;
      this.onQuiet.set(question, resolve);
      this.worker.postMessage({ question });
    });
  }

  waits(): void {
    this.limit?.waits();
  }

  works(): void {
    if (!this.limit) return;
    const credit = performance.now() + this.limit.works() - this.deadline;
    Atomics.store(this.credit, 0, BigInt(Math.round(credit)));
  }

  async dispose(): Promise<void> {
    this.ended ??= (requestId) => exited(requestId, 0);
    if (this.onAnswer) this.onEnd?.();
    killTrees(this.processes.keys());
    // Node.js 24 has loops that nothing can stop (`for (;;) new Array(1000)`, compiled without a check): don't wait for them forever.
    const patience = new Promise((resolve) => setTimeout(resolve, TERMINATION_MS).unref());
    await Promise.race([this.worker.terminate(), patience]);
    killTrees(this.processes.keys()); // what it started meanwhile
    for (const release of this.processes.values()) release();
    this.processes.clear();
    // Who still writes is gone soon, and the rest goes with all the others.
    await rm(this.options.temporaryFolder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** A handler that is busy can't look at its own memory, as `worker/memory.cjs` does otherwise. */
  private watchMemory(): void {
    const worker = this.worker as HeapStatistics;
    worker.getHeapStatistics?.().then(
      ({ used_heap_size, external_memory }) => {
        if (used_heap_size + external_memory > (1.5 * this.options.data.memoryMb + 256) * 1024 * 1024) this.end(outOfMemory);
      },
      () => undefined, // it has ended meanwhile
    );
  }

  private outcome(answer: Answer, requestId: string, timeoutSeconds: number): Outcome {
    const logs = this.logs;
    this.logs = [];
    const failed = (failure: Failure) => ({ payload: JSON.stringify(failure), failed: true, logs });
    switch (answer.type) {
      case 'result':
        return Buffer.byteLength(answer.payload) > MAX_RESPONSE_BYTES
          ? failed(responseTooLarge())
          : { payload: answer.payload, failed: false, logs };
      case 'timeout':
        return failed(timedOut(requestId, timeoutSeconds));
      default:
        return failed(answer.error);
    }
  }

  private receive(message: Message): void {
    switch (message.type) {
      case 'log':
        this.logs.push(message.line);
        break;
      case 'process':
        this.processes.set(message.pid, guardProcess(message.pid));
        break;
      case 'process-end':
        this.processes.get(message.pid)?.();
        this.processes.delete(message.pid);
        break;
      case 'quiet':
        this.onQuiet.get(message.question)?.();
        this.onQuiet.delete(message.question);
        break;
      case 'ready':
        this.ready = true;
        this.onReady?.();
        break;
      case 'crash':
        this.end(() => message.error);
        break;
      case 'out-of-memory':
        this.end(outOfMemory);
        break;
      default:
        this.onAnswer?.(message);
    }
  }

  private end(failure: (requestId: string) => Failure): void {
    if (this.ended) return;
    this.ended = failure;
    if (!this.onAnswer) void this.dispose(); // it crashed between invocations
    this.onEnd?.();
  }
}

type Answer =
  | { readonly type: 'result'; readonly payload: string }
  | { readonly type: 'error' | 'crash'; readonly error: Failure }
  | { readonly type: 'timeout' };

type Message =
  | Answer
  | { readonly type: 'log'; readonly line: string }
  | { readonly type: 'process' | 'process-end'; readonly pid: number }
  | { readonly type: 'quiet'; readonly question: number }
  | { readonly type: 'ready' | 'out-of-memory' };

/** Since Node.js 22.16. */
interface HeapStatistics {
  getHeapStatistics?(): Promise<{ readonly used_heap_size: number; readonly external_memory: number }>;
}

/**
 * What Lambda switches off of its Node.js, until NODE_OPTIONS switches it on again. Node.js 18 has neither.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
 */
function switchedOff(runtime: string): string[] {
  const requireModule = '--no-experimental-require-module';
  const detectModule = '--no-experimental-detect-module';
  if (runtime === 'nodejs20.x') return [requireModule];
  return runtime === 'nodejs18.x' || runtime === 'nodejs22.x' ? [requireModule, detectModule] : [];
}

/**
 * V8's limit, more than the function's: running into it takes the whole process down at times. Where nobody else can look into a
 * busy worker it is the one that ends a handler which fills its heap without a pause.
 */
function heapLimitMb(memoryMb: number): number {
  return 'getHeapStatistics' in Worker.prototype ? 2 * memoryMb + 768 : memoryMb + 128;
}

function crashOf(error: Error): Failure {
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

/** Beside this file in the sources, and beside the bundle in the package. */
function workerFile(): string {
  const file = path.join(__dirname, 'worker', 'bootstrap.cjs');
  if (!existsSync(file)) throw new Error(`${file} is missing: the bundle must copy local/functions/worker beside itself`);
  return file;
}
