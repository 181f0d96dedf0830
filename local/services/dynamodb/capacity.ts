import type { Item } from './attribute-value';
import type { Outcome } from './item-write';
import { itemSize } from './size';
import type { Table } from './table';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
const READ_UNIT = 4096;
const WRITE_UNIT = 1024;

/** Units of the table itself and of each index. */
export interface Units {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

/** Reading nothing costs as much as reading a little. Eventually consistent reads cost half, transactional ones double. */
export function readUnits(bytes: number, consistency: 'eventual' | 'strong' | 'transactional'): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT)) * { eventual: 0.5, strong: 1, transactional: 2 }[consistency];
}

/** The larger of the item before and after; and for each index that changes, what is taken out and what is put in. */
export function writeUnits(table: Table, { before, after }: Outcome, factor = 1): Units {
  const indexes: Record<string, number> = {};
  for (const index of table.indexes) {
    const [from, to] = [before && index.collection.position(before), after && index.collection.position(after)];
    const [old, fresh] = [before && from && index.project(before), after && to && index.project(after)];
    const moved = from && to && JSON.stringify(from) !== JSON.stringify(to);
    const units = moved
      ? unitsOf(old) + unitsOf(fresh)
      : JSON.stringify(old) === JSON.stringify(fresh)
        ? 0
        : Math.max(unitsOf(old), unitsOf(fresh));
    if (units > 0) indexes[index.definition.name] = units * factor;
  }
  return { table: Math.max(1, unitsOf(before), unitsOf(after)) * factor, indexes };
}

export const addUnits = (a: Units, b: Units): Units => ({
  table: a.table + b.table,
  indexes: Object.fromEntries(
    [...new Set([...Object.keys(a.indexes), ...Object.keys(b.indexes)])].map((name) => [
      name,
      (a.indexes[name] ?? 0) + (b.indexes[name] ?? 0),
    ]),
  ),
});

/** The `ConsumedCapacity` member, as far as `ReturnConsumedCapacity` asks for it. */
export function consumedCapacity(mode: string | undefined, table: Table, units: Units) {
  if (mode !== 'TOTAL' && mode !== 'INDEXES') return undefined;
  const total = units.table + Object.values(units.indexes).reduce((sum, own) => sum + own, 0);
  return {
    TableName: table.name,
    CapacityUnits: total,
    ...(mode === 'INDEXES' && {
      Table: { CapacityUnits: units.table },
      ...indexCapacity(table, 'local', 'LocalSecondaryIndexes', units),
      ...indexCapacity(table, 'global', 'GlobalSecondaryIndexes', units),
    }),
  };
}

/** One for each table, of several reads or writes. */
export class CapacityByTable {
  private readonly units = new Map<Table, Units>();

  add(table: Table, units: Units): void {
    this.units.set(table, addUnits(this.units.get(table) ?? { table: 0, indexes: {} }, units));
  }

  /** Transactions say again of which kind their units are. */
  consumed(mode: string | undefined, kind?: 'ReadCapacityUnits' | 'WriteCapacityUnits') {
    if (mode !== 'TOTAL' && mode !== 'INDEXES') return undefined;
    return [...this.units].map(([table, units]) => {
      const consumed = consumedCapacity(mode, table, units);
      if (!consumed || !kind) return consumed;
      return {
        ...consumed,
        [kind]: consumed.CapacityUnits,
        ...(mode === 'INDEXES' && { Table: { CapacityUnits: units.table, [kind]: units.table } }),
      };
    });
  }
}

function indexCapacity(table: Table, kind: 'local' | 'global', member: string, { indexes }: Units) {
  const own = Object.entries(indexes).filter(([name]) =>
    table.definition.indexes.some((index) => index.name === name && index.kind === kind),
  );
  return own.length > 0 ? { [member]: Object.fromEntries(own.map(([name, units]) => [name, { CapacityUnits: units }])) } : {};
}

const unitsOf = (item: Item | undefined): number => (item ? Math.max(1, Math.ceil(itemSize(item) / WRITE_UNIT)) : 0);
