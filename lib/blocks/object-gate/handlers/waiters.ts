import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { Waiter } from './waiter';

/** The table of those who wait: one row for each task. */
export interface WaiterTable {
  readonly dynamodb: DynamoDBClient;
  readonly tableName: string;
}

type Attributes = Record<string, AttributeValue>;

/** How long a row may outlive its task, should no sweep have come by. */
const KEPT_SECONDS = 24 * 60 * 60;

export async function register({ dynamodb, tableName }: WaiterTable, waiter: Waiter): Promise<void> {
  const { bucket, waiterId, match, ...texts } = waiter;
  const Item: Attributes = {
    bucket: { S: bucket },
    waiterId: { S: waiterId },
    match: { S: JSON.stringify(match) },
    ttl: { N: String(Math.ceil(Date.parse(waiter.expiresAt) / 1000) + KEPT_SECONDS) },
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { S: value }])),
  };
  await dynamodb.send(new PutItemCommand({ TableName: tableName, Item }));
}

export async function forget({ dynamodb, tableName }: WaiterTable, { bucket, waiterId }: Waiter): Promise<void> {
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { bucket: { S: bucket }, waiterId: { S: waiterId } } }));
}

/** Who waits for something in this bucket. Consistent: who was recorded before the object came is among them. */
export async function* waitersOf({ dynamodb, tableName }: WaiterTable, bucket: string): AsyncGenerator<Waiter[]> {
  let ExclusiveStartKey: Attributes | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: '#bucket = :bucket',
        ExpressionAttributeNames: { '#bucket': 'bucket' },
        ExpressionAttributeValues: { ':bucket': { S: bucket } },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    yield Items.map(toWaiter);
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Everybody who waits. */
export async function* allWaiters({ dynamodb, tableName }: WaiterTable): AsyncGenerator<Waiter[]> {
  let ExclusiveStartKey: Attributes | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(new ScanCommand({ TableName: tableName, ExclusiveStartKey }));
    yield Items.map(toWaiter);
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

function toWaiter(item: Attributes): Waiter {
  const texts = Object.fromEntries(Object.entries(item).map(([name, { S }]) => [name, S]));
  return { ...texts, match: JSON.parse(texts.match ?? '{}') } as unknown as Waiter;
}
