import type { Json } from '../../lib/asl/json';
import type { DistributedMapRun } from './distributed/map-run';
import { CANCELLED } from './errors';
import type { Run } from './run';
import type { Variables } from './variables';

/** The state that a branch is in. */
export interface CurrentState {
  readonly name: string;
  readonly type: string;
  readonly enteredEventId: number;
  /** `previousEventId` of its StateEntered event. */
  readonly previousEventId: number;
  /** Milliseconds since the epoch. */
  readonly enteredAt: number;
}

/** Where a branch stands or stood, so that a redrive can go on from there. */
export interface Position {
  readonly state: CurrentState;
  readonly input: Json;
  readonly variables: Variables;
  /** Of a Parallel or an inline Map: its branches or iterations, and what those gave that have ended. */
  parts?: Part[];
  /** Of a Distributed Map, once its run has begun. */
  mapRun?: DistributedMapRun;
}

export type Part = Branch | { readonly output: Json };

/** States whose cancellation the history tells. */
const ABORTABLE = new Set(['Task', 'Wait', 'Map', 'Parallel']);

/**
 * One thread of an execution: the execution itself, a branch of a Parallel or an iteration of a Map. It knows where it stands,
 * which is what its events follow on, and can be cancelled with everything below it.
 */
export class Branch {
  readonly children = new Set<Branch>();
  cancelled = false;
  /** Made where somebody asks for the signal: it takes more memory than all the rest. */
  private controller: AbortController | undefined;
  private readonly cancelListeners = new Set<() => void>();
  current: CurrentState | undefined;
  /** The event that the next one follows. */
  cursor: number;
  /** Kept when the branch has failed or was cancelled. */
  position: Position | undefined;
  /** What else a state has to stop, before the history tells of its own end. */
  beforeCancel: (() => void) | undefined;

  constructor(
    readonly run: Run,
    readonly parent: Branch | undefined,
    readonly statePath: readonly string[],
    /** A Map's iteration: its own index and its Map's name, for MapIterationAborted. */
    private readonly iteration?: { readonly name: string; readonly index: number },
  ) {
    this.cursor = parent?.cursor ?? 0;
    parent?.children.add(this);
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.cancelled) this.controller.abort(CANCELLED);
    return this.controller.signal;
  }

  /** Writes an event that the branch's next event follows. */
  emit(type: string, details?: object, previous: number = this.cursor): number {
    this.cursor = this.note(type, details, previous);
    return this.cursor;
  }

  /** Writes an event that no other follows. */
  note(type: string, details?: object, previous: number = this.cursor): number {
    this.live();
    return this.run.emitter.emit(type, details, previous);
  }

  /** Throws if the branch has been cancelled meanwhile. */
  live(): void {
    if (this.cancelled) throw CANCELLED;
  }

  /** Waits for work that may outlive the branch: how it ends means nothing any more where the branch has been cancelled. */
  wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancelled = () => reject(CANCELLED);
      if (this.cancelled) cancelled();
      this.cancelListeners.add(cancelled);
      work.then(
        (result) => {
          this.cancelListeners.delete(cancelled);
          resolve(result);
        },
        (error) => {
          this.cancelListeners.delete(cancelled);
          reject(error);
        },
      );
    });
  }

  /** Gives what takes the listener away again. */
  onCancel(listener: () => void): () => void {
    this.cancelListeners.add(listener);
    return () => this.cancelListeners.delete(listener);
  }

  /** Stops the branch and all below it, innermost first. @param told whether the history tells so */
  cancel(told: boolean): void {
    if (this.cancelled) return;
    this.abortCurrent(told);
    if (told && this.iteration) this.note('MapIterationAborted', this.iteration);
    this.silence();
  }

  /** An iteration whose state has failed: the state is told to be aborted, the iteration to have failed. */
  fail(iteration: { readonly name: string; readonly index: number }, told: boolean): void {
    this.abortCurrent(told);
    if (told) this.note('MapIterationFailed', iteration);
    this.silence();
  }

  private abortCurrent(told: boolean): void {
    for (const child of this.children) child.cancel(told);
    this.beforeCancel?.();
    if (told && this.current && ABORTABLE.has(this.current.type)) this.note(`${this.current.type}StateAborted`);
  }

  /** Stops the branch and all below it without a word: the execution has ended already. */
  silence(): void {
    for (const child of this.children) child.silence();
    if (!this.cancelled) {
      this.cancelled = true;
      this.controller?.abort(CANCELLED);
      for (const listener of this.cancelListeners) listener();
    }
    this.leave();
  }

  /** Ended: its parent need not cancel it any more. */
  leave(): void {
    this.parent?.children.delete(this);
  }
}
