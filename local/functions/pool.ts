import type { Instance } from './instance';
import { RuntimeDisposed } from './types';

export interface PoolOptions {
  /** Environments that one function may have before its invocations wait for each other. */
  readonly perFunction: number;
  /** Idle environments that are kept, of all functions together. */
  readonly idle: number;
  /** How long nothing may become free before one more is started all the same. */
  readonly patienceMs: number;
}

/** A function in one configuration: after a change, its old environments aren't used again. */
export interface PoolKey {
  readonly key: string;
  start(): Instance;
}

interface Waiter {
  take(instance: Instance): void;
  fail(error: unknown): void;
}

/**
 * Execution environments. Idle ones are reused, the last used first. Beyond the limit an invocation waits for one to become
 * free; but those that are busy may be waiting for this very invocation, so when none gets free a further one is started.
 */
export class InstancePool {
  /** The longest unused first. */
  private readonly idle = new Map<Instance, string>();
  private readonly busy = new Map<Instance, string>();
  private readonly waiting = new Map<string, Waiter[]>();
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly options: PoolOptions) {}

  async acquire(fn: PoolKey): Promise<Instance> {
    const idle = [...this.idle].reverse().find(([instance, key]) => key === fn.key && instance.alive)?.[0];
    if (idle) return this.take(fn, idle);
    if (this.busyWith(fn).length < this.options.perFunction) return this.take(fn, fn.start());
    return new Promise((take, fail) => {
      this.waiting.set(fn.key, [...(this.waiting.get(fn.key) ?? []), { take, fail }]);
      if (!this.timers.has(fn.key)) this.watch(fn);
    });
  }

  release(fn: PoolKey, instance: Instance): void {
    if (!this.busy.delete(instance)) return; // disposed of meanwhile
    if (this.waiting.get(fn.key)?.length) {
      this.serve(fn, instance.alive ? instance : undefined);
      this.watch(fn);
    } else if (instance.alive) {
      this.idle.set(instance, fn.key);
    }
    for (const [unused] of this.idle) {
      if (unused.alive && this.idle.size <= this.options.idle) break;
      this.idle.delete(unused);
      void unused.dispose();
    }
  }

  async dispose(): Promise<void> {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const waiter of [...this.waiting.values()].flat()) waiter.fail(new RuntimeDisposed('an invocation still waited'));
    const all = [...this.idle.keys(), ...this.busy.keys()];
    for (const map of [this.timers, this.waiting, this.idle, this.busy]) map.clear();
    await Promise.all(all.map((instance) => instance.dispose()));
  }

  /** Starts one more for the first that waits when all are at work, and none got free since this was called last. */
  private watch(fn: PoolKey): void {
    clearTimeout(this.timers.get(fn.key));
    this.timers.delete(fn.key);
    if (!this.waiting.get(fn.key)?.length) return;
    const timer = setTimeout(() => {
      if (this.busyWith(fn).every((instance) => instance.started)) this.serve(fn, undefined);
      this.watch(fn);
    }, this.options.patienceMs);
    this.timers.set(fn.key, timer);
  }

  private serve(fn: PoolKey, instance: Instance | undefined): void {
    const waiter = this.waiting.get(fn.key)?.shift();
    try {
      waiter?.take(this.take(fn, instance ?? fn.start()));
    } catch (error) {
      waiter?.fail(error);
    }
  }

  private busyWith(fn: PoolKey): Instance[] {
    return [...this.busy].filter(([, key]) => key === fn.key).map(([instance]) => instance);
  }

  private take(fn: PoolKey, instance: Instance): Instance {
    this.idle.delete(instance);
    this.busy.set(instance, fn.key);
    return instance;
  }
}
