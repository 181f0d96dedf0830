import type { ApiCall } from '../cloud-types';
import type { Item } from '../services/dynamodb/attribute-value';
import { readUnits } from '../services/dynamodb/capacity';
import { itemSize } from '../services/dynamodb/size';

export interface RequestUnits {
  readonly read: number;
  readonly write: number;
}

const NONE: RequestUnits = { read: 0, write: 0 };

/**
 * Request units of a call, by the items that were sent and given back: an update that gives nothing back counts what it sent, and what
 * a filter took out counts nothing.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function unitsOf({ operation, input, output, error }: ApiCall): RequestUnits {
  if (error) return { read: 0, write: /^(ConditionalCheckFailed|TransactionCanceled)Exception$/.test(error.code) ? writes(input) : 0 };
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the API's
  const given = (output ?? {}) as any;
  switch (operation) {
    case 'GetItem':
      return read(sizeOf(given.Item), consistency(input));
    case 'Query':
    case 'Scan':
      return read(sizeOfAll(given.Items), consistency(input));
    case 'BatchGetItem':
      return sum(
        Object.entries(given.Responses ?? {}).flatMap(([table, items]) =>
          (items as Item[]).map((item) => read(sizeOf(item), consistency(input.RequestItems?.[table]))),
        ),
      );
    case 'TransactGetItems':
      return sum((given.Responses ?? []).map(({ Item }: { Item?: Item }) => read(sizeOf(Item), 'transactional')));
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return { read: 0, write: Math.max(writes(input), write(sizeOf(given.Attributes))) };
    case 'BatchWriteItem':
    case 'TransactWriteItems':
      return { read: 0, write: writes(input) };
    default:
      return NONE;
  }
}

function consistency(input: { ConsistentRead?: boolean } | undefined): 'strong' | 'eventual' {
  return input?.ConsistentRead === true ? 'strong' : 'eventual';
}

function read(bytes: number, kind: Parameters<typeof readUnits>[1]): RequestUnits {
  return { read: readUnits(bytes, kind), write: 0 };
}

/** What a request writes; each part of a transaction twice. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the API's
function writes(input: any): number {
  if (input.TransactItems) {
    return input.TransactItems.reduce(
      (units: number, item: Record<string, unknown>) => units + 2 * writes(Object.values(item)[0] ?? {}),
      0,
    );
  }
  if (input.RequestItems) {
    const requests = Object.values(input.RequestItems).flat() as { PutRequest?: object; DeleteRequest?: object }[];
    return requests.reduce((units, { PutRequest, DeleteRequest }) => units + writes(PutRequest ?? DeleteRequest ?? {}), 0);
  }
  return write(sizeOf(input.Item) + sizeOf(input.Key) + sizeOf(input.ExpressionAttributeValues));
}

function write(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

function sizeOf(item: Item | undefined): number {
  return item ? itemSize(item) : 0;
}

function sizeOfAll(items: readonly Item[] | undefined): number {
  return (items ?? []).reduce((bytes, item) => bytes + sizeOf(item), 0);
}

function sum(units: readonly RequestUnits[]): RequestUnits {
  return units.reduce((total, { read, write }) => ({ read: total.read + read, write: total.write + write }), NONE);
}
