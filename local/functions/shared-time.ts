import type { Clock } from '../clock';

const REFRESH_MS = 5;

/**
 * The cloud's time in memory that the workers share, for their `Date`. A virtual clock stands still while a handler runs; one
 * that follows real time is copied every few milliseconds.
 */
export class SharedTime {
  private users = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly clock: Clock,
    readonly cells: BigInt64Array = timeCells(),
  ) {
    this.refresh();
  }

  refresh(): void {
    Atomics.store(this.cells, 0, BigInt(Math.floor(this.clock.now())));
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.refresh();
    if (this.users++ === 0) this.timer = setInterval(() => this.refresh(), REFRESH_MS).unref();
    try {
      return await work();
    } finally {
      if (--this.users === 0) clearInterval(this.timer);
    }
  }
}

export function timeCells(): BigInt64Array {
  return new BigInt64Array(new SharedArrayBuffer(8));
}
