import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PublishCommand, type SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import { type LinkKey, signedLink } from './link';
import { fromCents } from './money';
import type { ReportState, ReportSummary } from './report-state';

export interface DeliveryServices extends LinkKey {
  readonly dynamodb: DynamoDBClient;
  readonly tableName: string;
  readonly sns: SNSClient;
  readonly topicArn: string;
  readonly apiUrl: string;
}

export interface Delivery {
  readonly status: 'SENT' | 'SENT_BEFORE';
  /** ISO. */
  readonly at: string;
  readonly linkExpiresAt?: string;
}

/** Nobody can tell whether an earlier attempt reached the recipients. A person looks, and removes the row or lets it be. */
export class DeliveryUnclear extends Error {
  override readonly name = 'DeliveryUnclear';
}

const LINK_DAYS = 7;
const ATTEMPTS = 4;

/**
 * Sends a report once. The intention is written down first: a crash after it leaves a delivery that nobody repeats by himself, since two
 * reports of one month are worse here than a question.
 */
export async function deliverReport(services: DeliveryServices, state: ReportState): Promise<Delivery> {
  const { period, rerun, join } = state;
  if (!join) throw new Error('the state has no report');
  const report = rerun === undefined ? period : `${period}#${rerun}`;
  const now = new Date(Date.now());
  const expiresAt = new Date(now.getTime() + LINK_DAYS * 86_400_000);
  // Before the intention: what fails here leaves nothing that is unclear.
  const link = await signedLink(services, { key: join.output.key, expiresAt: expiresAt.getTime() });
  const before = await intend(services, report, now);
  if (before) return before;
  try {
    await send(services, subjectOf(state), mailOf(state, join.output, `${services.apiUrl}/${link}`, expiresAt));
  } catch (error) {
    // Refused, and not just unanswered: nothing was sent.
    if (isRefusal(error)) await take(services, report);
    throw error;
  }
  await services.dynamodb.send(
    new UpdateItemCommand({
      TableName: services.tableName,
      Key: { report: { S: report } },
      UpdateExpression: 'SET #status = :sent',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':sent': { S: 'SENT' } },
    }),
  );
  return { status: 'SENT', at: now.toISOString(), linkExpiresAt: expiresAt.toISOString() };
}

/** @returns the earlier delivery, if there is one */
async function intend({ dynamodb, tableName }: DeliveryServices, report: string, now: Date): Promise<Delivery | undefined> {
  try {
    await dynamodb.send(
      new PutItemCommand({
        TableName: tableName,
        Item: { report: { S: report }, status: { S: 'SENDING' }, at: { S: now.toISOString() } },
        ConditionExpression: 'attribute_not_exists(report)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const { status, at } = error.Item ?? {};
    if (status?.S === 'SENT') return { status: 'SENT_BEFORE', at: at?.S ?? '' };
    throw new DeliveryUnclear(`the report ${report} was being sent at ${at?.S}, and nobody knows whether it was`);
  }
}

async function take({ dynamodb, tableName }: DeliveryServices, report: string): Promise<void> {
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { report: { S: report } } }));
}

/** What SNS refused with 4xx it has not done; of anything else nobody knows. */
function isRefusal(error: unknown): boolean {
  return error instanceof SNSServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
}

async function send({ sns, topicArn }: DeliveryServices, Subject: string, Message: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sns.send(new PublishCommand({ TopicArn: topicArn, Subject, Message }));
      return;
    } catch (error) {
      const throttled = /Throttl/.test((error as Error).name) && isRefusal(error);
      if (!throttled || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
    }
  }
}

/** ASCII, of less than 100 characters, as SNS wants it: of period and name only. */
function subjectOf({ period, rerun }: ReportState): string {
  return `Trips of ${period}${rerun === undefined ? '' : `, corrected: ${rerun}`}`;
}

function mailOf({ period }: ReportState, summary: ReportSummary, url: string, expiresAt: Date): string {
  const { booked, invoiced, currency, differences, late, rejected } = summary;
  return `The report of ${period} is ready.

Booked:      ${fromCents(booked)} ${currency}
Invoiced:    ${fromCents(invoiced)} ${currency}
Differences: ${differences === 0 ? 'none' : `in ${differences} cost centre${differences === 1 ? '' : 's'}`}
Told late:   ${late}
Not counted: ${rejected}

${url}

The link is good until ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. Whoever has it can read the report.
`;
}
