import type { Operation } from '../../../cloud-types';
import { namedAttributes } from '../access';
import { cloneItem, type Item } from '../attribute-value';
import { consumedCapacity, writeUnits } from '../capacity';
import { checkMembers, returnConsumedCapacity, returnItemCollectionMetrics, returnValues } from '../constraints';
import { project } from '../document-path';
import { enveloped, validationError } from '../errors';
import {
  checkWriteKey,
  checkWriteKeyNotEmpty,
  commit,
  type Outcome,
  outcomeOf,
  readWrite,
  type Write,
  writeConstraints,
} from '../item-write';
import type { DynamoDbContext } from '../service-context';
import type { Table } from '../table';

/** PutItem, UpdateItem and DeleteItem. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html */
export function writeItem(action: 'Put' | 'Update' | 'Delete', { tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) =>
      access.on(`${action}Item`, input.TableName, {
        context: {
          'dynamodb:leadingkeys': access.leadingKeys(input.TableName, [input.Key ?? input.Item]),
          'dynamodb:attributes': namedAttributes(input, input.Key ?? input.Item),
          'dynamodb:returnvalues': input.ReturnValues,
          'dynamodb:returnconsumedcapacity': input.ReturnConsumedCapacity,
        },
      }),
    run(input) {
      const { TableName, ...others } = writeConstraints(action);
      checkMembers(input, {
        ReturnConsumedCapacity: returnConsumedCapacity,
        TableName,
        ReturnItemCollectionMetrics: returnItemCollectionMetrics,
        ReturnValues: returnValues,
        ...others,
      });
      const write = enveloped(() => {
        if (action !== 'Update' && !['NONE', 'ALL_OLD'].includes(input.ReturnValues ?? 'NONE')) {
          throw validationError('ReturnValues can only be ALL_OLD or NONE');
        }
        return readWrite(action, input);
      });
      const table = tables.get(input.TableName);
      checkWriteKey(write, table);
      checkWriteKeyNotEmpty(write, table);
      const outcome = outcomeOf(write, table);
      const units = writeUnits(table, outcome);
      commit(outcome, table);
      return {
        Attributes: returned(input.ReturnValues, write, outcome),
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table, units),
        ItemCollectionMetrics: itemCollectionMetrics(input.ReturnItemCollectionMetrics, table, write.subject),
      };
    },
  };
}

function returned(mode: string | undefined, { expressions }: Write, { before, after }: Outcome): Item | undefined {
  const item = mode === 'ALL_OLD' || mode === 'UPDATED_OLD' ? before : mode === 'ALL_NEW' || mode === 'UPDATED_NEW' ? after : undefined;
  if (!item) return undefined;
  if (mode === 'ALL_OLD' || mode === 'ALL_NEW') return cloneItem(item);
  const updated = project(
    item,
    (expressions.update ?? []).map(({ path }) => path),
  );
  return Object.keys(updated).length > 0 ? cloneItem(updated) : undefined;
}

/** Only tables with a local secondary index have item collections. The estimate is in whole GB, and a local one is below the first. */
export function itemCollectionMetrics(mode: string | undefined, table: Table, item: Item) {
  if (mode !== 'SIZE' || !table.definition.indexes.some(({ kind }) => kind === 'local')) return undefined;
  const [{ name }] = table.definition.schema.hash;
  return { ItemCollectionKey: cloneItem({ [name]: item[name] }), SizeEstimateRangeGB: [0, 1] };
}
