import type { AccessRequest } from '../../cloud-types';
import { attribute, base64, type Item, parseItem } from './attribute-value';
import { tokenize } from './expression-lexer';
import type { Tables } from './tables';

/**
 * What calls need, by the Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 * The condition keys: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html#FGAC_DDB.ConditionKeys
 *
 * It is asked before the request is checked, so nothing here may throw; without a table name there is nothing to ask.
 *
 * Not here: a table with a customer-managed key, where DynamoDB calls KMS on the caller's behalf (`kms:ViaService`), needs kms:Decrypt and more
 * of the caller. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export class AccessRequests {
  constructor(private readonly tables: Tables) {}

  /** One action on a table, or on one of its indexes. */
  on(
    action: string,
    tableName: unknown,
    options: { readonly indexName?: unknown; readonly context?: Context } = {},
  ): readonly AccessRequest[] {
    if (typeof tableName !== 'string') return [];
    const index = typeof options.indexName === 'string' ? `/index/${options.indexName}` : '';
    const context = Object.fromEntries(Object.entries(options.context ?? {}).filter(([, value]) => value !== undefined)) as Record<
      string,
      string | readonly string[]
    >;
    return [{ action: `dynamodb:${action}`, resource: `${this.tables.arn(tableName)}${index}`, context }];
  }

  /** The partition keys of these items or keys, as `dynamodb:LeadingKeys` has them. */
  leadingKeys(tableName: unknown, items: readonly unknown[]): readonly string[] | undefined {
    const hash = this.tables.find(tableName)?.definition.schema.hash[0];
    if (!hash) return undefined;
    return items.flatMap((item) => {
      const value = attribute(quietly(() => parseItem(item)) ?? {}, hash.name);
      if (!value) return [];
      if ('B' in value) return [base64(value.B)];
      return 'S' in value ? [value.S] : 'N' in value ? [value.N] : [];
    });
  }
}

export type Context = Readonly<Record<string, string | readonly string[] | undefined>>;

const KEYWORDS = new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN', 'SET', 'REMOVE', 'ADD', 'DELETE']);

/** The top-level attributes that a request names: of its items and keys, and in its expressions. */
// biome-ignore lint/suspicious/noExplicitAny: the input of any operation on items
export function namedAttributes(input: any, ...items: readonly unknown[]): readonly string[] {
  const expressions = ['UpdateExpression', 'ConditionExpression', 'KeyConditionExpression', 'FilterExpression', 'ProjectionExpression'];
  const named = expressions.flatMap((parameter) =>
    typeof input?.[parameter] === 'string' ? heads(input[parameter], input.ExpressionAttributeNames ?? {}) : [],
  );
  return [...new Set([...items.flatMap((item) => Object.keys((item as Item) ?? {})), ...named])];
}

function heads(expression: string, names: Readonly<Record<string, string>>): readonly string[] {
  const tokens = tokenize(expression);
  return tokens.flatMap(({ kind, text }, i) => {
    if (tokens[i - 1]?.text === '.') return [];
    if (kind === 'alias') return names[text] === undefined ? [] : [names[text]];
    return kind === 'name' && tokens[i + 1].text !== '(' && !KEYWORDS.has(text.toUpperCase()) ? [text] : [];
  });
}

/** Of a request that isn't checked yet. */
export const asList = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? value : []);

export function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
