import type { AccessRequest, Operation } from '../../../cloud-types';
import { asList, namedAttributes } from '../access';
import { type Item, parseItem } from '../attribute-value';
import { CapacityByTable, readUnits } from '../capacity';
import { all, checkMembers, lengthWithin, listOf, required, returnConsumedCapacity, tableName } from '../constraints';
import { readExpressions } from '../expressions';
import { checkKey, checkNotEmpty } from '../key-schema';
import type { DynamoDbContext } from '../service-context';
import { itemSize } from '../size';
import type { Table } from '../table';
import { view } from './get-item';
import { type CancellationReason, cancelled, reasonOf } from './transaction';

const MAX_GETS = 100;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html */
export function transactGetItems({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input): readonly AccessRequest[] =>
      asList<TransactGet | null>(input.TransactItems).flatMap((item) => {
        const Get = item?.Get;
        return access.on('GetItem', Get?.TableName, {
          context: {
            'dynamodb:leadingkeys': access.leadingKeys(Get?.TableName, [Get?.Key]),
            'dynamodb:attributes': Get?.ProjectionExpression ? namedAttributes(Get, Get.Key) : undefined,
            'dynamodb:enclosingoperation': 'TransactGetItems',
            'dynamodb:returnconsumedcapacity': input.ReturnConsumedCapacity,
          },
        });
      }),
    run(input) {
      checkMembers(input, {
        TransactItems: all(required, lengthWithin(1, MAX_GETS)),
        ReturnConsumedCapacity: returnConsumedCapacity,
      });
      const gets = listOf<TransactGet>(input.TransactItems).map(({ Get }, index) => {
        checkMembers(Get ?? {}, { TableName: tableName, Key: required }, `transactItems.${index + 1}.member.get.`);
        return { name: String(Get?.TableName), key: parseItem(Get?.Key), projection: readExpressions({ ...Get }).projection };
      });
      const reads = gets.map((get) => ({ ...get, table: tables.get(get.name) }));
      for (const { table, key } of reads) checkNotEmpty(table.definition.schema, key);
      const reasons = reads.map(({ table, key }) => mismatch(table, key));
      if (reasons.some((reason) => reason)) throw cancelled(reasons);
      const capacity = new CapacityByTable();
      const responses = reads.map(({ table, key, projection }) => {
        const item = table.get(key);
        capacity.add(table, { table: readUnits(item ? itemSize(item) : 0, 'transactional'), indexes: {} });
        const shown = item && view(item, projection);
        // Unlike GetItem, nothing is shown of an item that has none of the projected attributes.
        return shown && Object.keys(shown).length > 0 ? { Item: shown } : {};
      });
      return { Responses: responses, ConsumedCapacity: capacity.consumed(input.ReturnConsumedCapacity, 'ReadCapacityUnits') };
    },
  };
}

interface TransactGet {
  readonly Get?: { readonly TableName?: unknown; readonly Key?: unknown; readonly ProjectionExpression?: string };
}

function mismatch(table: Table, key: Item): CancellationReason | undefined {
  try {
    checkKey(table.definition.schema, key);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
