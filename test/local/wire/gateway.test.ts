import { request } from 'node:http';
import { BatchGetItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ApiError, type Operation, type Service } from '../../../local/cloud-types';
import { refusal, World } from '../services/world';

/** Every operation of these services answers what the test says, and remembers what it was given. */
let answer: unknown;
let given: { input: Record<string, unknown>; caller: unknown } | undefined;
const operation: Operation = {
  access: () => [],
  run(input, caller) {
    given = { input, caller };
    if (answer instanceof Error) throw answer;
    return answer;
  },
};

let world: World;
beforeAll(async () => {
  const services: Service[] = [
    { name: 'dynamodb', operations: { PutItem: operation, BatchGetItem: operation } },
    { name: 'sns', operations: { Publish: operation, PublishBatch: operation } },
    { name: 'sqs', operations: { SendMessage: operation } },
    { name: 'cloudwatch', operations: { GetMetricStatistics: operation, DescribeAlarms: operation } },
    { name: 'kms', operations: { Encrypt: operation } },
    { name: 'lambda', operations: { Invoke: operation } },
    { name: 'sfn', operations: { DescribeExecution: operation } },
    { name: 'eventbridge', operations: { PutEvents: operation } },
  ];
  world = await World.start(() => services);
});
afterAll(() => world.gateway.close());
beforeEach(() => {
  answer = {};
  given = undefined;
});

describe('awsJson', () => {
  test('unions, blobs, numbers and sets reach the operation as the SDK has them, and come back', async () => {
    const client = new DynamoDBClient(world.client());
    const Item = {
      id: { S: 'é"\n' },
      n: { N: '12345678901234567890' },
      b: { B: Uint8Array.from([0, 255, 1]) },
      ss: { SS: ['a', 'b'] },
      bs: { BS: [Uint8Array.from([7])] },
      m: { M: { l: { L: [{ NULL: true as const }, { BOOL: false }] } } },
    };
    await client.send(new PutItemCommand({ TableName: 'T', Item }));
    expect(given?.input).toEqual({
      TableName: 'T',
      Item: { ...Item, b: { B: Buffer.from([0, 255, 1]) }, bs: { BS: [Buffer.from([7])] } },
    });
    answer = { Responses: { T: [Item] } };
    const got = await client.send(new BatchGetItemCommand({ RequestItems: { T: { Keys: [{ id: { S: '1' } }] } } }));
    expect(got.Responses?.T).toEqual([Item]);
  });

  test('timestamps are dates on both sides', async () => {
    const Time = new Date('2026-03-01T12:00:00.500Z');
    await new EventBridgeClient(world.client()).send(
      new PutEventsCommand({ Entries: [{ Time, Source: 's', DetailType: 'd', Detail: '{}' }] }),
    );
    expect(given?.input).toEqual({ Entries: [{ Time, Source: 's', DetailType: 'd', Detail: '{}' }] });
    answer = { startDate: Time, stopDate: Time.getTime() };
    const got = await new SFNClient(world.client()).send(new DescribeExecutionCommand({ executionArn: 'arn' }));
    expect([got.startDate, got.stopDate]).toEqual([Time, Time]);
  });

  test('a declared error has its class, status and further members', async () => {
    answer = new ApiError('ConditionalCheckFailedException', 'The conditional request failed', 400, { Item: { id: { S: '1' } } });
    const error = await refusal(new DynamoDBClient(world.client()).send(new PutItemCommand({ TableName: 'T', Item: {} })));
    expect(error).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { id: { S: '1' } },
    });
  });

  test('binary in KMS', async () => {
    answer = { CiphertextBlob: Buffer.from([1, 2, 250]), KeyId: 'k' };
    const got = await new KMSClient(world.client()).send(new EncryptCommand({ KeyId: 'k', Plaintext: Uint8Array.from([9, 200]) }));
    expect(given?.input.Plaintext).toEqual(Buffer.from([9, 200]));
    expect(got.CiphertextBlob).toEqual(Uint8Array.from([1, 2, 250]));
  });

  test("SQS's errors also have the query protocol's code", async () => {
    answer = new ApiError('QueueDoesNotExist', 'The specified queue does not exist.');
    const error = await refusal(
      new SQSClient(world.client()).send(new SendMessageCommand({ QueueUrl: `${world.gateway.url}/123456789012/q`, MessageBody: 'x' })),
    );
    expect(error).toMatchObject({ name: 'QueueDoesNotExist', Code: 'AWS.SimpleQueueService.NonExistentQueue' });
  });

  test('a missing required member is refused by name', async () => {
    const error = await refusal(new DynamoDBClient(world.client()).send(new PutItemCommand({ TableName: 'T' } as never)));
    expect(error).toMatchObject({
      name: 'ValidationException',
      message: "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null",
    });
  });
});

