import { compareKeys } from './key-order';
import type { KeyRange, ListedPage, PageRequest } from './listing';

/** Lists one page of one bucket. */
export type Probe = (request: PageRequest) => Promise<ListedPage>;

export interface ShardOptions {
  /** A bucket of no more pages is one shard. */
  readonly smallPages: number;
  /** Enough shards. */
  readonly shards: number;
  /** How often a bucket may be asked to find them. */
  readonly requests: number;
}

export const SHARD_OPTIONS: ShardOptions = { smallPages: 10, shards: 32, requests: 200 };

/** After every text that begins with what it is appended to, but for keys that nobody has. Whatever it is, ranges stay whole. */
const LAST = '\u{10FFFF}';

interface Node {
  readonly prefix: string;
  readonly firstKey: string;
}

/**
 * Keys that part a bucket into ranges of about the same weight: by the tree of its keys' characters, so that neither folders nor their
 * names have to be known. Ranges are right wherever they are parted; this only makes them even.
 */
export async function findBoundaries(list: Probe, options: ShardOptions = SHARD_OPTIONS): Promise<string[]> {
  let left = options.requests;
  const probe: Probe = (request) => {
    left--;
    return list(request);
  };
  if (await isSmall(probe, options.smallPages)) return [];
  const found = new Map<string, Node>();
  const large: Node[] = [{ prefix: '', firstKey: '' }];
  while (found.size < options.shards && left > 0) {
    const node = large.shift();
    if (!node) break;
    for (const child of await largeChildren(probe, node, () => left > 0)) {
      found.set(child.firstKey, child);
      large.push(child);
    }
  }
  return thinned([...found.keys()].sort(compareKeys), options.shards);
}

/** The ranges between boundaries. */
export function rangesBetween(boundaries: readonly string[]): KeyRange[] {
  const sorted = [...new Set(boundaries)].sort(compareKeys);
  return [...sorted, undefined].map((upTo, i) => ({ ...(i > 0 && { after: sorted[i - 1] }), ...(upTo !== undefined && { upTo }) }));
}

async function isSmall(probe: Probe, pages: number): Promise<boolean> {
  let token: string | undefined;
  for (let i = 0; i < pages; i++) {
    ({ token } = await probe({ token }));
    if (token === undefined) return true;
  }
  return false;
}

/** What of a prefix goes on for more than a page, by its next character. */
async function largeChildren(probe: Probe, { prefix }: Node, mayAsk: () => boolean): Promise<Node[]> {
  const first = await probe({ prefix });
  if (first.token !== undefined) {
    const all = await sharedByAll(probe, prefix, commonPrefix(first.objects.map(({ key }) => key)), mayAsk);
    if (all !== prefix) return largeChildren(probe, { prefix: all, firstKey: first.objects[0].key }, mayAsk);
  }
  const nodes: Node[] = [];
  let page = first;
  while (page.token !== undefined && page.objects.length > 0) {
    const last = page.objects[page.objects.length - 1].key;
    const child = prefix + (characterAt(last, prefix.length) ?? '');
    const firstKey = page.objects.find(({ key }) => key.startsWith(child))?.key ?? last;
    if (child === prefix || nodes.some((node) => node.prefix === child)) break;
    nodes.push({ prefix: child, firstKey });
    if (!mayAsk()) break;
    page = await probe({ prefix, after: child + LAST });
  }
  return nodes;
}

/** Keys often share a long beginning: of the one that a page shares, what all keys do, by halving. */
async function sharedByAll(probe: Probe, prefix: string, shared: string, mayAsk: () => boolean): Promise<string> {
  const characters = [...shared.slice(prefix.length)];
  if (characters.length < 2) return prefix;
  let [low, high] = [0, characters.length];
  while (low < high && mayAsk()) {
    const middle = Math.ceil((low + high) / 2);
    const { objects } = await probe({ prefix, after: prefix + characters.slice(0, middle).join('') + LAST, most: 1 });
    if (objects.length === 0) low = middle;
    else high = middle - 1;
  }
  return prefix + characters.slice(0, low).join('');
}

function commonPrefix(keys: readonly string[]): string {
  const [first = '', last = ''] = [keys[0], keys.at(-1)];
  let length = 0;
  for (let next = characterAt(first, 0); next !== undefined && last.startsWith(next, length); next = characterAt(first, length))
    length += next.length;
  return first.slice(0, length);
}

function characterAt(text: string, index: number): string | undefined {
  const point = text.codePointAt(index);
  return point === undefined ? undefined : String.fromCodePoint(point);
}

/** Evenly so many of them. */
function thinned(keys: readonly string[], most: number): string[] {
  if (keys.length <= most) return [...keys];
  return Array.from({ length: most }, (_, i) => keys[Math.floor((i * keys.length) / most)]);
}
