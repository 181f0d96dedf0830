import { type Timer, TimerQueue } from './timer-queue';

/**
 * Time, as the runner and everything emulated sees it.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Resolves when the clock has reached `at` (milliseconds since the epoch). Timers at the same instant fire in the order of
   * their creation. An aborted sleep rejects with the signal's reason.
   */
  sleepUntil(at: number, signal?: AbortSignal): Promise<void>;
  /** Work done outside of the event loop's microtasks (a worker, a socket): time stands still until it settles. */
  busy<T>(work: Promise<T> | (() => Promise<T>)): Promise<T>;
}

/** Keeps time standing still from `take` to `let`, as often as it is wanted: for work that now and then waits for time itself. */
export class Hold {
  private release?: () => void;

  constructor(private readonly clock: Clock) {}

  take(): void {
    if (this.release) return;
    const held = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    void this.clock.busy(held);
  }

  let(): void {
    this.release?.();
    this.release = undefined;
  }
}

/** Milliseconds, or what knows them, such as the CDK's `Duration`. */
export type DurationLike = number | { toMilliseconds(): number };

/** @throws for what is not 0 milliseconds or more */
export function inMilliseconds(duration: DurationLike): number {
  const milliseconds = typeof duration === 'number' ? duration : duration.toMilliseconds();
  if (milliseconds >= 0 && Number.isFinite(milliseconds)) return milliseconds;
  throw new RangeError(`${milliseconds} is not a length of time: give a number of milliseconds, 0 or more, or a Duration`);
}

/** Nothing is taken as idle before this many turns of the event loop have passed without any work in flight. */
const IDLE_TURNS = 3;

/** A wait longer than this is taken as one that never ends: a token wait without a timeout lasts 99,999,999 seconds on AWS. */
const HORIZON_MS = 1200 * 24 * 3600 * 1000;

/** What a timer of Node.js takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A Monday morning, so that runs are the same every day. */
export const DEFAULT_START = Date.parse('2026-01-05T09:00:00.000Z');

/**
 * Virtual time. It stands still while anything is in flight and jumps to the next timer only when it is told to go on and
 * nothing is: a seven-day wait costs a millisecond, and a slow handler never looks like a time-out.
 */
export class VirtualClock implements Clock {
  private time: number;
  private order = 0;
  private inFlight = 0;
  private readonly timers = new TimerQueue();
  private idleWaiters: (() => void)[] = [];
  private landingWaiters: (() => void)[] = [];

  constructor(start: number = DEFAULT_START) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  sleepUntil(at: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.timers.cancel(timer);
        reject(signal?.reason);
      };
      const timer: Timer = {
        at,
        order: this.order++,
        fire: () => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        },
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.timers.add(timer);
    });
  }

  async busy<T>(work: Promise<T> | (() => Promise<T>)): Promise<T> {
    this.inFlight++;
    try {
      return await (typeof work === 'function' ? work() : work);
    } finally {
      this.inFlight--;
      if (this.inFlight === 0) for (const resolve of this.landingWaiters.splice(0)) resolve();
    }
  }

  /** Resolves as soon as nothing is in flight, before time moves: for what must not be hurried by whichever worker is first. */
  idle(): Promise<void> {
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  /** Resolves when nothing is in flight any more. Time does not move, but timers that are due fire. */
  async settle(): Promise<void> {
    for (;;) {
      for (let idle = 0; idle < IDLE_TURNS; idle = this.inFlight === 0 ? idle + 1 : 0) {
        if (this.inFlight > 0) await this.landing();
        await new Promise(setImmediate);
      }
      const waiters = this.idleWaiters;
      this.idleWaiters = [];
      for (const resolve of waiters) resolve();
      if (waiters.length > 0) continue;
      const due = this.timers.peek();
      if (due === undefined || due.at > this.time) return;
      this.timers.take()?.fire();
    }
  }

  /** Resolves when nothing is in flight. Turns of the event loop would take a core from the workers meanwhile; the timer keeps it alive. */
  private async landing(): Promise<void> {
    const alive = setInterval(() => {}, LONGEST_TIMER_MS);
    await new Promise<void>((resolve) => this.landingWaiters.push(resolve));
    clearInterval(alive);
  }

  /** Moves time on, firing what falls due on the way, and settles. */
  async advance(by: DurationLike): Promise<void> {
    await this.advanceTo(this.time + inMilliseconds(by));
  }

  /** Jumps from timer to timer until `done` says so. @throws if there is nothing left to wait for, or it would take years. */
  async runUntil(done: () => boolean, what: string): Promise<void> {
    const horizon = this.time + HORIZON_MS;
    for (;;) {
      await this.settle();
      if (done()) return;
      const next = this.timers.peek();
      if (next === undefined)
        throw new Error(`${what} waits for something that nothing will ever bring: no timer is left and nothing is in flight`);
      if (next.at > horizon) throw new Error(`${what} has not happened within ${HORIZON_MS / 86_400_000} days of virtual time`);
      this.time = Math.max(this.time, next.at);
      this.timers.take()?.fire();
    }
  }

  private async advanceTo(target: number): Promise<void> {
    for (;;) {
      await this.settle();
      const next = this.timers.peek();
      if (next === undefined || next.at > target) break;
      this.time = Math.max(this.time, next.at);
      this.timers.take()?.fire();
    }
    this.time = target;
    await this.settle();
  }
}