describe('awsQuery', () => {
  test('maps and lists of structures go in, XML comes out', async () => {
    const client = new SNSClient(world.client());
    answer = { MessageId: '<&"\r\n>', SequenceNumber: '5' };
    const got = await client.send(
      new PublishCommand({
        TopicArn: 't',
        Message: 'a & b = ü+\r\n',
        MessageAttributes: {
          one: { DataType: 'String', StringValue: '1' },
          two: { DataType: 'Binary', BinaryValue: Uint8Array.from([255]) },
        },
      }),
    );
    expect(given?.input).toEqual({
      TopicArn: 't',
      Message: 'a & b = ü+\r\n',
      MessageAttributes: { one: { DataType: 'String', StringValue: '1' }, two: { DataType: 'Binary', BinaryValue: Buffer.from([255]) } },
    });
    expect(got).toMatchObject({ MessageId: '<&"\r\n>', SequenceNumber: '5' });

    answer = { Successful: [{ Id: '1', MessageId: 'm' }], Failed: [{ Id: '2', Code: 'c', SenderFault: true }] };
    const batch = await client.send(
      new PublishBatchCommand({
        TopicArn: 't',
        PublishBatchRequestEntries: [
          { Id: '1', Message: 'a' },
          { Id: '2', Message: 'b' },
        ],
      }),
    );
    expect(given?.input.PublishBatchRequestEntries).toEqual([
      { Id: '1', Message: 'a' },
      { Id: '2', Message: 'b' },
    ]);
    expect(batch).toMatchObject({ Successful: [{ Id: '1', MessageId: 'm' }], Failed: [{ Id: '2', Code: 'c', SenderFault: true }] });
  });

  test("an error's code becomes its class", async () => {
    answer = new ApiError('NotFound', 'Topic does not exist', 404);
    const error = await refusal(new SNSClient(world.client()).send(new PublishCommand({ TopicArn: 't', Message: 'm' })));
    expect(error).toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist', $metadata: { httpStatusCode: 404 } });
  });
});

describe('restJson', () => {
  test('path, query string, headers and payload', async () => {
    answer = { StatusCode: 200, ExecutedVersion: '3', FunctionError: 'Unhandled', Payload: Buffer.from('{"é":1}') };
    const got = await new LambdaClient(world.client()).send(
      new InvokeCommand({
        FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:f',
        Qualifier: 'live',
        InvocationType: 'Event',
        Payload: '{"a":"ü"}',
      }),
    );
    expect(given?.input).toEqual({
      FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:f',
      Qualifier: 'live',
      InvocationType: 'Event',
      Payload: Buffer.from('{"a":"ü"}'),
    });
    expect(got).toMatchObject({ StatusCode: 200, ExecutedVersion: '3', FunctionError: 'Unhandled' });
    expect(got.Payload?.transformToString()).toBe('{"é":1}');
  });

  test('an error in header and body', async () => {
    answer = new ApiError('ResourceNotFoundException', 'Function not found: f', 404, { Type: 'User' });
    const error = await refusal(new LambdaClient(world.client()).send(new InvokeCommand({ FunctionName: 'f' })));
    expect(error).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: f',
      Type: 'User',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('callers', () => {
  test('a role is known by its credentials', async () => {
    const arn = 'arn:aws:iam::123456789012:role/some/path/A_role-with.many+chars=,@';
    await new SFNClient(world.client(arn)).send(new DescribeExecutionCommand({ executionArn: 'x' }));
    expect(given?.caller).toEqual({ kind: 'role', arn });
    await new SFNClient(world.client()).send(new DescribeExecutionCommand({ executionArn: 'x' }));
    expect(given?.caller).toEqual({ kind: 'operator' });
  });

  test("credentials that aren't the local cloud's are refused", async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 's' };
    const error = await refusal(
      new SFNClient({ ...world.client(), credentials }).send(new DescribeExecutionCommand({ executionArn: 'x' })),
    );
    expect(error.name).toBe('UnrecognizedClientException');
    expect(given).toBeUndefined();
  });

  test('an unsigned request is refused', async () => {
    const answered = await fetch(world.gateway.url, { method: 'POST' });
    expect([answered.status, await answered.text()]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
  });
});

describe('what is not emulated says so, once', () => {
  test.each([
    ['an operation', () => new LambdaClient(world.client()).send(new ListFunctionsCommand({})), 'lambda:ListFunctions'],
    ['a service', () => new S3Client({ ...world.client(), forcePathStyle: true }).send(new ListBucketsCommand({})), 's3'],
  ])('%s', async (_what, send, name) => {
    const error = await refusal(send());
    expect(error).toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501, attempts: 1 } });
    expect(error.message).toContain(name);
  });

  test('a bug of the runner is shown with its stack', async () => {
    answer = new TypeError('oops');
    const error = await refusal(new SFNClient(world.client()).send(new DescribeExecutionCommand({ executionArn: 'x' })));
    expect(error).toMatchObject({
      name: 'StepworksFailure',
      message: expect.stringContaining('TypeError: oops'),
      $metadata: { attempts: 1 },
    });
  });
});

