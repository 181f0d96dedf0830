import type { Clock } from '../clock';

/** The time that an invocation has: real time while its handler works, the cloud's while it waits for what only time can bring. */
export class TimeLimit {
  private left: number;
  private stop: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    ms: number,
    private readonly over: () => void,
  ) {
    this.left = ms;
  }

  /** What is left once more, in milliseconds. */
  works(): number {
    this.stop();
    const since = performance.now();
    // When this thread itself was busy, the answer may have arrived and not been read: a turn of the event loop reads it.
    const timer = setTimeout(() => setImmediate(() => setImmediate(this.over)), this.left);
    this.stop = () => {
      clearTimeout(timer);
      this.left -= performance.now() - since;
    };
    return this.left;
  }

  waits(): void {
    this.stop();
    const since = this.clock.now();
    const ended = new AbortController();
    this.clock.sleepUntil(since + Math.ceil(this.left), ended.signal).then(this.over, () => {});
    this.stop = () => {
      ended.abort();
      this.left -= this.clock.now() - since;
    };
  }

  end(): void {
    this.stop();
    this.stop = () => {};
  }
}
