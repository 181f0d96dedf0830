/**
 * The published reference's algorithm, as reference-systems.md B11 describes it, run over the same keys: two branches side by side, a page
 * at a time, three states a page. What B11 doesn't say is taken in its favor: a page shrinks once and stays small, its list is
 * of keys alone, comparing takes a HEAD of the copy and one of the original, an orphan is found by one HEAD.
 */
import { fateOf, keyOf, type Load } from './load';
import { type Figures, LAMBDA_MS, LATENCY } from './model';

const PAGE_KEYS = 1000;
/** More would not fit into the state. */
const PAGE_BYTES = 28_800;
const THREADS = 10;
const EVENTS_PER_PAGE = 12;
const HISTORY_EVENTS = 25_000;
const TIMEOUT_SECONDS = 30 * 60;
/** Start, two regions side by side, the comparison of them, the pair of loops, the end. */
const FRAME = { transitions: 6, events: 40 };
const STATES_PER_PAGE = 3;

export function reference(load: Load): Figures {
  const { objects } = load;
  const requests: Record<string, number> = { GetBucketLocation: 2, ListObjectsV2: 0, HeadObject: 0, CopyObject: 0, DeleteObject: 0 };
  const branches = [new Branch('source', load, requests), new Branch('destination', load, requests)];
  let [events, stopped] = [FRAME.events, undefined as string | undefined];
  // Who is behind in time goes on, as two branches side by side do.
  for (;;) {
    const [branch] = branches.filter((one) => !one.done).sort((a, b) => a.seconds - b.seconds);
    if (!branch) break;
    if (events + EVENTS_PER_PAGE > HISTORY_EVENTS) stopped = 'its history is full';
    else if (branch.seconds > TIMEOUT_SECONDS) stopped = 'it times out';
    if (stopped) break;
    branch.page();
    events += EVENTS_PER_PAGE;
  }
  const pages = branches.reduce((sum, { pages: n }) => sum + n, 0);
  const [source] = branches;
  return {
    transitions: FRAME.transitions + STATES_PER_PAGE * pages,
    requests,
    lambdaCalls: 2 + 2 * pages,
    lambdaSeconds: branches.reduce((sum, { seconds }) => sum + seconds, 0),
    seconds: Math.min(TIMEOUT_SECONDS, Math.max(...branches.map(({ seconds }) => seconds))),
    ...(stopped && { stopped: `${stopped} after ${Math.round((100 * source.next) / objects)} % of the source` }),
  };
}

class Branch {
  next = 0;
  pages = 0;
  seconds = 0;
  private most = PAGE_KEYS;

  constructor(
    private readonly side: 'source' | 'destination',
    private readonly load: Load,
    private readonly requests: Record<string, number>,
  ) {
    this.skip();
  }

  get done(): boolean {
    return this.next >= this.load.objects;
  }

  page(): void {
    let keys = this.list();
    while (Buffer.byteLength(JSON.stringify(keys.map(keyOf))) > PAGE_BYTES) {
      this.most = Math.floor(this.most / 2);
      this.requests.ListObjectsV2++;
      this.seconds += LATENCY.ListObjectsV2 / 1000;
      keys = this.list();
    }
    this.requests.ListObjectsV2++;
    let milliseconds = 0;
    for (const key of keys) {
      const fate = fateOf(key, this.load);
      const [heads, change] =
        this.side === 'source'
          ? [fate === 'new' ? 1 : 2, fate === 'same' ? undefined : 'CopyObject']
          : [1, fate === 'gone' ? 'DeleteObject' : undefined];
      this.requests.HeadObject += heads;
      milliseconds += (heads * LATENCY.HeadObject) / THREADS;
      if (!change) continue;
      this.requests[change]++;
      milliseconds += LATENCY.CopyObject / THREADS;
    }
    this.seconds += (2 * LAMBDA_MS + LATENCY.ListObjectsV2 + milliseconds) / 1000;
    this.pages++;
    this.next = (keys.at(-1) ?? this.load.objects) + 1;
    this.skip();
  }

  /** The next keys that this side has. */
  private list(): number[] {
    const keys: number[] = [];
    for (let i = this.next; i < this.load.objects && keys.length < this.most; i++) if (this.has(i)) keys.push(i);
    return keys;
  }

  private has(i: number): boolean {
    return fateOf(i, this.load) !== (this.side === 'source' ? 'gone' : 'new');
  }

  private skip(): void {
    while (!this.done && !this.has(this.next)) this.next++;
  }
}
