import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;
type Names = Record<string, string>;

export const AUDIT_TABLE = 'audit';

/**
 * The gate's tables in memory. They honour the conditions and updates that the gate writes, and refuse, as DynamoDB does, a placeholder
 * that is not given or not used.
 */
export class FakeTable {
  readonly items = new Map<string, Item>();
  /** By sequence. */
  readonly audit = new Map<string, Item>();
  readonly calls: string[] = [];
  /** Called before a command has its effect; throws to make it fail. */
  before: (command: string, input: object) => void = () => {};
  /** Called after a command had its effect; throws to lose its response. */
  after: (command: string, input: object) => void = () => {};
  pageSize = 100;

  readonly client = { send: (command: unknown) => this.send(command) } as unknown as DynamoDBClient;

  private async send(command: unknown): Promise<object> {
    const name = (command as object).constructor.name;
    const input = (command as { input: object }).input;
    this.calls.push(name);
    // Another's command may have its effect between this one's call and its effect.
    await Promise.resolve();
    this.before(name, input);
    const result = this.run(command);
    this.after(name, input);
    return result;
  }

  private run(command: unknown): object {
    if (command instanceof GetItemCommand) return this.get(command.input);
    if (command instanceof UpdateItemCommand) return this.update(command.input);
    if (command instanceof QueryCommand)
      return command.input.TableName === AUDIT_TABLE ? this.last(command.input) : this.query(command.input);
    if (command instanceof TransactWriteItemsCommand) return this.transact(command.input);
    throw new Error('a command that the gate has no permission for');
  }

  private get({ Key, ConsistentRead }: GetItemCommandInput): object {
    if (ConsistentRead !== true) throw new Error('a decision needs a consistent read');
    const item = this.items.get(Key?.requestId.S ?? '');
    return { Item: item && structuredClone(item) };
  }

  private update(input: UpdateItemCommandInput): object {
    const item = this.updated(input);
    this.items.set(item.requestId.S ?? '', item);
    return { Attributes: structuredClone(item) };
  }

  /** The item after the update. @throws if it is not to be updated */
  private updated(input: Omit<UpdateItemCommandInput, 'ReturnValues'>): Item {
    const id = input.Key?.requestId.S ?? '';
    const old = this.items.get(id);
    const scope = { item: old ?? {}, names: input.ExpressionAttributeNames ?? {}, values: input.ExpressionAttributeValues ?? {} };
    assertPlaceholders(`${input.UpdateExpression} ${input.ConditionExpression}`, scope.names, scope.values);
    check(input.ConditionExpression, scope, old);
    const item = { ...(old ?? { requestId: { S: id } }) };
    const [, set = '', remove = ''] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(input.UpdateExpression ?? '') ?? [];
    for (const assignment of split(set)) {
      const [path, value] = assignment.split(' = ');
      item[scope.names[path]] = evaluate(value, scope);
    }
    for (const path of split(remove)) delete item[scope.names[path]];
    return item;
  }

  private transact({ TransactItems = [] }: TransactWriteItemsCommandInput): object {
    const writes: (() => void)[] = [];
    const reasons = TransactItems.map(({ Update, Put }) => {
      try {
        if (Update) {
          const item = this.updated(Update);
          writes.push(() => this.items.set(item.requestId.S ?? '', item));
        } else if (Put?.TableName === AUDIT_TABLE) {
          const { sequence } = Put.Item ?? {};
          const old = this.audit.get(sequence.N ?? '');
          assertPlaceholders(Put.ConditionExpression ?? '', Put.ExpressionAttributeNames ?? {}, Put.ExpressionAttributeValues ?? {});
          check(Put.ConditionExpression, { item: old ?? {}, names: Put.ExpressionAttributeNames ?? {}, values: {} });
          writes.push(() => this.audit.set(sequence.N ?? '', Put.Item ?? {}));
        } else throw new Error('a write that the gate has no permission for');
        return { Code: 'None' };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return { Code: 'ConditionalCheckFailed', Item: error.Item };
      }
    });
    if (writes.length < TransactItems.length)
      throw new TransactionCanceledException({ message: 'Transaction cancelled', $metadata: {}, CancellationReasons: reasons });
    for (const write of writes) write();
    return {};
  }

  /** The newest record of the audit. */
  private last(input: QueryCommandInput): object {
    if (
      input.KeyConditionExpression !== '#chain = :chain' ||
      input.ScanIndexForward !== false ||
      input.Limit !== 1 ||
      !input.ConsistentRead
    )
      throw new Error('not the query that the fake runs');
    const newest = [...this.audit.values()].sort((a, b) => Number(b.sequence.N) - Number(a.sequence.N)).slice(0, 1);
    return { Items: structuredClone(newest) };
  }

