import { type Item, parseItem, typeOf } from '../attribute-value';
import { readUnits, type Units } from '../capacity';
import type { Collection, Position } from '../collection';
import { fulfils, pathsOf } from '../condition';
import type { DocumentPath } from '../document-path';
import { invalidParameterValues, validationError } from '../errors';
import type { Expressions } from '../expressions';
import { checkKey, keyAttributes } from '../key-schema';
import { itemSize } from '../size';
import type { Index, Table } from '../table';
import { checkScalarKeys } from '../table-definition';
import { view } from './get-item';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html */
const PAGE_SIZE = 1024 * 1024;

/** Where Query and Scan read: a table or one of its indexes. */
export class Source {
  readonly collection: Collection;

  constructor(
    readonly table: Table,
    readonly index: Index | undefined,
    private readonly wholeItems: boolean,
  ) {
    this.collection = index ? index.collection : table.items;
  }

  /** An index gives what it projects; a local one fetches the rest from the table where it is asked to. */
  read(item: Item): Item {
    return this.index && !this.wholeItems ? this.index.project(item) : item;
  }

  /** `LastEvaluatedKey`: the table's key, and the index's. */
  keyOf(item: Item): Item {
    return Object.fromEntries(this.keyNames().map((name) => [name, item[name]]));
  }

  /** Checks an `ExclusiveStartKey` by its form; the item needn't exist any more. */
  startPosition(input: unknown): Position | undefined {
    if (input === undefined || input === null) return undefined;
    const key = parseItem(input);
    const names = this.keyNames();
    const mismatch = 'The provided starting key is invalid';
    if (Object.keys(key).length !== names.length || names.some((name) => !Object.hasOwn(key, name))) {
      throw validationError(this.index ? mismatch : `${mismatch}: The provided key element does not match the schema`);
    }
    for (const { name, type } of this.index ? keyAttributes(this.index.definition.schema) : []) {
      if (typeOf(key[name]) !== type) throw validationError(mismatch);
    }
    try {
      checkKey(this.table.definition.schema, this.table.keyOf(key));
    } catch (error) {
      throw validationError(`${mismatch}: ${(error as Error).message}`);
    }
    return this.collection.position(key);
  }

  private keyNames(): readonly string[] {
    const schemas = [this.table.definition.schema, ...(this.index ? [this.index.definition.schema] : [])];
    return [...new Set(schemas.flatMap(keyAttributes).map(({ name }) => name))];
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the input of Query or Scan
export function openSource(table: Table, input: any, { projection }: Expressions): Source {
  checkScalarKeys(table.definition, projection ?? []);
  const index = input.IndexName === undefined || input.IndexName === null ? undefined : table.index(input.IndexName);
  if (!index) return new Source(table, undefined, true);
  const { name, kind, projection: projected } = index.definition;
  const missing = (projection ?? []).map(([head]) => String(head)).filter((attributeName) => !index.holds(attributeName));
  if (kind === 'global') {
    if (input.ConsistentRead) throw validationError('Consistent reads are not supported on global secondary indexes');
    if (input.Select === 'ALL_ATTRIBUTES' && projected.type !== 'ALL') {
      throw invalidParameterValues(
        `Select type ALL_ATTRIBUTES is not supported for global secondary index ${name} because its projection type is not ALL`,
      );
    }
    if (missing.length > 0) throw invalidParameterValues(`Global secondary index ${name} does not project [${missing.join(', ')}]`);
  }
  return new Source(table, index, kind === 'local' && (input.Select === 'ALL_ATTRIBUTES' || missing.length > 0));
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#DDB-Query-request-Select */
export function checkSelect(select: string | undefined, projection: readonly DocumentPath[] | undefined, indexName: unknown): void {
  if (projection && select && select !== 'SPECIFIC_ATTRIBUTES') {
    throw validationError(`Cannot specify the ProjectionExpression when choosing to get ${select === 'COUNT' ? 'only the Count' : select}`);
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !indexName) {
    throw validationError('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && !projection) {
    throw validationError('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  }
}

/**
 * Reads until `Limit` items or 1 MB are evaluated, before the filter; and then gives a `LastEvaluatedKey` even if nothing follows.
 */
// biome-ignore lint/suspicious/noExplicitAny: the input of Query or Scan
export function readPage(source: Source, entries: Iterable<{ readonly item: Item }>, input: any, { filter, projection }: Expressions) {
  checkScalarKeys(source.table.definition, filter ? pathsOf(filter) : []);
  const items: Item[] = [];
  let evaluated = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const entry of entries) {
    const item = source.read(entry.item);
    evaluated++;
    bytes += itemSize(item);
    if (!filter || fulfils(item, filter)) items.push(item);
    if (evaluated === input.Limit || bytes >= PAGE_SIZE) {
      last = entry.item;
      break;
    }
  }
  return {
    output: {
      Items: input.Select === 'COUNT' ? undefined : items.map((item) => view(item, projection)),
      Count: items.length,
      ScannedCount: evaluated,
      LastEvaluatedKey: last && view(source.keyOf(last), undefined),
    },
    units: unitsOf(source, bytes, input.ConsistentRead),
  };
}

function unitsOf({ index }: Source, bytes: number, consistent: boolean | undefined): Units {
  const units = readUnits(bytes, consistent ? 'strong' : 'eventual');
  return index ? { table: 0, indexes: { [index.definition.name]: units } } : { table: units, indexes: {} };
}
