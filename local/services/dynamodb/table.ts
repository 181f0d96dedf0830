import { attribute, type Item } from './attribute-value';
import { Collection } from './collection';
import { validationError } from './errors';
import { keyAttributes, keyOf } from './key-schema';
import type { Stream } from './stream';
import type { IndexDefinition, TableDefinition } from './table-definition';

export interface TableIdentity {
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
}

/**
 * How long an expired item stays. AWS only says "within a few days of their expiration", earlier "typically within two days", and that
 * until then it shows up in reads, queries and scans; so here it does for the whole 48 hours, which is what a workflow must expect.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
 */
const TIME_TO_LIVE_DELAY_MS = 48 * 3600 * 1000;
/** What expired longer ago than this when it was written is never deleted: "must not be more than five years in the past". */
const TIME_TO_LIVE_HORIZON_MS = 5 * 365 * 24 * 3600 * 1000;

/** A secondary index. Always up to date, where AWS's global indexes follow with a delay. */
export class Index {
  readonly collection: Collection;
  private readonly projected: ReadonlySet<string> | undefined;

  constructor(
    readonly definition: IndexDefinition,
    table: TableDefinition,
  ) {
    this.collection = new Collection(definition.schema, table.schema);
    const keys = [...keyAttributes(definition.schema), ...keyAttributes(table.schema)].map(({ name }) => name);
    this.projected = definition.projection.type === 'ALL' ? undefined : new Set([...keys, ...definition.projection.attributes]);
  }

  holds(attributeName: string): boolean {
    return !this.projected || this.projected.has(attributeName);
  }

  project(item: Item): Item {
    return this.projected ? Object.fromEntries(Object.entries(item).filter(([name]) => this.holds(name))) : item;
  }
}

export class Table {
  readonly indexes: readonly Index[];
  private readonly collection: Collection;
  private timeToLiveAttribute: string | undefined;
  /** No item is due before this. */
  private nextSweep = Number.POSITIVE_INFINITY;

  constructor(
    readonly definition: TableDefinition,
    readonly identity: TableIdentity,
    private readonly now: () => number,
    readonly stream?: Stream,
    /** Told when the next item is due, where somebody waits to see it go: a reader of the stream. */
    private readonly wake: (at: number) => void = () => {},
  ) {
    this.collection = new Collection(definition.schema);
    this.indexes = definition.indexes.map((index) => new Index(index, definition));
    this.timeToLiveAttribute = definition.timeToLive;
  }

  get name(): string {
    return this.definition.name;
  }

  get timeToLive(): string | undefined {
    return this.timeToLiveAttribute;
  }

  set timeToLive(attributeName: string | undefined) {
    this.timeToLiveAttribute = attributeName;
    this.scheduleSweep();
  }

  get items(): Collection {
    this.sweep();
    return this.collection;
  }

  index(name: string): Index {
    this.sweep();
    const index = this.indexes.find(({ definition }) => definition.name === name);
    if (!index) throw validationError(`The table does not have the specified index: ${name}`);
    return index;
  }

  get(key: Item): Item | undefined {
    const position = this.items.position(key);
    return position && this.collection.get(position);
  }

  put(item: Item): void {
    const previous = this.get(item);
    if (previous) for (const { collection } of this.indexes) collection.delete(previous);
    this.collection.put(item);
    for (const { collection } of this.indexes) collection.put(item);
    this.stream?.append({ keys: this.keyOf(item), before: previous, after: item });
    this.expectSweep(this.dueAt(item));
  }

  delete(key: Item): void {
    const previous = this.get(key);
    if (previous) this.remove(previous, false);
  }

  keyOf(item: Item): Item {
    return keyOf(this.definition.schema, item);
  }

  /** Deletes what is due. Reads do it by themselves. */
  sweep(): void {
    const now = this.now();
    if (now < this.nextSweep) return;
    this.nextSweep = Number.POSITIVE_INFINITY;
    const due = [...this.collection.scan()].filter(({ item }) => this.dueAt(item) <= now);
    for (const { item } of due) this.remove(item, true);
    this.scheduleSweep();
  }

  private remove(item: Item, expired: boolean): void {
    for (const { collection } of this.indexes) collection.delete(item);
    this.collection.delete(item);
    this.stream?.append({ keys: this.keyOf(item), before: item, expired });
  }

  private scheduleSweep(): void {
    this.nextSweep = Number.POSITIVE_INFINITY;
    for (const { item } of this.collection.scan()) this.expectSweep(this.dueAt(item));
  }

  private expectSweep(at: number): void {
    if (at >= this.nextSweep) return;
    this.nextSweep = at;
    if (this.stream) this.wake(at);
  }

  /** Seconds since the epoch, as a number; anything else never expires. */
  private dueAt(item: Item): number {
    const expiry = this.timeToLiveAttribute === undefined ? undefined : attribute(item, this.timeToLiveAttribute);
    if (!expiry || !('N' in expiry)) return Number.POSITIVE_INFINITY;
    const at = Math.floor(Number(expiry.N)) * 1000;
    return at < this.now() - TIME_TO_LIVE_HORIZON_MS ? Number.POSITIVE_INFINITY : at + TIME_TO_LIVE_DELAY_MS;
  }
}
