import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  type Update,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { toAttributes, type Value } from './attributes';
import { type ApprovalRequest, toRequest } from './request';

/** The table of requests. */
export interface RequestTable {
  readonly dynamodb: DynamoDBClient;
  readonly tableName: string;
}

/** With the table of the audit: what it takes to decide. */
export interface DecisionTables extends RequestTable {
  readonly auditTableName: string;
}

/** What became of a write: done, or refused because the row was no longer as expected. With the row as it is now. */
export interface Written {
  readonly done: boolean;
  readonly row?: ApprovalRequest;
}

export async function readRequest({ dynamodb, tableName }: RequestTable, requestId: string): Promise<ApprovalRequest | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: tableName, Key: toAttributes({ requestId }), ConsistentRead: true }),
  );
  return Item && toRequest(Item);
}

/** A write on a condition. The expressions name attributes as `#name` and values as `:name`. */
export async function updateRequest(
  table: RequestTable,
  requestId: string,
  update: string,
  condition: string,
  values: { readonly [name: string]: Value | undefined },
): Promise<Written> {
  const write = updateOf(table, requestId, update, condition, values);
  try {
    const { Attributes } = await table.dynamodb.send(new UpdateItemCommand({ ...write, ReturnValues: 'ALL_NEW' }));
    return { done: true, row: Attributes && toRequest(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { done: false, row: error.Item && toRequest(error.Item) };
  }
}

/** The same write, to be sent alone or in a transaction. */
export function updateOf(
  { tableName }: RequestTable,
  requestId: string,
  update: string,
  condition: string,
  values: { readonly [name: string]: Value | undefined },
): Update {
  // All names by placeholder: `status`, `ttl` and others are reserved words.
  const names = [...`${update} ${condition}`.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [placeholder, name]);
  const placed = Object.entries(values).map(([name, value]) => [`:${name}`, value]);
  return {
    TableName: tableName,
    Key: toAttributes({ requestId }),
    UpdateExpression: update,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries(names),
    ExpressionAttributeValues: toAttributes(Object.fromEntries(placed)),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}
