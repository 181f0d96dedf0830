import { isDeepStrictEqual } from 'node:util';
import type { OperatedCloud } from './operated-cloud';

export type Item = Readonly<Record<string, unknown>>;

/** A deployed DynamoDB table. Items are plain values: sets are arrays when read and `Set`s when written, binary is Uint8Array. */
export class LocalTable {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly name: string,
    private readonly read: () => readonly Item[],
  ) {}

  /** All items, in the order of a scan. */
  items(): readonly Item[] {
    return this.read();
  }

  /** The item with these attributes, usually its key; undefined without one. @throws if there are more than one */
  item(key: Item): Item | undefined {
    const found = this.read().filter((item) => Object.entries(key).every(([name, value]) => isDeepStrictEqual(item[name], value)));
    if (found.length > 1) throw new Error(`${found.length} items of ${this.name} have ${JSON.stringify(key)}: give the whole key`);
    return found[0];
  }

  /** Writes an item, in place of the one with its key. Attributes that are undefined are left out. */
  async put(item: Item): Promise<void> {
    await this.cloud.operate('dynamodb', 'PutItem', { TableName: this.name, Item: attributes(item) });
  }
}

function attributes(item: Item): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, attribute(value)]),
  );
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html */
function attribute(value: unknown): unknown {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { N: String(value) };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (value instanceof Set) return set([...value]);
  if (typeof value === 'object') return { M: attributes(value as Item) };
  throw new TypeError(`a ${typeof value} can't be stored in a table: ${String(value)}`);
}

function set(members: readonly unknown[]): unknown {
  if (members.every((member) => typeof member === 'string')) return { SS: members };
  if (members.every((member) => typeof member === 'number')) return { NS: members.map(String) };
  if (members.every((member) => member instanceof Uint8Array)) return { BS: members };
  throw new TypeError('a set can only be stored in a table if all its members are texts, numbers, or bytes');
}
