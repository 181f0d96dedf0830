import { createHash } from 'node:crypto';
import { attribute, type Item, orderOf } from './attribute-value';
import { type KeyAttribute, type KeySchema, keyAttributes } from './key-schema';

/** Where an item stands: its partition, and its place in there. */
export interface Position {
  readonly partition: string;
  /** The sort key's values; in an index the table's key too, since index keys repeat. */
  readonly order: readonly string[];
}

interface Entry extends Position {
  readonly item: Item;
}

interface Partition {
  readonly name: string;
  /** In [0, 1): where the partition lies. Scans go in this order, and a segment is a range of it. */
  readonly hash: number;
  readonly entries: Entry[];
}

/** Which entries a query takes: one partition, and in it what lies together by its sort key. */
export interface KeyRange {
  readonly hash: readonly string[];
  /** Where an entry of this order lies: before the range (negative), in it (0) or behind it (positive). */
  side(order: readonly string[]): number;
}

/** The items of a table or an index, by partition and in the order of the sort key. */
export class Collection {
  private readonly partitions = new Map<string, Partition>();
  private readonly scanOrder: Partition[] = [];
  private count = 0;

  constructor(
    readonly schema: KeySchema,
    /** The table's key, for an index. */
    private readonly tie?: KeySchema,
  ) {}

  get size(): number {
    return this.count;
  }

  /** Undefined for an item that lacks a key attribute: it isn't in the index. */
  position(item: Item): Position | undefined {
    const hash = orders(this.schema.hash, item);
    const range = orders(this.schema.range, item);
    const tie = this.tie ? orders(keyAttributes(this.tie), item) : [];
    return hash && range && tie && { partition: partitionName(hash), order: [...range, ...tie] };
  }

  get(position: Position): Item | undefined {
    const partition = this.partitions.get(position.partition);
    if (!partition) return undefined;
    const index = lowerBound(partition.entries, position.order);
    const entry = partition.entries[index];
    return entry && compareOrders(entry.order, position.order) === 0 ? entry.item : undefined;
  }

  put(item: Item): void {
    const position = this.position(item);
    if (!position) return;
    let partition = this.partitions.get(position.partition);
    if (!partition) {
      partition = { name: position.partition, hash: hashOf(position.partition), entries: [] };
      this.partitions.set(position.partition, partition);
      this.scanOrder.splice(this.scanIndex(partition), 0, partition);
    }
    const index = lowerBound(partition.entries, position.order);
    const current = partition.entries[index];
    const replaces = current !== undefined && compareOrders(current.order, position.order) === 0;
    partition.entries.splice(index, replaces ? 1 : 0, { ...position, item });
    if (!replaces) this.count++;
  }

  delete(item: Item): void {
    const position = this.position(item);
    const partition = position && this.partitions.get(position.partition);
    if (!partition) return;
    const index = lowerBound(partition.entries, position.order);
    if (!partition.entries[index] || compareOrders(partition.entries[index].order, position.order) !== 0) return;
    partition.entries.splice(index, 1);
    this.count--;
    if (partition.entries.length === 0) {
      this.partitions.delete(partition.name);
      this.scanOrder.splice(this.scanIndex(partition), 1);
    }
  }

  /** The entries of a range, forwards or backwards, from behind `after`. */
  *query(range: KeyRange, forward: boolean, after?: Position): Generator<Entry> {
    const entries = this.partitions.get(partitionName(range.hash))?.entries ?? [];
    let start = bound(entries, ({ order }) => range.side(order) < 0);
    let end = bound(entries, ({ order }) => range.side(order) <= 0);
    if (after && forward) start = Math.max(start, upperBound(entries, after.order));
    if (after && !forward) end = Math.min(end, lowerBound(entries, after.order));
    if (forward) for (let i = start; i < end; i++) yield entries[i];
    else for (let i = end - 1; i >= start; i--) yield entries[i];
  }

  /** Everything, or one of several segments, from behind `after`. */
  *scan(segment: { readonly index: number; readonly total: number } = { index: 0, total: 1 }, after?: Position): Generator<Entry> {
    const first = after ? { name: after.partition, hash: hashOf(after.partition) } : undefined;
    for (let i = first ? this.scanIndex(first) : 0; i < this.scanOrder.length; i++) {
      const { name, hash, entries } = this.scanOrder[i];
      if (segmentOf(hash, segment.total) !== segment.index) continue;
      for (let j = after?.partition === name ? upperBound(entries, after.order) : 0; j < entries.length; j++) yield entries[j];
    }
  }

  inSegment(position: Position, index: number, total: number): boolean {
    return segmentOf(hashOf(position.partition), total) === index;
  }

  private scanIndex(partition: Pick<Partition, 'name' | 'hash'>): number {
    return bound(this.scanOrder, ({ name, hash }) => hash < partition.hash || (hash === partition.hash && name < partition.name));
  }
}

const segmentOf = (hash: number, total: number): number => Math.floor(hash * total);

const hashOf = (partition: string): number => createHash('md5').update(partition, 'latin1').digest().readUIntBE(0, 6) / 2 ** 48;

/** Several attributes in one string, each with its length in front, so that ("a", "bc") isn't ("ab", "c"). */
export const partitionName = (hash: readonly string[]): string =>
  hash.length === 1 ? hash[0] : hash.map((order) => `${order.length}:${order}`).join('');

function orders(attributes: readonly KeyAttribute[], item: Item): readonly string[] | undefined {
  const values: string[] = [];
  for (const { name } of attributes) {
    const value = attribute(item, name);
    if (!value) return undefined;
    values.push(orderOf(value));
  }
  return values;
}

function compareOrders(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

const lowerBound = (entries: readonly Entry[], order: readonly string[]) =>
  bound(entries, (entry) => compareOrders(entry.order, order) < 0);
const upperBound = (entries: readonly Entry[], order: readonly string[]) =>
  bound(entries, (entry) => compareOrders(entry.order, order) <= 0);

/** The first element of an ordered list that isn't before. */
function bound<T>(elements: readonly T[], before: (element: T) => boolean): number {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(elements[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
