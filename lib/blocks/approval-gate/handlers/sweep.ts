import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { type AnswerServices, answer } from './answer';
import type { Attributes } from './attributes';
import { Log } from './log';
import { type ApprovalRequest, toRequest, UNANSWERED } from './request';
import type { RequestTable } from './table';

/** Whoever decided has this long to answer before the sweeper does. */
const GRACE_MS = 60_000;
const AT_ONCE = 10;

/** Decisions could not be passed on. They are tried again by the next sweep. */
export class SweepIncomplete extends Error {
  override readonly name = 'SweepIncomplete';
}

/** Answers what was decided and, because something broke in between, not answered. */
export async function sweep(services: AnswerServices): Promise<void> {
  const log = new Log();
  let found = 0;
  let failed = 0;
  for await (const rows of unanswered(services.table)) {
    found += rows.length;
    const results = await Promise.all(rows.map((row) => answered(services, row)));
    failed += results.filter((done) => !done).length;
  }
  log.info('swept', { found, failed });
  if (failed > 0) throw new SweepIncomplete(`${failed} of ${found} decisions could not be passed on to Step Functions`);
}

async function answered(services: AnswerServices, row: ApprovalRequest): Promise<boolean> {
  const log = new Log({ requestId: row.requestId });
  try {
    await answer(services, row, 'again', log);
    return true;
  } catch (error) {
    log.error('not answered', error);
    return false;
  }
}

/** The rows to answer, a few at a time, so that Step Functions is not flooded after a failure. */
async function* unanswered({ dynamodb, tableName }: RequestTable): AsyncGenerator<ApprovalRequest[]> {
  const before = new Date(Date.now() - GRACE_MS).toISOString();
  let ExclusiveStartKey: Attributes | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'unanswered',
        KeyConditionExpression: '#unanswered = :unanswered AND #decidedAt < :before',
        ExpressionAttributeNames: { '#unanswered': 'unanswered', '#decidedAt': 'decidedAt' },
        ExpressionAttributeValues: { ':unanswered': { S: UNANSWERED }, ':before': { S: before } },
        ExclusiveStartKey,
      }),
    );
    for (let index = 0; index < Items.length; index += AT_ONCE) yield Items.slice(index, index + AT_ONCE).map(toRequest);
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
