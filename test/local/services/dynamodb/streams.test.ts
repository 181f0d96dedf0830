import { DeleteItemCommand, DeleteTableCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { createDynamoDb } from '../../../../local/services/dynamodb';
import { refusal, World } from '../world';

const HOUR = 3_600_000;
let world: World;
let db: DynamoDBClient;
let streams: DynamoDBStreamsClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    const dynamodb = createDynamoDb(cloud);
    return [dynamodb, dynamodb.streams];
  });
  db = new DynamoDBClient(world.client());
  streams = new DynamoDBStreamsClient(world.client());
});
afterEach(() => world.gateway.close());

async function table(StreamViewType: string, more: Record<string, unknown> = {}): Promise<string> {
  const { attributes } = await world.create('AWS::DynamoDB::Table', 'T', {
    TableName: 'T',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    StreamSpecification: { StreamViewType },
    ...more,
  });
  return attributes?.StreamArn as string;
}

const put = (id: string, v: number, more = {}) =>
  db.send(new PutItemCommand({ TableName: 'T', Item: { id: { S: id }, v: { N: String(v) }, ...more } }));
const shard = async (StreamArn: string) =>
  (await streams.send(new DescribeStreamCommand({ StreamArn }))).StreamDescription?.Shards?.[0].ShardId as string;
async function iterator(StreamArn: string, ShardIteratorType: GetShardIteratorCommandInput['ShardIteratorType'], SequenceNumber?: string) {
  const input = { StreamArn, ShardId: await shard(StreamArn), ShardIteratorType, SequenceNumber };
  return (await streams.send(new GetShardIteratorCommand(input))).ShardIterator as string;
}
const read = (ShardIterator: string, Limit?: number) => streams.send(new GetRecordsCommand({ ShardIterator, Limit }));
const records = async (arn: string) => (await read(await iterator(arn, 'TRIM_HORIZON'))).Records ?? [];

test.each([
  ['KEYS_ONLY', {}],
  ['NEW_IMAGE', { NewImage: { id: { S: 'a' }, v: { N: '2' } } }],
  ['OLD_IMAGE', { OldImage: { id: { S: 'a' }, v: { N: '1' } } }],
  ['NEW_AND_OLD_IMAGES', { NewImage: { id: { S: 'a' }, v: { N: '2' } }, OldImage: { id: { S: 'a' }, v: { N: '1' } } }],
])('%s says what it should of a change', async (view, images) => {
  const arn = await table(view);
  await put('a', 1);
  await put('a', 2);
  await put('a', 2); // changes nothing
  await db.send(
    new UpdateItemCommand({
      TableName: 'T',
      Key: { id: { S: 'a' } },
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { N: '2' } },
    }),
  );
  await db.send(new DeleteItemCommand({ TableName: 'T', Key: { id: { S: 'a' } } }));
  await db.send(new DeleteItemCommand({ TableName: 'T', Key: { id: { S: 'none' } } }));
  const all = await records(arn);
  expect(all.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
  expect(all[1]).toMatchObject({ eventSource: 'aws:dynamodb', eventVersion: '1.1', awsRegion: 'us-east-1' });
  const { Keys, NewImage, OldImage, StreamViewType, ApproximateCreationDateTime } = all[1].dynamodb ?? {};
  expect(Keys).toEqual({ id: { S: 'a' } });
  expect({ ...(NewImage && { NewImage }), ...(OldImage && { OldImage }) }).toEqual(images);
  expect(StreamViewType).toBe(view);
  expect(ApproximateCreationDateTime?.getTime()).toBe(world.clock.now());
  expect(all.every(({ userIdentity }) => userIdentity === undefined)).toBe(true);
});

test('what time to live deletes is marked as the doing of the service, and comes without a reader of the table', async () => {
  const arn = await table('OLD_IMAGE', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
  await put('gone', 1, { expires: { N: String(world.clock.now() / 1000 + 3600) } });
  await world.clock.advance(48 * HOUR);
  expect(await records(arn)).toHaveLength(0); // the first record has been trimmed
  await world.clock.advance(2 * HOUR);
  expect(await records(arn)).toMatchObject([
    {
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
      dynamodb: { OldImage: { id: { S: 'gone' } }, ApproximateCreationDateTime: new Date(world.clock.now() - HOUR) },
    },
  ]);
});

test('positions: the horizon, the latest, at and after a number; page by page', async () => {
  const arn = await table('KEYS_ONLY');
  await put('a', 1);
  await put('b', 1);
  const latest = await iterator(arn, 'LATEST');
  await put('c', 1);
  const ids = async (it: string, limit?: number) => ((await read(it, limit)).Records ?? []).map(({ dynamodb }) => dynamodb?.Keys?.id.S);
  const [first] = await records(arn);
  const number = first.dynamodb?.SequenceNumber;
  expect(number).toMatch(/^\d{21}$/);
  expect(await ids(await iterator(arn, 'TRIM_HORIZON'))).toEqual(['a', 'b', 'c']);
  expect(await ids(latest)).toEqual(['c']);
  expect(await ids(await iterator(arn, 'AT_SEQUENCE_NUMBER', number))).toEqual(['a', 'b', 'c']);
  expect(await ids(await iterator(arn, 'AFTER_SEQUENCE_NUMBER', number))).toEqual(['b', 'c']);

  const page = await read(await iterator(arn, 'TRIM_HORIZON'), 2);
  expect(page.Records).toHaveLength(2);
  const next = page.NextShardIterator as string;
  expect(await ids(next)).toEqual(['c']);

  await world.clock.advance(16 * 60_000);
  expect((await refusal(read(next))).name).toBe('ExpiredIteratorException');
  await world.clock.advance(24 * HOUR);
  expect(await records(arn)).toEqual([]);
  expect((await refusal(iterator(arn, 'AFTER_SEQUENCE_NUMBER', number))).name).toBe('TrimmedDataAccessException');
});

test('a stream is listed, and outlives its table, closed', async () => {
  const arn = await table('KEYS_ONLY');
  await put('a', 1);
  expect((await streams.send(new ListStreamsCommand({ TableName: 'T' }))).Streams).toEqual([
    { StreamArn: arn, TableName: 'T', StreamLabel: arn.split('/').at(-1) },
  ]);
  await db.send(new DeleteTableCommand({ TableName: 'T' }));
  expect((await streams.send(new DescribeStreamCommand({ StreamArn: arn }))).StreamDescription).toMatchObject({ StreamStatus: 'DISABLED' });
  const { Records, NextShardIterator } = await read(await iterator(arn, 'TRIM_HORIZON'));
  expect(Records).toHaveLength(1);
  expect(NextShardIterator).toBeUndefined();
  expect((await refusal(streams.send(new DescribeStreamCommand({ StreamArn: `${arn}x` })))).name).toBe('ResourceNotFoundException');
});

test('reading needs permissions on the stream, listing on everything', async () => {
  const arn = await table('KEYS_ONLY');
  await put('a', 1);
  const own = await iterator(arn, 'TRIM_HORIZON');
  const role = await world.role('reader', { Effect: 'Allow', Action: ['dynamodb:GetRecords'], Resource: arn });
  const reader = new DynamoDBStreamsClient(world.client(role));
  expect((await reader.send(new GetRecordsCommand({ ShardIterator: own }))).Records).toHaveLength(1);
  expect((await refusal(reader.send(new ListStreamsCommand({})))).message).toMatch('dynamodb:ListStreams on resource: *');
  expect((await refusal(reader.send(new DescribeStreamCommand({ StreamArn: arn })))).message).toMatch(
    `dynamodb:DescribeStream on resource: ${arn}`,
  );
});
