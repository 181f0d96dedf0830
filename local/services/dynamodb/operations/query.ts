import type { Operation } from '../../../cloud-types';
import { namedAttributes, quietly } from '../access';
import { base64 } from '../attribute-value';
import { consumedCapacity } from '../capacity';
import { partitionName } from '../collection';
import { pathsOf } from '../condition';
import type { Condition } from '../condition-parser';
import { checkMembers, indexName, oneOf, returnConsumedCapacity, tableName } from '../constraints';
import { enveloped, validationError } from '../errors';
import { readExpressions } from '../expressions';
import { keyRange, readTerms } from '../key-condition';
import { keyAttributes } from '../key-schema';
import type { DynamoDbContext } from '../service-context';
import { checkSelect, openSource, readPage, type Source } from './read-page';

export const SELECT = oneOf('SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES');

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html */
export function query({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) =>
      access.on('Query', input.TableName, {
        indexName: input.IndexName,
        context: {
          'dynamodb:leadingkeys': leadingKey(tables, input),
          'dynamodb:attributes': namedAttributes(input),
          'dynamodb:select': input.Select ?? (input.ProjectionExpression ? 'SPECIFIC_ATTRIBUTES' : undefined),
          'dynamodb:returnconsumedcapacity': input.ReturnConsumedCapacity,
        },
      }),
    run(input) {
      if (input.Limit !== undefined && input.Limit !== null && !(input.Limit >= 1)) {
        throw validationError(
          "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        );
      }
      checkMembers(input, {
        Select: SELECT,
        IndexName: indexName,
        ReturnConsumedCapacity: returnConsumedCapacity,
        TableName: tableName,
      });
      const expressions = readExpressions(input);
      enveloped(() => checkSelect(input.Select, expressions.projection, input.IndexName));
      if (!expressions.keyCondition) {
        throw validationError('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
      }
      const terms = readTerms(expressions.keyCondition);
      const source = openSource(tables.get(input.TableName), input, expressions);
      const range = keyRange(terms, source.collection.schema);
      if (expressions.filter) checkFilter(expressions.filter, source);
      const start = source.startPosition(input.ExclusiveStartKey);
      if (start && start.partition !== partitionName(range.hash)) {
        throw validationError('The provided starting key is outside query boundaries based on provided conditions');
      }
      if (start && range.side(start.order) !== 0) throw validationError('The provided starting key does not match the range key predicate');
      const entries = source.collection.query(range, input.ScanIndexForward !== false, start);
      const { output, units } = readPage(source, entries, input, expressions);
      return { ...output, ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, source.table, units) };
    },
  };
}

/** A filter works on what the key condition has found, so it may not name the key. */
function checkFilter(filter: Condition, { collection }: Source): void {
  const paths = pathsOf(filter);
  for (const { name } of keyAttributes(collection.schema)) {
    if (!paths.some(([head]) => head === name)) continue;
    throw validationError(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: Query's input, not yet checked
function leadingKey(tables: DynamoDbContext['tables'], input: any): readonly string[] | undefined {
  return quietly(() => {
    const { keyCondition } = readExpressions(input);
    const table = tables.get(input.TableName);
    const { schema } = input.IndexName ? table.index(input.IndexName).definition : table.definition;
    const found = keyCondition && readTerms(keyCondition).find(({ attribute }) => attribute === schema.hash[0].name);
    const value = found?.values[0];
    if (!value) return undefined;
    if ('B' in value) return [base64(value.B)];
    return 'S' in value ? [value.S] : 'N' in value ? [value.N] : undefined;
  });
}
