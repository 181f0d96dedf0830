import { type Clock, Hold } from '../../clock';

/** How long time may stand still, in real time, before somebody is told why. */
const PATIENCE_MS = 5_000;

/** Holds virtual time for as long as a job's function works, and lets it pass where the function waits. */
export class StandingTime {
  private waits = 0;
  private closed = false;
  private readonly hold: Hold;
  private impatient?: NodeJS.Timeout;

  constructor(
    clock: Clock,
    private readonly what: string,
  ) {
    this.hold = new Hold(clock);
  }

  begin(): void {
    if (this.closed) return;
    // Tells only; what happens does not depend on it.
    this.impatient = setTimeout(() => {
      process.emitWarning(
        `${this.what} has worked for ${PATIENCE_MS / 1000} seconds, and virtual time stands still as long as it does. To wait, use job.sleep(duration), job.until(promise) or job.call(…).`,
      );
    }, PATIENCE_MS);
    this.impatient.unref();
    this.hold.take();
  }

  /** For good: what a function does that was cut off holds nothing up. */
  close(): void {
    this.closed = true;
    this.let();
  }

  /** Time passes until all that the function waits for at once has come. */
  async passing<T>(wait: () => Promise<T>): Promise<T> {
    this.waits += 1;
    if (this.waits === 1) this.let();
    try {
      return await wait();
    } finally {
      this.waits -= 1;
      if (this.waits === 0) this.begin();
    }
  }

  private let(): void {
    clearTimeout(this.impatient);
    this.hold.let();
  }
}
