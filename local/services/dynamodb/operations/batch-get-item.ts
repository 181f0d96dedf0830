import type { Operation } from '../../../cloud-types';
import { asList, namedAttributes } from '../access';
import { type Item, parseItem } from '../attribute-value';
import { CapacityByTable, readUnits } from '../capacity';
import { all, type Constraint, checkMembers, lengthWithin, listOf, required, returnConsumedCapacity } from '../constraints';
import { validationError } from '../errors';
import { readExpressions } from '../expressions';
import { checkKey, checkNotEmpty } from '../key-schema';
import type { DynamoDbContext } from '../service-context';
import { itemSize } from '../size';
import { view } from './get-item';

const MAX_KEYS = 100;
const MAX_RESPONSE_SIZE = 16 * 1024 * 1024;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html. Items come in the order of their keys, which AWS doesn't promise. */
export function batchGetItem({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) =>
      Object.entries<BatchRequest>(input.RequestItems ?? {}).flatMap(([name, request]) =>
        access.on('BatchGetItem', name, {
          context: {
            'dynamodb:leadingkeys': access.leadingKeys(name, asList(request?.Keys)),
            'dynamodb:attributes': request?.ProjectionExpression ? namedAttributes(request, ...asList(request.Keys)) : undefined,
            'dynamodb:select': request?.ProjectionExpression ? 'SPECIFIC_ATTRIBUTES' : 'ALL_ATTRIBUTES',
          },
        }),
      ),
    run(input) {
      checkMembers(input, {
        RequestItems: all(required, lengthWithin(1, Number.POSITIVE_INFINITY), tableNames),
        ReturnConsumedCapacity: returnConsumedCapacity,
      });
      const requests = Object.entries<BatchRequest>(input.RequestItems).map(([name, request]) => readRequest(name, request));
      if (requests.reduce((count, { keys }) => count + keys.length, 0) > MAX_KEYS) {
        throw validationError('Too many items requested for the BatchGetItem call');
      }
      const reads = requests.map((request) => ({ ...request, table: tables.get(request.name) }));
      for (const { keys, table } of reads) {
        for (const key of keys) {
          checkKey(table.definition.schema, key);
          checkNotEmpty(table.definition.schema, key);
        }
        const positions = keys.map((key) => JSON.stringify(table.items.position(key)));
        if (new Set(positions).size < positions.length) throw validationError('Provided list of item keys contains duplicates');
      }
      const responses: Record<string, Item[]> = {};
      const unprocessed: Record<string, unknown> = {};
      const capacity = new CapacityByTable();
      let size = 0;
      for (const { name, request, keys, table, projection } of reads) {
        responses[name] = [];
        const left: Item[] = [];
        for (const key of keys) {
          const item = table.get(key);
          const bytes = item ? itemSize(item) : 0;
          if (size + bytes > MAX_RESPONSE_SIZE) {
            left.push(key);
            continue;
          }
          size += bytes;
          if (item) responses[name].push(view(item, projection));
          capacity.add(table, { table: readUnits(bytes, request.ConsistentRead ? 'strong' : 'eventual'), indexes: {} });
        }
        if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
      }
      return { Responses: responses, UnprocessedKeys: unprocessed, ConsumedCapacity: capacity.consumed(input.ReturnConsumedCapacity) };
    },
  };
}

interface BatchRequest {
  readonly Keys?: readonly unknown[];
  readonly ConsistentRead?: boolean;
  readonly ProjectionExpression?: string;
}

function readRequest(name: string, request: BatchRequest) {
  const place = `Value at 'RequestItems.${name}.member.Keys' failed to satisfy constraint`;
  const count = request.Keys?.length ?? 0;
  if (count < 1) throw validationError(`1 validation error detected: ${place}: Member must have length greater than or equal to 1`);
  if (count > MAX_KEYS)
    throw validationError(`1 validation error detected: ${place}: Member must have length less than or equal to ${MAX_KEYS}`);
  const { projection } = readExpressions(request as Record<string, unknown>);
  return { name, request, projection, keys: listOf(request.Keys).map((key) => parseItem(key)) };
}

/** A malformed name is reported with the whole map. */
export const tableNames: Constraint = (value) =>
  Object.keys(value as object).every((name) => name.startsWith('arn:') || /^[a-zA-Z0-9_.-]{3,255}$/.test(name))
    ? undefined
    : 'Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]';
