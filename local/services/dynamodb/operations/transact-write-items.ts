import { type AccessRequest, ApiError, type Operation } from '../../../cloud-types';
import { asList, namedAttributes } from '../access';
import { CapacityByTable, readUnits, writeUnits } from '../capacity';
import { all, checkMembers, lengthWithin, listOf, required, returnConsumedCapacity, returnItemCollectionMetrics } from '../constraints';
import { validationError } from '../errors';
import {
  checkWriteKey,
  checkWriteKeyNotEmpty,
  commit,
  type Outcome,
  outcomeOf,
  readWrite,
  type Write,
  type WriteAction,
  writeConstraints,
} from '../item-write';
import { keyAttributes } from '../key-schema';
import type { DynamoDbContext } from '../service-context';
import { itemSize } from '../size';
import type { Table } from '../table';
import { type CancellationReason, cancelled, reasonOf } from './transaction';
import { itemCollectionMetrics } from './write-item';

const MAX_ACTIONS = 100;
const MAX_SIZE = 4 * 1024 * 1024;
/** "The idempotency token is valid for 10 minutes after the request that uses it finishes." */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;

const ACTIONS: readonly WriteAction[] = ['Put', 'Update', 'Delete', 'ConditionCheck'];

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export function transactWriteItems({ tables, access, cloud }: DynamoDbContext): Operation {
  const done = new Map<string, { readonly request: string; readonly until: number; readonly bound: readonly BoundWrite[] }>();
  return {
    // Per item, by the actions of the single operations: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    access: (input): readonly AccessRequest[] =>
      asList<TransactItem>(input.TransactItems).flatMap((item) =>
        ACTIONS.flatMap((action) => {
          const own = item?.[action];
          const subject = own?.Key ?? own?.Item;
          return own
            ? access.on(`${action}Item`, own.TableName, {
                context: {
                  'dynamodb:leadingkeys': access.leadingKeys(own.TableName, [subject]),
                  'dynamodb:attributes': namedAttributes(own, subject),
                  'dynamodb:enclosingoperation': 'TransactWriteItems',
                  'dynamodb:returnconsumedcapacity': input.ReturnConsumedCapacity,
                },
              })
            : [];
        }),
      ),
    run(input) {
      checkMembers(input, {
        TransactItems: all(required, lengthWithin(1, MAX_ACTIONS)),
        ClientRequestToken: lengthWithin(1, 36),
        ReturnConsumedCapacity: returnConsumedCapacity,
        ReturnItemCollectionMetrics: returnItemCollectionMetrics,
      });
      const now = cloud.clock.now();
      const request = JSON.stringify(input.TransactItems);
      for (const [token, { until }] of done) if (until < now) done.delete(token);
      const earlier = done.get(input.ClientRequestToken);
      if (earlier && earlier.request !== request) {
        throw new ApiError(
          'IdempotentParameterMismatchException',
          'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.',
        );
      }
      if (earlier) return { ConsumedCapacity: replayCapacity(earlier.bound).consumed(input.ReturnConsumedCapacity, 'ReadCapacityUnits') };

      const writes = listOf<TransactItem>(input.TransactItems).map(readAction);
      const bound = writes.map((write) => ({ write, table: tables.get(write.tableName) }));
      for (const { write, table } of bound) checkWriteKeyNotEmpty(write, table);
      checkDistinct(bound);
      const attempts = bound.map(({ write, table }) => attempt(write, table));
      if (attempts.some(({ reason }) => reason)) throw cancelled(attempts.map(({ reason }) => reason));
      const outcomes = bound.map(({ write, table }, i) => ({ write, table, outcome: attempts[i].outcome ?? {} }));
      checkSize(outcomes.map(({ outcome }) => outcome));

      const capacity = new CapacityByTable();
      const metrics: Record<string, unknown[]> = {};
      for (const { write, table, outcome } of outcomes) {
        capacity.add(table, writeUnits(table, outcome, 2));
        if (write.action !== 'ConditionCheck') commit(outcome, table);
        const metric = itemCollectionMetrics(input.ReturnItemCollectionMetrics, table, write.subject);
        if (metric) metrics[table.name] = [...(metrics[table.name] ?? []), metric];
      }
      if (input.ClientRequestToken) done.set(input.ClientRequestToken, { request, until: now + TOKEN_LIFETIME_MS, bound });
      return {
        ConsumedCapacity: capacity.consumed(input.ReturnConsumedCapacity, 'WriteCapacityUnits'),
        ItemCollectionMetrics: input.ReturnItemCollectionMetrics === 'SIZE' ? metrics : undefined,
      };
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: Put, Update, Delete and ConditionCheck, not yet checked
type TransactItem = Partial<Record<WriteAction, any>>;

interface BoundWrite {
  readonly write: Write;
  readonly table: Table;
}

/** A repeated token writes nothing; its items are read. */
function replayCapacity(bound: readonly BoundWrite[]): CapacityByTable {
  const capacity = new CapacityByTable();
  for (const { write, table } of bound) {
    const item = table.get(write.subject);
    capacity.add(table, { table: readUnits(item ? itemSize(item) : 0, 'transactional'), indexes: {} });
  }
  return capacity;
}

function readAction(item: TransactItem, index: number): Write {
  const actions = ACTIONS.filter((action) => item?.[action] !== undefined && item[action] !== null);
  if (actions.length !== 1) throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
  const [action] = actions;
  checkMembers(
    item[action],
    { ...writeConstraints(action), ...(action === 'Update' && { UpdateExpression: required }) },
    `transactItems.${index + 1}.member.${action[0].toLowerCase()}${action.slice(1)}.`,
  );
  return readWrite(action, item[action]);
}

/** Keys that don't match the schema are not compared: they are cancellation reasons, later. */
function checkDistinct(bound: readonly BoundWrite[]): void {
  const targets = bound.flatMap(({ write, table }) =>
    keyAttributes(table.definition.schema).every(({ name, type }) => write.subject[name] && type in write.subject[name])
      ? [JSON.stringify([table.name, table.items.position(write.subject)])]
      : [],
  );
  if (new Set(targets).size < targets.length) {
    throw validationError('Transaction request cannot include multiple operations on one item');
  }
}

function attempt(write: Write, table: Table): { readonly outcome?: Outcome; readonly reason?: CancellationReason } {
  try {
    checkWriteKey(write, table);
    return { outcome: outcomeOf(write, table) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function checkSize(outcomes: readonly Outcome[]): void {
  const size = outcomes.reduce((sum, { before, after }) => sum + Math.max(before ? itemSize(before) : 0, after ? itemSize(after) : 0), 0);
  if (size > MAX_SIZE) throw validationError('The aggregate size of the items in the transaction cannot exceed 4 MB');
}