  private query(input: QueryCommandInput): object {
    if (input.IndexName !== 'unanswered') throw new Error('no such index');
    if (input.KeyConditionExpression !== '#unanswered = :unanswered AND #decidedAt < :before')
      throw new Error('not the query that the fake runs');
    assertPlaceholders(input.KeyConditionExpression, input.ExpressionAttributeNames ?? {}, input.ExpressionAttributeValues ?? {});
    const before = input.ExpressionAttributeValues?.[':before'].S ?? '';
    const key = input.ExpressionAttributeValues?.[':unanswered'].S;
    const all = [...this.items.values()]
      .filter((item) => item.unanswered?.S === key && item.decidedAt !== undefined && (item.decidedAt.S ?? '') < before)
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    const start = input.ExclusiveStartKey;
    const rest = start ? all.filter((item) => sortKey(item) > sortKey(start)) : all;
    const page = rest.slice(0, this.pageSize);
    const { requestId, decidedAt } = page.at(-1) ?? {};
    return { Items: structuredClone(page), LastEvaluatedKey: page.length < rest.length ? { requestId, decidedAt } : undefined };
  }

  /** A row in plain values. */
  row(requestId: string): Record<string, unknown> {
    const item = this.items.get(requestId);
    if (!item) throw new Error(`no row ${requestId}`);
    return plain(item);
  }

  /** The audit in plain values, in its order. */
  records(): Record<string, unknown>[] {
    return [...this.audit.values()].map(plain).sort((a, b) => Number(a.sequence) - Number(b.sequence));
  }
}

function check(condition: string | undefined, scope: Scope, item?: Item): void {
  if (holds(condition ?? '', scope)) return;
  const Item = item && structuredClone(item);
  throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {}, Item });
}

function sortKey({ decidedAt, requestId }: Item): string {
  return `${decidedAt.S} ${requestId.S}`;
}

interface Scope {
  readonly item: Item;
  readonly names: Names;
  readonly values: Item;
}

function holds(condition: string, scope: Scope): boolean {
  if (condition.includes(' OR ')) return condition.split(' OR ').some((part) => holds(part, scope));
  if (condition.includes(' AND ')) return condition.split(' AND ').every((part) => holds(part, scope));
  const [, negated, path] = /^attribute_(not_)?exists\((#\w+)\)$/.exec(condition) ?? [];
  if (path) return (scope.item[scope.names[path]] !== undefined) !== (negated !== undefined);
  const [, left, list] = /^(#\w+) IN \((.*)\)$/.exec(condition) ?? [];
  if (left) return split(list).some((value) => compare(left, '=', value, scope));
  const [, a, operator, b] = /^(\S+) (=|>|<) (\S+)$/.exec(condition) ?? [];
  if (!a) throw new Error(`the fake does not know the condition ${condition}`);
  return compare(a, operator, b, scope);
}

function compare(left: string, operator: string, right: string, scope: Scope): boolean {
  const [a, b] = [scope.item[scope.names[left]], scope.values[right]].map((value) => value?.S ?? Number(value?.N));
  if (typeof a !== typeof b) return false;
  if (operator === '=') return a === b;
  return operator === '>' ? a > b : a < b;
}

function evaluate(expression: string, scope: Scope): AttributeValue {
  const [left, right] = split(expression, ' + ');
  if (right) return { N: String(Number(evaluate(left, scope).N) + Number(evaluate(right, scope).N)) };
  const [, path, otherwise] = /^if_not_exists\((#\w+), (\S+)\)$/.exec(expression) ?? [];
  if (path) return scope.item[scope.names[path]] ?? evaluate(otherwise, scope);
  const value = expression.startsWith(':') ? scope.values[expression] : scope.item[scope.names[expression]];
  if (value === undefined) throw new Error(`ValidationException: ${expression} has no value`);
  return value;
}

/** At separators that are not inside parentheses. */
function split(list: string, separator = ', '): string[] {
  const parts: string[] = [];
  for (const part of list === '' ? [] : list.split(separator)) {
    const last = parts.at(-1);
    const open = last?.includes('(') && !last.includes(')');
    if (open) parts[parts.length - 1] = `${last}${separator}${part}`;
    else parts.push(part);
  }
  return parts;
}

function assertPlaceholders(expressions: string, names: Names, values: Item): void {
  const used = [...expressions.matchAll(/[#:]\w+/g)].map(([placeholder]) => placeholder).sort();
  const given = [...Object.keys(names), ...Object.keys(values)].sort();
  if (JSON.stringify([...new Set(used)]) !== JSON.stringify(given)) {
    throw new Error(`ValidationException: placeholders used ${used}, given ${given}`);
  }
}

function plain(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, { S, N, M }]) => [name, S ?? (M ? plain(M) : Number(N))]));
}
