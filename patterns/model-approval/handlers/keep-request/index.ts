import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { environment } from '../../../../lib/core/handlers/environment';

/** What a gate tells a channel, as far as the desk needs it. */
interface ApprovalMessage {
  readonly requestId: string;
  readonly approver: string;
  readonly title: string;
  readonly summary: { readonly [label: string]: unknown };
  readonly summaryHash: string;
  readonly expiresAt: string;
}

const dynamodb = new DynamoDBClient({});
const TableName = environment('TABLE_NAME');

/**
 * Keeps what a reviewer is asked about, for the desk to show. The message has a link and a code as well, which together decide without a
 * sign-in: they are not kept. Told again, by a retry or a reminder, it is the same item.
 */
export async function handler({ requestId, approver, title, summary, summaryHash, expiresAt }: ApprovalMessage): Promise<void> {
  const texts = { requestId, approver, title, summary: JSON.stringify(summary), summaryHash, expiresAt };
  const Item = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { S: text }]));
  const ttl = { N: String(Math.ceil(Date.parse(expiresAt) / 1000)) };
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...Item, ttl } }));
}
