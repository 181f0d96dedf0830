import type { Clock } from '../../../../local/clock';
import { type AccessRequest, ApiError, type ApiRequest, type Cloud, type PolicyDocument } from '../../../../local/cloud-types';
import { createDynamoDb, type DynamoDbService } from '../../../../local/services/dynamodb';
import { callElsewhere, createElsewhere, ELSEWHERE, onlyHere } from '../elsewhere';

/** Other files than this one have other numbers. */
let worlds = 100_000_000_000 + (Date.now() % 800_000_000) * 1_000;

/** A cloud with nothing but DynamoDB, and with a clock that a test sets. Nothing is authorized here; what a call needs is looked at. */
export class World implements Cloud {
  readonly accountId = '123456789012';
  readonly region = 'eu-west-1';
  readonly partition = 'aws';
  readonly policies = new Map<string, PolicyDocument>();
  readonly #dynamoDb: DynamoDbService = createDynamoDb(this);
  time = Date.parse('2026-01-05T09:00:00Z');
  /** Several live side by side: there, each in an account of its own. */
  private readonly elsewhere = String(worlds++);
  private seed = 1;

  readonly clock: Clock = {
    now: () => this.time,
    sleepUntil: () => Promise.reject(new Error('DynamoDB waits for nothing')),
    busy: <T>(work: Promise<T> | (() => Promise<T>)) => (typeof work === 'function' ? work() : work),
  };

  get dynamoDb(): DynamoDbService {
    return ELSEWHERE ? onlyHere('what the service itself tells') : this.#dynamoDb;
  }

  random = (): number => {
    this.seed = (this.seed * 48271) % 2147483647;
    return this.seed / 2147483647;
  };

  async call({ operation, input, principal }: ApiRequest): Promise<unknown> {
    if (ELSEWHERE) return callElsewhere('dynamodb', operation, input, this.elsewhere);
    return this.#dynamoDb.operations[operation].run(input, principal);
  }

  emit(): void {}

  setResourcePolicy(resourceArn: string, policy: PolicyDocument): void {
    this.policies.set(resourceArn, policy);
  }

  // biome-ignore lint/suspicious/noExplicitAny: outputs of any operation
  async run(operation: string, input: object): Promise<any> {
    return this.call({ service: 'dynamodb', operation, input, principal: { kind: 'operator' } });
  }

  access(operation: string, input: object): readonly AccessRequest[] {
    if (ELSEWHERE) onlyHere('permissions');
    return this.#dynamoDb.operations[operation].access(input);
  }

  /** The error that a call ends in. */
  async refusal(operation: string, input: object): Promise<ApiError> {
    try {
      await this.run(operation, input);
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
    throw new Error(`${operation} was not refused`);
  }

  async message(operation: string, input: object): Promise<string> {
    const { code, message } = await this.refusal(operation, input);
    expect(code).toBe('ValidationException');
    return message;
  }

  /** As CloudFormation makes it. */
  async create(type: string, properties: Record<string, unknown>, logicalId = 'Ledger') {
    if (ELSEWHERE) return createElsewhere(type, { ...properties, TableName: properties.TableName ?? logicalId }, this.elsewhere);
    const make = this.#dynamoDb.resources?.[type];
    if (!make) throw new Error(`no ${type}`);
    return make.create({
      stackName: 'Stack',
      logicalId,
      type,
      properties,
      physicalName: () => `Stack-${logicalId}-1A2B3C`,
      asset: () => {
        throw new Error('a table has no asset');
      },
    });
  }
}

/** pk (S), sk (N); a global index on g (S) with keys only; a global index on g and h (N) with everything; a local index on l (S) with a. */
export const ORDERS = {
  TableName: 'Orders',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
    { AttributeName: 'g', AttributeType: 'S' },
    { AttributeName: 'h', AttributeType: 'N' },
    { AttributeName: 'l', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    { IndexName: 'by-g', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' } },
    {
      IndexName: 'by-g-h',
      KeySchema: [
        { AttributeName: 'g', KeyType: 'HASH' },
        { AttributeName: 'h', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'by-l',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'l', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] },
    },
  ],
};

/** id (S), nothing else. */
export const LOCKS = {
  TableName: 'Locks',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};

export async function worldWithTables(): Promise<World> {
  const world = new World();
  await world.create('AWS::DynamoDB::Table', ORDERS, 'Orders');
  await world.create('AWS::DynamoDB::Table', LOCKS, 'Locks');
  return world;
}

/** A stream of numbers in [0, 1), the same in each run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
