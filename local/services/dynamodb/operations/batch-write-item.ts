import type { Operation } from '../../../cloud-types';
import { asList, namedAttributes } from '../access';
import { typeOf } from '../attribute-value';
import { CapacityByTable, writeUnits } from '../capacity';
import {
  all,
  type Constraint,
  checkMembers,
  lengthWithin,
  listOf,
  required,
  returnConsumedCapacity,
  returnItemCollectionMetrics,
} from '../constraints';
import { validationError } from '../errors';
import { checkWriteKey, checkWriteKeyNotEmpty, commit, outcomeOf, readWrite, type Write } from '../item-write';
import { keyAttributes } from '../key-schema';
import type { DynamoDbContext } from '../service-context';
import type { Table } from '../table';
import { tableNames } from './batch-get-item';
import { itemCollectionMetrics } from './write-item';

const MAX_WRITES = 25;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
export function batchWriteItem({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) =>
      Object.entries<readonly WriteRequest[]>(input.RequestItems ?? {}).flatMap(([name, requests]) => {
        const subjects = asList<WriteRequest>(requests).map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key);
        return access.on('BatchWriteItem', name, {
          context: { 'dynamodb:leadingkeys': access.leadingKeys(name, subjects), 'dynamodb:attributes': namedAttributes({}, ...subjects) },
        });
      }),
    run(input) {
      checkMembers(input, {
        RequestItems: all(required, lengthWithin(1, Number.POSITIVE_INFINITY), tableNames, requestCounts),
        ReturnConsumedCapacity: returnConsumedCapacity,
        ReturnItemCollectionMetrics: returnItemCollectionMetrics,
      });
      const requests = Object.entries<readonly WriteRequest[]>(input.RequestItems);
      if (requests.reduce((count, [, own]) => count + own.length, 0) > MAX_WRITES) {
        throw validationError('Too many items requested for the BatchWriteItem call');
      }
      const writes = requests.flatMap(([name, own]) => listOf<WriteRequest>(own).map((request) => readRequest(name, request)));
      const bound = writes.map((write) => ({ write, table: tables.get(write.tableName) }));
      for (const { write, table } of bound) checkSchema(write, table);
      const positions = bound.map(({ write, table }) => JSON.stringify([table.name, table.items.position(write.subject)]));
      if (new Set(positions).size < positions.length) throw validationError('Provided list of item keys contains duplicates');
      const capacity = new CapacityByTable();
      const metrics: Record<string, unknown[]> = {};
      // All is checked before anything is written, then each write stands for itself.
      const outcomes = bound.map(({ write, table }) => ({ write, table, outcome: outcomeOf(write, table) }));
      for (const { write, table, outcome } of outcomes) {
        capacity.add(table, writeUnits(table, outcome));
        commit(outcome, table);
        const metric = itemCollectionMetrics(input.ReturnItemCollectionMetrics, table, write.subject);
        if (metric) metrics[table.name] = [...(metrics[table.name] ?? []), metric];
      }
      return {
        UnprocessedItems: {},
        ItemCollectionMetrics: input.ReturnItemCollectionMetrics === 'SIZE' ? metrics : undefined,
        ConsumedCapacity: capacity.consumed(input.ReturnConsumedCapacity),
      };
    },
  };
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item: unknown };
  readonly DeleteRequest?: { readonly Key: unknown };
}

function readRequest(tableName: string, { PutRequest, DeleteRequest }: WriteRequest): Write {
  if (!PutRequest === !DeleteRequest) {
    throw validationError('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
  }
  return readWrite(PutRequest ? 'Put' : 'Delete', { TableName: tableName, ...(PutRequest ?? DeleteRequest) });
}

/** A key that is missing or has a wrong type is reported here in the same words for puts and deletes. */
function checkSchema(write: Write, table: Table): void {
  const mismatch = keyAttributes(table.definition.schema).some(({ name, type }) => {
    const value = write.subject[name];
    return !value || typeOf(value) !== type;
  });
  if (mismatch) throw validationError('The provided key element does not match the schema');
  checkWriteKey(write, table);
  checkWriteKeyNotEmpty(write, table);
}

const requestCounts: Constraint = (value) =>
  Object.values(value as Record<string, readonly unknown[]>).every(({ length }) => length >= 1 && length <= MAX_WRITES)
    ? undefined
    : `Map value must satisfy constraint: [Member must have length less than or equal to ${MAX_WRITES}, Member must have length greater than or equal to 1]`;
