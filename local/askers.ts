import { type Clock, Hold } from './clock';

/** Who works outside of this event loop and asks the cloud through the wire: a handler in its worker. */
export interface Outsider {
  /** Settles when it does nothing but wait for answers. */
  quiet(): Promise<void>;
  /** From now on time passes while it waits. */
  waits(): void;
  /** Time stands still again. */
  works(): void;
}

/** How many turns of the event loop it takes a request that was sent to arrive, and a call that waits for nothing to be answered. */
const TURNS = 3;

/**
 * Holds time while an outsider works, and lets it pass while all that the outsider does is wait for answers that have not come at once: a
 * queue's long poll, an execution that `StartSyncExecution` waits for, another function that waits in its turn. What else the outsider
 * has in flight holds time as ever. Its own real timers don't: they belong to no virtual time.
 */
export class Askers {
  private readonly byId = new Map<string, Asker>();

  constructor(private readonly clock: Clock) {}

  /** @param id what its requests show */
  async working<T>(id: string, outsider: Outsider, work: () => Promise<T>): Promise<T> {
    const asker = new Asker(this.clock, outsider);
    this.byId.set(id, asker);
    try {
      return await work();
    } finally {
      this.byId.delete(id);
      asker.end();
    }
  }

  /** Answers a request. Of strangers nothing is known. */
  answering<T>(id: string | undefined, answer: () => Promise<T>): Promise<T> {
    const asker = id === undefined ? undefined : this.byId.get(id);
    return asker ? asker.asks(answer) : answer();
  }
}

class Asker {
  private readonly hold: Hold;
  /** Requests that have no answer yet. */
  private open = 0;
  /** Counts what may have woken it. */
  private changes = 0;
  private waiting = false;
  private ended = false;

  constructor(
    clock: Clock,
    private readonly outsider: Outsider,
  ) {
    this.hold = new Hold(clock);
    this.hold.take();
  }

  async asks<T>(answer: () => Promise<T>): Promise<T> {
    this.open += 1;
    this.works();
    try {
      return await answer();
    } finally {
      this.open -= 1;
      this.works();
    }
  }

  end(): void {
    this.ended = true;
    this.hold.let();
  }

  private works(): void {
    this.changes += 1;
    if (this.ended) return;
    if (this.waiting) {
      this.waiting = false;
      this.hold.take();
      this.outsider.works();
    }
    if (this.open > 0) void this.letWhenQuiet();
  }

  private async letWhenQuiet(): Promise<void> {
    const seen = this.changes;
    const unchanged = () => seen === this.changes && !this.ended;
    await turns();
    if (!unchanged()) return;
    await this.outsider.quiet();
    await turns();
    if (!unchanged()) return;
    this.waiting = true;
    this.outsider.waits();
    this.hold.let();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate);
}
