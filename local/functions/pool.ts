import type { Instance } from './instance';

export interface PoolOptions {
  /** Environments that one function may have before its invocations wait for each other. */
  readonly perFunction: number;
  /** Idle environments that are kept, of all functions together. */
  readonly idle: number;
  readonly patienceMs?: number;
}

/** A function in one configuration: after a change, its old environments aren't used again. */
export interface PoolKey {
  readonly key: string;
  start(): Instance;
}

/**
 * Execution environments. Idle ones are reused, the last used first. Beyond the limit an invocation waits for one to become
 * free; when none does for a while a further one is started all the same, since those that are busy may be waiting for this
 * very invocation.
 */
export class InstancePool {
  /** The longest unused first. */
  private readonly idle = new Map<Instance, string>();
  private readonly busy = new Map<Instance, string>();
  private readonly waiting = new Map<string, ((instance: Instance) => void)[]>();

  constructor(private readonly options: PoolOptions) {}

  async acquire(fn: PoolKey): Promise<Instance> {
    const idle = [...this.idle].reverse().find(([instance, key]) => key === fn.key && instance.alive)?.[0];
    if (idle) return this.take(fn, idle);
    const started = [...this.busy.values()].filter((key) => key === fn.key).length;
    return started < this.options.perFunction ? this.take(fn, fn.start()) : this.wait(fn);
  }

  release(fn: PoolKey, instance: Instance): void {
    if (!this.busy.delete(instance)) return; // disposed of meanwhile
    const next = this.waiting.get(fn.key)?.shift();
    if (next) next(this.take(fn, instance.alive ? instance : fn.start()));
    else if (instance.alive) this.idle.set(instance, fn.key);
    for (const [unused] of this.idle) {
      if (unused.alive && this.idle.size <= this.options.idle) break;
      this.idle.delete(unused);
      void unused.dispose();
    }
  }

  async dispose(): Promise<void> {
    const all = [...this.idle.keys(), ...this.busy.keys()];
    this.idle.clear();
    this.busy.clear();
    await Promise.all(all.map((instance) => instance.dispose()));
  }

  private take(fn: PoolKey, instance: Instance): Instance {
    this.idle.delete(instance);
    this.busy.set(instance, fn.key);
    return instance;
  }

  private wait(fn: PoolKey): Promise<Instance> {
    const queue = this.waiting.get(fn.key) ?? [];
    this.waiting.set(fn.key, queue);
    return new Promise((resolve, reject) => {
      const next = (instance: Instance) => {
        clearTimeout(timer);
        resolve(instance);
      };
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(next), 1);
        try {
          resolve(this.take(fn, fn.start()));
        } catch (error) {
          reject(error);
        }
      }, this.options.patienceMs ?? 250);
      queue.push(next);
    });
  }
}
