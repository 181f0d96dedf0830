import type { Operation } from '../../../cloud-types';
import { namedAttributes } from '../access';
import { cloneItem, type Item, parseItem } from '../attribute-value';
import { consumedCapacity, readUnits } from '../capacity';
import { checkMembers, required, returnConsumedCapacity, tableName } from '../constraints';
import { project } from '../document-path';
import { readExpressions } from '../expressions';
import { checkKey, checkNotEmpty } from '../key-schema';
import type { DynamoDbContext } from '../service-context';
import { itemSize } from '../size';
import { checkScalarKeys } from '../table-definition';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html. Both kinds of read see the last write. */
export function getItem({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) =>
      access.on('GetItem', input.TableName, {
        context: {
          'dynamodb:leadingkeys': access.leadingKeys(input.TableName, [input.Key]),
          'dynamodb:attributes': input.ProjectionExpression ? namedAttributes(input, input.Key) : undefined,
          'dynamodb:select': input.ProjectionExpression ? 'SPECIFIC_ATTRIBUTES' : 'ALL_ATTRIBUTES',
          'dynamodb:returnconsumedcapacity': input.ReturnConsumedCapacity,
        },
      }),
    run(input) {
      checkMembers(input, { ReturnConsumedCapacity: returnConsumedCapacity, TableName: tableName, Key: required });
      const key = parseItem(input.Key);
      const { projection } = readExpressions(input);
      const table = tables.get(input.TableName);
      checkKey(table.definition.schema, key);
      checkNotEmpty(table.definition.schema, key);
      checkScalarKeys(table.definition, projection ?? []);
      const item = table.get(key);
      const units = readUnits(item ? itemSize(item) : 0, input.ConsistentRead ? 'strong' : 'eventual');
      return {
        Item: item && view(item, projection),
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table, { table: units, indexes: {} }),
      };
    },
  };
}

/** A copy for the caller, whole or in part. */
export const view = (item: Item, projection: Parameters<typeof project>[1] | undefined): Item =>
  cloneItem(projection ? project(item, projection) : item);
