import { RECORDED_BYTES } from './call-record';
import type { Clock } from './clock';
import type { Json } from './cloud-types';
import type { FunctionConfiguration, FunctionRuntime, Interruption, InvocationResult } from './functions/types';

/** An invocation that has ended. */
export interface Invocation {
  readonly functionName: string;
  readonly payload: Json;
  /** What it gave. */
  readonly result?: Json;
  /** Set when the handler threw, timed out or crashed. */
  readonly error?: { readonly errorType?: string; readonly errorMessage?: string };
  /** Lines that the handler wrote. */
  readonly logs: readonly string[];
}

/** Code that runs in the test's own process in place of a function's handler. */
// biome-ignore lint/suspicious/noExplicitAny: the event's shape is known to the test
export type StandIn = (event: any) => unknown;

/** Runs functions, keeps account of them, and lets a test's code stand in for some. */
export class RecordedFunctions implements FunctionRuntime {
  /** In the order of their ends. */
  readonly invocations: Invocation[] = [];
  /** By function name. */
  readonly standIns = new Map<string, StandIn>();

  constructor(
    private readonly clock: Clock,
    private readonly runtime: FunctionRuntime,
    /** Of what functions are given, in all: JSON takes a multiple of its text. */
    private bytesLeft = RECORDED_BYTES,
  ) {}

  async invoke(fn: FunctionConfiguration, payload: string): Promise<InvocationResult> {
    const standIn = this.standIns.get(fn.name);
    const result = standIn ? await this.clock.busy(() => run(standIn, payload)) : await this.runtime.invoke(fn, payload);
    const answer = JSON.parse(result.payload);
    const outcome = result.functionError === undefined ? { result: answer } : { error: answer };
    this.invocations.push({ functionName: fn.name, payload: this.kept(payload), ...outcome, logs: result.logs });
    return result;
  }

  interrupt(traceId: string, as: Interruption): void {
    this.runtime.interrupt?.(traceId, as);
  }

  private kept(payload: string): Json {
    if (payload.length > this.bytesLeft) return `${payload.length} characters, not kept`;
    this.bytesLeft -= payload.length;
    return JSON.parse(payload);
  }

  dispose(): Promise<void> {
    return this.runtime.dispose();
  }
}

async function run(standIn: StandIn, payload: string): Promise<InvocationResult> {
  const common = { requestId: '00000000-0000-4000-8000-000000000000', logs: [] };
  try {
    return { ...common, payload: JSON.stringify((await standIn(JSON.parse(payload))) ?? null) };
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    return { ...common, payload: JSON.stringify({ errorType, errorMessage, trace: [] }), functionError: 'Unhandled' };
  }
}
