import { QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { fromAttributes, toAttributes } from './attributes';
import { type AuditEntry, type AuditRecord, CHAIN, chained } from './audit-record';
import type { DecisionTables } from './table';

/** The entry as the record that comes next. Another may take its place before it is written. */
export async function nextRecord({ dynamodb, auditTableName }: DecisionTables, entry: AuditEntry): Promise<AuditRecord> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: auditTableName,
      KeyConditionExpression: '#chain = :chain',
      ExpressionAttributeNames: { '#chain': 'chain' },
      ExpressionAttributeValues: toAttributes({ ':chain': CHAIN }),
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    }),
  );
  return chained(entry, Items[0] && (fromAttributes(Items[0]) as unknown as AuditRecord));
}

/** Writes a record in a transaction, never over another. */
export function append({ auditTableName }: DecisionTables, record: AuditRecord): TransactWriteItem {
  return {
    Put: {
      TableName: auditTableName,
      Item: toAttributes({ ...record }),
      ConditionExpression: 'attribute_not_exists(#sequence)',
      ExpressionAttributeNames: { '#sequence': 'sequence' },
    },
  };
}