describe('the protocols of other years', () => {
  const sent = async (signingName: string, body: string, more: Record<string, string> = {}) => {
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=${world.gateway.credentialsFor().accessKeyId}/20260105/us-east-1/${signingName}/aws4_request`,
      'content-type': 'application/x-www-form-urlencoded',
      ...more,
    };
    const answered = await fetch(world.gateway.url, { method: 'POST', headers, body });
    return { status: answered.status, body: Buffer.from(await answered.arrayBuffer()).toString('latin1') };
  };

  test("CloudWatch's query protocol is served", async () => {
    answer = { Label: 'm', Datapoints: [{ Timestamp: new Date('2026-01-05T09:00:00Z'), Sum: 7.5, Unit: 'Count' }] };
    const form =
      'Action=GetMetricStatistics&Version=2010-08-01&Namespace=N&MetricName=m&Period=60&StartTime=2026-01-05T08%3A59%3A00Z' +
      '&EndTime=2026-01-05T09%3A01%3A00Z&Statistics.member.1=Sum&Dimensions.member.1.Name=d&Dimensions.member.1.Value=x%20y';
    expect(await sent('monitoring', form)).toEqual({
      status: 200,
      body: expect.stringContaining(
        '<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricStatisticsResult><Label>m</Label>' +
          '<Datapoints><member><Timestamp>2026-01-05T09:00:00.000Z</Timestamp><Sum>7.5</Sum><Unit>Count</Unit></member></Datapoints>',
      ),
    });
    expect(given?.input).toMatchObject({
      Period: 60,
      Statistics: ['Sum'],
      Dimensions: [{ Name: 'd', Value: 'x y' }],
      StartTime: new Date('2026-01-05T08:59:00Z'),
    });
    answer = new ApiError('ResourceNotFound', 'no such alarm', 404);
    const refused = await sent('monitoring', form);
    expect(refused).toEqual({
      status: 404,
      body: expect.stringContaining('<Code>ResourceNotFound</Code><Message>no such alarm</Message>'),
    });
  });

  test("SQS's is not, and that is said in it", async () => {
    const refused = await sent('sqs', 'Action=SendMessage&Version=2012-11-05&MessageBody=x');
    expect(refused).toEqual({
      status: 501,
      body: expect.stringContaining('SQS in the query protocol: use a version of @aws-sdk/client-sqs'),
    });
    expect(given).toBeUndefined();
  });

  test('nor is CBOR, which a client may be told to speak', async () => {
    const answered = await sent('monitoring', '', { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' });
    // A map of two; texts, each behind its length.
    expect(answered.body.startsWith('\xa2y\0\x06__typey\0\x0eNotImplementedy\0\x07messagey')).toBe(true);
    expect(answered).toMatchObject({ status: 501, body: expect.stringContaining('CloudWatch in rpc-v2-cbor: use a version of') });
  });
});

test('the date is the virtual one', async () => {
  const date = await new Promise((resolve) => {
    request(world.gateway.url, (response) => resolve(response.headers.date)).end();
  });
  expect(date).toBe(new Date(world.clock.now()).toUTCString());
});

test('it listens on loopback only', () => {
  expect(new URL(world.gateway.url).hostname).toBe('127.0.0.1');
});
