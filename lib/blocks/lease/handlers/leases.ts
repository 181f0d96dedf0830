import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

/** The table of leases. */
export interface LeaseTable {
  readonly dynamodb: DynamoDBClient;
  readonly tableName: string;
}

/** A row of it. Without a holder it only keeps the fencing token. */
export interface LeaseRow {
  readonly slot: number;
  readonly holder?: string;
  /** ARN of the holder's run. */
  readonly execution?: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

/** A lease that is taken. */
export interface Taken {
  readonly slot: number;
  readonly fencingToken: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface Claim {
  readonly key: string;
  readonly holder: string;
  readonly execution: string;
  readonly leaseSeconds: number;
  readonly keepSeconds: number;
}

/** All that is held of a key. */
export async function readLeases({ dynamodb: client, tableName: TableName }: LeaseTable, key: string): Promise<LeaseRow[]> {
  const rows: LeaseRow[] = [];
  const query = {
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: '#key = :key',
    ExpressionAttributeNames: { '#key': 'key' },
    ExpressionAttributeValues: { ':key': { S: key } },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) rows.push(...Items.map(toRow));
  return rows;
}

/** What a run holds. The index may be a moment late. */
export async function leasesOf(
  { dynamodb: client, tableName: TableName }: LeaseTable,
  execution: string,
): Promise<{ readonly key: string; readonly slot: number; readonly holder: string }[]> {
  const found: { key: string; slot: number; holder: string }[] = [];
  const query = {
    TableName,
    IndexName: 'execution',
    KeyConditionExpression: '#execution = :execution',
    ExpressionAttributeNames: { '#execution': 'execution' },
    ExpressionAttributeValues: { ':execution': { S: execution } },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    found.push(...Items.map(({ key, slot, holder }) => ({ key: key.S as string, slot: Number(slot.N), holder: holder.S as string })));
  }
  return found;
}

/**
 * Takes a slot if nobody holds it, or if its lease has expired.
 * @param instead holder who may be taken over from, expired or not
 */
export async function take(table: LeaseTable, claim: Claim, slot: number, instead = claim.holder): Promise<Taken | undefined> {
  const now = Date.now();
  const expiresAt = now + claim.leaseSeconds * 1000;
  const attributes = await update(table, claim.key, slot, {
    ConditionExpression: 'attribute_not_exists(#holder) OR #holder = :instead OR #expiresAt <= :now',
    UpdateExpression:
      'SET #holder = :holder, #execution = :execution, #expiresAt = :expiresAt, #fence = if_not_exists(#fence, :now) + :one, #ttl = :ttl',
    ExpressionAttributeValues: {
      ':holder': { S: claim.holder },
      ':instead': { S: instead },
      ':execution': { S: claim.execution },
      ':now': { N: String(now) },
      ':expiresAt': { N: String(expiresAt) },
      ':ttl': { N: String(Math.floor(now / 1000) + claim.leaseSeconds + claim.keepSeconds) },
      ':one': { N: '1' },
    },
  });
  return attributes && { slot, fencingToken: Number(attributes.fence.N), expiresAt };
}

/** Gives a slot back, unless another holds it by now. */
export async function giveBack(table: LeaseTable, key: string, slot: number, holder: string): Promise<boolean> {
  const attributes = await update(table, key, slot, {
    ConditionExpression: '#holder = :holder',
    UpdateExpression: 'REMOVE #holder, #execution, #expiresAt',
    ExpressionAttributeValues: { ':holder': { S: holder } },
  });
  return attributes !== undefined;
}

interface Update {
  readonly ConditionExpression: string;
  readonly UpdateExpression: string;
  readonly ExpressionAttributeValues: Record<string, AttributeValue>;
}

/** @returns the row as it is then; nothing when the condition does not hold */
async function update(
  { dynamodb, tableName }: LeaseTable,
  key: string,
  slot: number,
  change: Update,
): Promise<Record<string, AttributeValue> | undefined> {
  const placeholders = `${change.ConditionExpression} ${change.UpdateExpression}`.matchAll(/#(\w+)/g);
  try {
    const { Attributes } = await dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { key: { S: key }, slot: { N: String(slot) } },
        ExpressionAttributeNames: Object.fromEntries([...placeholders].map(([placeholder, name]) => [placeholder, name])),
        ReturnValues: 'ALL_NEW',
        ...change,
      }),
    );
    return Attributes ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

function toRow({ slot, holder, execution, expiresAt }: Record<string, AttributeValue>): LeaseRow {
  return { slot: Number(slot.N), holder: holder?.S, execution: execution?.S, expiresAt: expiresAt && Number(expiresAt.N) };
}
