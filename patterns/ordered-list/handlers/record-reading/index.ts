import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { recordReading } from '../record-reading';

const table = process.env.TABLE_NAME;
if (!table) throw new Error('the environment variable TABLE_NAME is missing');
const meters = { dynamodb: new DynamoDBClient({ maxAttempts: 3 }), table };

/** Called for one reading after the other. */
export function handler(reading: unknown): Promise<{ consumption: number }> {
  return recordReading(reading, meters);
}
