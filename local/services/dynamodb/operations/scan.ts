import type { Operation } from '../../../cloud-types';
import { namedAttributes } from '../access';
import { consumedCapacity } from '../capacity';
import { all, atLeast, atMost, checkMembers, indexName, returnConsumedCapacity, tableName } from '../constraints';
import { validationError } from '../errors';
import { readExpressions } from '../expressions';
import type { DynamoDbContext } from '../service-context';
import { SELECT } from './query';
import { checkSelect, openSource, readPage } from './read-page';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html */
export function scan({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) =>
      access.on('Scan', input.TableName, {
        indexName: input.IndexName,
        context: {
          'dynamodb:attributes': namedAttributes(input),
          'dynamodb:select': input.Select ?? (input.ProjectionExpression ? 'SPECIFIC_ATTRIBUTES' : undefined),
          'dynamodb:returnconsumedcapacity': input.ReturnConsumedCapacity,
        },
      }),
    run(input) {
      checkMembers(input, {
        Select: SELECT,
        IndexName: indexName,
        TotalSegments: all(atLeast(1), atMost(1_000_000)),
        ReturnConsumedCapacity: returnConsumedCapacity,
        TableName: tableName,
        Segment: all(atLeast(0), atMost(999_999)),
        Limit: atLeast(1),
      });
      const segment = readSegment(input.Segment ?? undefined, input.TotalSegments ?? undefined);
      const expressions = readExpressions(input);
      checkSelect(input.Select, expressions.projection, input.IndexName);
      const source = openSource(tables.get(input.TableName), input, expressions);
      const start = source.startPosition(input.ExclusiveStartKey);
      if (start && !source.collection.inSegment(start, segment.index, segment.total)) {
        throw validationError(
          `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${segment.total} Segment: ${segment.index}`,
        );
      }
      const { output, units } = readPage(source, source.collection.scan(segment, start), input, expressions);
      return { ...output, ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, source.table, units) };
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan */
function readSegment(index: number | undefined, total: number | undefined): { index: number; total: number } {
  if (index === undefined && total === undefined) return { index: 0, total: 1 };
  if (total === undefined) {
    throw validationError('The TotalSegments parameter is required but was not present in the request when Segment parameter is present');
  }
  if (index === undefined) {
    throw validationError('The Segment parameter is required but was not present in the request when parameter TotalSegments is present');
  }
  if (index >= total) {
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${index} is not less than TotalSegments: ${total}`,
    );
  }
  return { index, total };
}
