/** DynamoDB Streams, an API of its own. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html */
import { ApiError, type Operation, type Service } from '../../cloud-types';
import { all, atLeast, atMost, checkMembers, oneOf, required } from './constraints';
import { resourceNotFound, validationError } from './errors';
import type { DynamoDbContext } from './service-context';
import { isAtOrAfter, type Stream } from './stream';

/** "A shard iterator expires 15 minutes after it is returned to the requester." */
const ITERATOR_LIFETIME_MS = 15 * 60_000;
const MAX_RECORDS = 1000;
const MAX_STREAMS = 100;

interface Iterator {
  readonly stream: Stream;
  readonly from: string;
}

export function createDynamoDbStreams({ tables, cloud }: DynamoDbContext): Service {
  const streamOf = (arn: string): Stream => {
    const stream = tables.streams.get(arn);
    if (!stream) throw resourceNotFound(`: Stream: ${arn} not found`);
    return stream;
  };

  const iterator = ({ identity }: Stream, from: string): string =>
    `${identity.arn}|1|${Buffer.from(JSON.stringify({ from, at: cloud.clock.now() })).toString('base64')}`;

  function readIterator(text: string): Iterator {
    const [arn, , state = ''] = text.split('|');
    let read: { from: string; at: number };
    try {
      read = JSON.parse(Buffer.from(state, 'base64').toString('utf8'));
    } catch {
      throw validationError('Invalid ShardIterator');
    }
    if (cloud.clock.now() - read.at > ITERATOR_LIFETIME_MS) {
      throw new ApiError('ExpiredIteratorException', `The shard iterator has expired. It was made more than 15 minutes ago.`);
    }
    return { stream: streamOf(arn), from: read.from };
  }

  /** Resource types as in https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html: ListStreams has none. */
  const onStream = (action: string, resource: unknown) =>
    typeof resource === 'string' ? [{ action: `dynamodb:${action}`, resource }] : [];

  const listStreams: Operation = {
    access: () => [{ action: 'dynamodb:ListStreams', resource: '*' }],
    run(input) {
      checkMembers(input, { Limit: all(atLeast(1), atMost(MAX_STREAMS)) });
      const wanted = input.TableName && tables.describe(input.TableName).name;
      const found = [...tables.streams.values()].filter(({ identity }) => wanted === undefined || identity.tableName === wanted);
      const start = found.findIndex(({ identity }) => identity.arn === input.ExclusiveStartStreamArn) + 1;
      const page = found.slice(start, start + (input.Limit ?? MAX_STREAMS));
      const more = start + page.length < found.length;
      return {
        Streams: page.map(({ identity }) => ({ StreamArn: identity.arn, TableName: identity.tableName, StreamLabel: identity.label })),
        LastEvaluatedStreamArn: more ? page[page.length - 1].identity.arn : undefined,
      };
    },
  };

  const describeStream: Operation = {
    access: (input) => onStream('DescribeStream', input.StreamArn),
    run(input) {
      checkMembers(input, { StreamArn: required });
      const stream = streamOf(input.StreamArn);
      const { identity, closed } = stream;
      return {
        StreamDescription: {
          StreamArn: identity.arn,
          StreamLabel: identity.label,
          StreamStatus: closed ? 'DISABLED' : 'ENABLED',
          StreamViewType: identity.viewType,
          CreationRequestDateTime: new Date(identity.createdAt),
          TableName: identity.tableName,
          KeySchema: identity.keySchema,
          Shards: [
            {
              ShardId: stream.shardId,
              SequenceNumberRange: { StartingSequenceNumber: stream.first, ...(closed && { EndingSequenceNumber: stream.last }) },
            },
          ],
        },
      };
    },
  };

  const getShardIterator: Operation = {
    access: (input) => onStream('GetShardIterator', input.StreamArn),
    run(input) {
      checkMembers(input, {
        StreamArn: required,
        ShardId: required,
        ShardIteratorType: all(required, oneOf('TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER')),
      });
      const stream = streamOf(input.StreamArn);
      if (input.ShardId !== stream.shardId) throw resourceNotFound(`: Shard: ${input.ShardId} in stream: ${stream.identity.arn} not found`);
      return { ShardIterator: iterator(stream, startOf(stream, input.ShardIteratorType, input.SequenceNumber)) };
    },
  };

  const getRecords: Operation = {
    access: (input) => onStream('GetRecords', String(input.ShardIterator).split('|')[0]),
    run(input) {
      checkMembers(input, { ShardIterator: required, Limit: all(atLeast(1), atMost(MAX_RECORDS)) });
      const { stream, from } = readIterator(input.ShardIterator);
      if (!isAtOrAfter(from, stream.horizon)) throw trimmed();
      const Records = stream.from(from).slice(0, input.Limit ?? MAX_RECORDS);
      const last = Records.at(-1)?.dynamodb.SequenceNumber;
      const next = last === undefined ? from : String(BigInt(last) + 1n);
      return { Records, NextShardIterator: stream.closed && next === stream.next ? undefined : iterator(stream, next) };
    },
  };

  return {
    name: 'dynamodb-streams',
    operations: { ListStreams: listStreams, DescribeStream: describeStream, GetShardIterator: getShardIterator, GetRecords: getRecords },
  };
}

function startOf(stream: Stream, type: string, sequenceNumber: string | undefined): string {
  if (type === 'TRIM_HORIZON') return stream.horizon;
  if (type === 'LATEST') return stream.next;
  if (sequenceNumber === undefined || !/^\d{21,40}$/.test(sequenceNumber)) {
    throw validationError(`A SequenceNumber of 21 to 40 digits is needed for the ShardIteratorType ${type}`);
  }
  const from = type === 'AT_SEQUENCE_NUMBER' ? sequenceNumber : String(BigInt(sequenceNumber) + 1n);
  if (!isAtOrAfter(from, stream.horizon)) throw trimmed();
  if (!isAtOrAfter(stream.next, from)) throw validationError(`Invalid SequenceNumber in request: ${sequenceNumber}`);
  return from;
}

const trimmed = (): ApiError =>
  new ApiError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard: records are trimmed after 24 hours.',
  );
