import { ConditionalCheckFailedException, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Attributes, fromAttributes, toAttributes, type Value } from './attributes';

export type Decision = 'APPROVED' | 'REJECTED';

/** What a person decided. */
export interface Verdict {
  readonly decision: Decision;
  /** When, ISO. */
  readonly at: string;
  readonly reason?: string;
}

/** What is known of a request when it is made. */
export interface NewRequest {
  readonly requestId: string;
  /** Whose link it is: `by` of the outcome. */
  readonly approver: string;
  readonly channel: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly step: string;
  readonly title: string;
  /** JSON text, so that the order of its fields is kept. */
  readonly summary: string;
  readonly summaryHash: string;
  readonly taskToken: string;
  readonly createdAt: string;
  /** ISO. At this moment it is too late. */
  readonly expiresAt: string;
  /** Epoch seconds. */
  readonly ttl: number;
}

/** A row of the table of requests. */
export interface ApprovalRequest extends NewRequest {
  readonly status: 'PENDING' | Decision | 'EXPIRED' | 'WITHDRAWN';
  /** Changes with everything that happens to the request. */
  readonly revision: number;
  readonly wrongCodes: number;
  readonly decidedAt?: string;
  readonly reason?: string;
  /** There while a decision has not reached Step Functions: key of the sparse index. */
  readonly unanswered?: string;
  readonly answeredAt?: string;
  /** When the answer was given up because nobody can tell any more whether it had arrived. */
  readonly unconfirmedAt?: string;
  /** What was decided when the workflow no longer waited. */
  readonly lateDecision?: Verdict;
}

/** What became of a write: done, or refused because the row was no longer as expected. With the row as it is now. */
export interface Written {
  readonly done: boolean;
  readonly row?: ApprovalRequest;
}

/** Value of the key of the sparse index. */
export const UNANSWERED = 'true';

/** The table of requests. Every write is conditional, so that of two writers exactly one gets its way. */
export class RequestTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly name: string,
  ) {}

  async read(requestId: string): Promise<ApprovalRequest | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.name, Key: toAttributes({ requestId }), ConsistentRead: true }),
    );
    return Item && toRequest(Item);
  }

  /**
   * Makes a request or, when the task that asks is retried, gives it the new token. One that was given up is open again: there is a
   * task that waits. Refused for a decided one.
   */
  open({ requestId, createdAt, ...fields }: NewRequest): Promise<Written> {
    const sets = Object.keys(fields).map((field) => `#${field} = :${field}`);
    return this.update(
      requestId,
      `SET #status = :pending, #createdAt = if_not_exists(#createdAt, :createdAt), #revision = if_not_exists(#revision, :zero) + :one, #wrongCodes = if_not_exists(#wrongCodes, :zero), ${sets.join(', ')}`,
      'attribute_not_exists(#requestId) OR #status IN (:pending, :expired, :withdrawn)',
      { ...fields, createdAt, pending: 'PENDING', expired: 'EXPIRED', withdrawn: 'WITHDRAWN', zero: 0, one: 1 },
    );
  }

  /** Gives a decided request the token of the task that waits now. The sweeper passes the decision on. */
  handOver({ requestId, status, revision }: ApprovalRequest, taskToken: string): Promise<Written> {
    return this.update(
      requestId,
      'SET #taskToken = :taskToken, #unanswered = :unanswered, #revision = #revision + :one REMOVE #answeredAt, #unconfirmedAt',
      '#status = :status AND #revision = :revision',
      { taskToken, unanswered: UNANSWERED, status, revision, one: 1 },
    );
  }

  /**
   * Counts a wrong code. Counting and deciding have the same condition: of any number of guesses made with one form only one has an
   * effect, and the others aren't told whether they were right.
   */
  countWrongCode({ requestId, revision }: ApprovalRequest): Promise<Written> {
    return this.update(
      requestId,
      'SET #wrongCodes = #wrongCodes + :one, #revision = #revision + :one',
      '#status = :pending AND #revision = :revision',
      { pending: 'PENDING', revision, one: 1 },
    );
  }

  /** Decides, once. */
  decide({ requestId, revision }: ApprovalRequest, { decision, at, reason }: Verdict): Promise<Written> {
    return this.update(
      requestId,
      `SET #status = :decision, #decidedAt = :at, #unanswered = :unanswered, #revision = #revision + :one${reason ? ', #reason = :reason' : ''}`,
      '#status = :pending AND #revision = :revision AND #expiresAt > :at',
      { decision, at, reason, unanswered: UNANSWERED, pending: 'PENDING', revision, one: 1 },
    );
  }

  /** Step Functions took the answer: that is the truth, whatever a second sender has made of being refused. */
  markAnswered({ requestId, taskToken }: ApprovalRequest, { decision, at, reason }: Verdict, now: string): Promise<Written> {
    return this.update(
      requestId,
      `SET #status = :decision, #decidedAt = :at, #answeredAt = :now${reason ? ', #reason = :reason' : ''} REMOVE #unanswered, #unconfirmedAt, #lateDecision`,
      '#taskToken = :taskToken',
      { decision, at, reason, now, taskToken },
    );
  }

  /** Corrects the record: the workflow did not wait for the decision any more. */
  markTooLate({ requestId, taskToken }: ApprovalRequest, verdict: Verdict, status: 'EXPIRED' | 'WITHDRAWN'): Promise<Written> {
    return this.update(
      requestId,
      'SET #status = :status, #lateDecision = :verdict, #revision = #revision + :one REMOVE #unanswered, #decidedAt, #reason',
      '#taskToken = :taskToken AND attribute_exists(#unanswered)',
      { status, verdict: { ...verdict }, taskToken, one: 1 },
    );
  }

  /** Gives up the answer, with the decision kept: it may have arrived. */
  markUnconfirmed({ requestId, taskToken }: ApprovalRequest, now: string): Promise<Written> {
    return this.update(
      requestId,
      'SET #unconfirmedAt = :now REMOVE #unanswered',
      '#taskToken = :taskToken AND attribute_exists(#unanswered)',
      { now, taskToken },
    );
  }

  private async update(
    requestId: string,
    update: string,
    condition: string,
    values: { readonly [name: string]: Value | undefined },
  ): Promise<Written> {
    // All names by placeholder: `status`, `ttl` and others are reserved words.
    const names = [...`${update} ${condition}`.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [placeholder, name]);
    const placed = Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
    try {
      const { Attributes: row } = await this.client.send(
        new UpdateItemCommand({
          TableName: this.name,
          Key: toAttributes({ requestId }),
          UpdateExpression: update,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(names),
          ExpressionAttributeValues: toAttributes(placed),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { done: true, row: row && toRequest(row) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { done: false, row: error.Item && toRequest(error.Item) };
    }
  }
}

/** The verdict of a decided row. */
export function verdictOf({ status, decidedAt, reason }: ApprovalRequest): Verdict | undefined {
  if ((status !== 'APPROVED' && status !== 'REJECTED') || decidedAt === undefined) return undefined;
  return { decision: status, at: decidedAt, reason };
}

export function toRequest(item: Attributes): ApprovalRequest {
  return fromAttributes(item) as unknown as ApprovalRequest;
}
