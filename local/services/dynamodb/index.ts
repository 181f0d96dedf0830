import type { Cloud, Service } from '../../cloud-types';
import { unmarshallItem } from './attribute-value';
import { batchGetItem } from './operations/batch-get-item';
import { batchWriteItem } from './operations/batch-write-item';
import { getItem } from './operations/get-item';
import { query } from './operations/query';
import { scan } from './operations/scan';
import { createTable, deleteTable, describeTable, describeTimeToLive, listTables, updateTimeToLive } from './operations/tables';
import { transactGetItems } from './operations/transact-get-items';
import { transactWriteItems } from './operations/transact-write-items';
import { writeItem } from './operations/write-item';
import { DynamoDbContext } from './service-context';
import type { Stream } from './stream';
import { createDynamoDbStreams } from './streams-api';
import { globalTableResource, tableResource } from './table-resource';

export interface DynamoDbService extends Service {
  /**
   * What is in a table, for tests and scenarios: plain JavaScript values, sets as arrays, numbers as strings where a JavaScript number
   * would lose digits. In the order of a scan.
   */
  items(tableNameOrArn: string): readonly Record<string, unknown>[];
  stream(streamArn: string): Stream | undefined;
  /** The API of streams, which has a client of its own. */
  readonly streams: Service;
}

/**
 * DynamoDB in memory. Unlike AWS's, every read sees the last write, indexes included; no request is throttled; and no two transactions
 * conflict, for each operation is one step. Refused as not emulated: PartiQL, backups, the parameters from before expressions. Not checked: the limit of 300 operators in an expression, and the charges for clauses by which some regions make
 * an UpdateItem's 400 KB a little smaller.
 */
export function createDynamoDb(cloud: Cloud): DynamoDbService {
  const context = new DynamoDbContext(cloud);
  return {
    name: 'dynamodb',
    operations: {
      GetItem: getItem(context),
      PutItem: writeItem('Put', context),
      UpdateItem: writeItem('Update', context),
      DeleteItem: writeItem('Delete', context),
      Query: query(context),
      Scan: scan(context),
      BatchGetItem: batchGetItem(context),
      BatchWriteItem: batchWriteItem(context),
      TransactGetItems: transactGetItems(context),
      TransactWriteItems: transactWriteItems(context),
      DescribeTable: describeTable(context),
      ListTables: listTables(context),
      CreateTable: createTable(context),
      DeleteTable: deleteTable(context),
      DescribeTimeToLive: describeTimeToLive(context),
      UpdateTimeToLive: updateTimeToLive(context),
    },
    resources: {
      'AWS::DynamoDB::Table': tableResource(context),
      'AWS::DynamoDB::GlobalTable': globalTableResource(context),
    },
    stream: (streamArn) => context.tables.streams.get(streamArn),
    streams: createDynamoDbStreams(context),
    items: (tableNameOrArn) => [...context.tables.describe(tableNameOrArn).items.scan()].map(({ item }) => unmarshallItem(item)),
  };
}
