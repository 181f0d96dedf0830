import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

/** What a meter shows: a counter that only goes up. */
interface Reading {
  readonly meter: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly value: number;
}

/** The last reading of each meter. */
export interface Meters {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}

/** The reading itself is at fault: the same reading gives it again. */
class InvalidReading extends Error {
  override readonly name = 'InvalidReading';
}

/**
 * Records a reading and gives what was used since the one before. A reading that is already recorded gives the same again; one that is
 * older than the last, or lower, is refused, which is why the list has to be worked on in order.
 */
export async function recordReading(input: unknown, meters: Meters): Promise<{ consumption: number }> {
  const reading = readingOf(input);
  const last = await lastReading(reading.meter, meters);
  if (last?.at === reading.at && last.value === reading.value) return { consumption: last.consumption };
  if (last && reading.at <= last.at) throw new InvalidReading(`the reading of ${reading.at} is not later than the last, of ${last.at}`);
  if (last && reading.value < last.value) throw new InvalidReading(`the reading ${reading.value} is lower than the last, ${last.value}`);
  const consumption = last ? reading.value - last.value : 0;
  await meters.dynamodb.send(
    new UpdateItemCommand({
      TableName: meters.table,
      Key: { meter: { S: reading.meter } },
      UpdateExpression: 'SET #at = :at, #value = :value, consumption = :consumption, readings = if_not_exists(readings, :none) + :one',
      // Nobody else has recorded one in between.
      ConditionExpression: last ? '#at = :last' : 'attribute_not_exists(#at)',
      ExpressionAttributeNames: { '#at': 'at', '#value': 'value' },
      ExpressionAttributeValues: {
        ':at': { S: reading.at },
        ':value': { N: String(reading.value) },
        ':consumption': { N: String(consumption) },
        ':none': { N: '0' },
        ':one': { N: '1' },
        ...(last ? { ':last': { S: last.at } } : {}),
      },
    }),
  );
  return { consumption };
}

async function lastReading(meter: string, { dynamodb, table }: Meters): Promise<(Reading & { readonly consumption: number }) | undefined> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { meter: { S: meter } }, ConsistentRead: true }));
  if (!Item) return undefined;
  return { meter, at: Item.at.S ?? '', value: Number(Item.value.N), consumption: Number(Item.consumption.N) };
}

function readingOf(input: unknown): Reading {
  const { meter, at, value } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  if (typeof meter !== 'string' || !/^[A-Z0-9-]{1,32}$/.test(meter)) throw new InvalidReading('meter is no number of a meter');
  if (typeof at !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at))
    throw new InvalidReading('at is no instant, YYYY-MM-DDThh:mm:ssZ');
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new InvalidReading('value is no whole number from 0');
  return { meter, at, value };
}
