export interface Timer {
  readonly at: number;
  /** Settles ties: timers at the same instant fire in the order of their creation. */
  readonly order: number;
  fire(): void;
}

/** Timers, the next one first: a binary heap. A cancelled timer stays until it would be next. */
export class TimerQueue {
  private readonly heap: Timer[] = [];
  private readonly cancelled = new Set<Timer>();

  add(timer: Timer): void {
    this.heap.push(timer);
    this.rise(this.heap.length - 1);
  }

  cancel(timer: Timer): void {
    this.cancelled.add(timer);
    // Executions that end early leave long timers behind: they must not pile up.
    if (this.cancelled.size > 1000 && this.cancelled.size > this.heap.length / 2) this.purge();
  }

  /** The next timer, left where it is. */
  peek(): Timer | undefined {
    while (this.heap.length > 0 && this.cancelled.delete(this.heap[0])) this.removeFirst();
    return this.heap[0];
  }

  /** Takes the next timer out. */
  take(): Timer | undefined {
    const next = this.peek();
    if (next) this.removeFirst();
    return next;
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  private purge(): void {
    const kept = this.heap.filter((timer) => !this.cancelled.has(timer));
    this.cancelled.clear();
    this.heap.length = 0;
    for (const timer of kept) this.add(timer);
  }

  private rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!before(this.heap[at], this.heap[parent])) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private sink(index: number): void {
    for (let at = index; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      if (left < this.heap.length && before(this.heap[left], this.heap[first])) first = left;
      if (right < this.heap.length && before(this.heap[right], this.heap[first])) first = right;
      if (first === at) return;
      this.swap(at, first);
      at = first;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b], this.heap[a]];
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
