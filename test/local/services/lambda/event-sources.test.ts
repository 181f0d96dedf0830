/** Event source mappings, as the CDK makes them, on the local cloud. */
import {
  type App,
  Duration,
  aws_dynamodb as dynamodb,
  aws_lambda as lambda,
  Stack,
  aws_lambda_event_sources as sources,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import { LocalCloud } from '../../../../local';
import { standInFunction } from '../stand-in';

const clouds: LocalCloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.dispose();
});

// biome-ignore lint/suspicious/noExplicitAny: the event's shape is the service's
type Handler = (event: any) => unknown;

async function deploy(stack: Stack, handler: Handler = () => undefined): Promise<LocalCloud> {
  const cloud = await LocalCloud.fromStack(stack);
  clouds.push(cloud);
  cloud.function('Worker').replaceWith(handler);
  return cloud;
}

const stackOf = (app?: App) => new Stack(app, 'S');

describe('a queue', () => {
  function stack(
    props: sources.SqsEventSourceProps = {},
    queueProps: sqs.QueueProps = {},
    functionProps: Partial<lambda.FunctionProps> = {},
  ) {
    const made = stackOf();
    const dead = new sqs.Queue(made, 'Dead', queueProps.fifo ? { fifo: true } : {});
    const queue = new sqs.Queue(made, 'Jobs', {
      visibilityTimeout: Duration.seconds(60),
      deadLetterQueue: { queue: dead, maxReceiveCount: 3 },
      ...queueProps,
    });
    standInFunction(made, 'Worker', functionProps).addEventSource(new sources.SqsEventSource(queue, props));
    return made;
  }
  /** Bodies of each invocation. */
  const batches = (cloud: LocalCloud) =>
    cloud.function('Worker').invocations.map(({ payload }) => (payload as { Records: { body: string }[] }).Records.map(({ body }) => body));

  test('what arrives is handed over as SQS events, and deleted when it is done', async () => {
    const cloud = await deploy(stack());
    await cloud.operate('sqs', 'SendMessage', {
      QueueUrl: cloud.queue('Jobs').url,
      MessageBody: 'hello',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'greeting' } },
    });
    const [{ payload }] = cloud.function('Worker').invocations;
    const arn = cloud.find('AWS::SQS::Queue', 'Jobs').attributes.Arn;
    expect(payload).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: 'hello',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: String(cloud.clock.now()),
            SenderId: '123456789012',
            ApproximateFirstReceiveTimestamp: String(cloud.clock.now()),
          },
          messageAttributes: { kind: { stringValue: 'greeting', stringListValues: [], binaryListValues: [], dataType: 'String' } },
          md5OfMessageAttributes: expect.any(String),
          md5OfBody: '5d41402abc4b2a76b9719d911017c592',
          eventSource: 'aws:sqs',
          eventSourceARN: arn,
          awsRegion: 'us-east-1',
        },
      ],
    });
    expect(cloud.queue('Jobs').messages()).toEqual([]);
    expect(cloud.access.denied).toEqual([]);
    const role = cloud.access.used().filter(({ role: name }) => name === 'S/Worker/ServiceRole');
    expect(role.map(({ action, resource }) => [action, resource])).toEqual([
      ['sqs:GetQueueAttributes', arn],
      ['sqs:ReceiveMessage', arn],
      ['sqs:DeleteMessage', arn],
    ]);
  });

  test('a message that keeps failing comes back after its visibility timeout, then goes to the dead-letter queue', async () => {
    const times: number[] = [];
    const cloud = await deploy(stack(), () => {
      times.push(cloud.clock.now());
      throw new Error('no');
    });
    const start = cloud.clock.now();
    await cloud.queue('Jobs').send('poison');
    await cloud.clock.advance(10 * 60_000);
    expect(times.map((at) => (at - start) / 1000)).toEqual([0, 60, 120]);
    expect(cloud.queue('Jobs').messages()).toEqual([]);
    expect(cloud.queue('Dead').messages()).toMatchObject([{ body: 'poison' }]);
  });

  test('of a batch in part done only the failed items come back', async () => {
    const failing = new Set(['b']);
    const cloud = await deploy(stack({ reportBatchItemFailures: true }), ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }: { body: string }) => failing.has(body)).map(({ messageId }: { messageId: string }) => ({
        itemIdentifier: messageId,
      })),
    }));
    await cloud.operate('sqs', 'SendMessageBatch', {
      QueueUrl: cloud.queue('Jobs').url,
      Entries: ['a', 'b', 'c'].map((body) => ({ Id: body, MessageBody: body })),
    });
    expect(
      cloud
        .queue('Jobs')
        .messages()
        .map(({ body }) => body),
    ).toEqual(['b']);
    failing.clear();
    await cloud.clock.advance(60_000);
    expect(batches(cloud)).toEqual([['a', 'b', 'c'], ['b']]);
    expect(cloud.queue('Jobs').messages()).toEqual([]);
  });

  test.each([
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: 'x' }] }, 1],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, 1],
    ['a wrong key', { batchItemFailures: [{ id: 'x' }] }, 1],
    ['an empty list', { batchItemFailures: [] }, 0],
    ['null', { batchItemFailures: null }, 0],
    ['nothing', null, 0],
  ])('%s in the answer', async (_, answer, left) => {
    const cloud = await deploy(stack({ reportBatchItemFailures: true }), () => answer);
    await cloud.queue('Jobs').send('m');
    expect(cloud.queue('Jobs').messages()).toHaveLength(left);
  });

  test('a batching window collects, up to the batch size', async () => {
    const cloud = await deploy(stack({ batchSize: 12, maxBatchingWindow: Duration.seconds(20) }));
    for (let i = 0; i < 5; i++) {
      await cloud.queue('Jobs').send(String(i));
      await cloud.clock.advance(1000);
    }
    expect(batches(cloud)).toEqual([]);
    await cloud.clock.advance(15_000);
    expect(batches(cloud)).toEqual([['0', '1', '2', '3', '4']]);
    for (let i = 0; i < 13; i++) await cloud.queue('Jobs').send(String(i));
    expect(batches(cloud).map(({ length }) => length)).toEqual([5, 12]);
  });

  test('no more run at the same time than the mapping allows, and all are done', async () => {
    let [running, most] = [0, 0];
    const cloud = await deploy(stack({ maxConcurrency: 2, batchSize: 1 }), async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    });
    await cloud.operate('sqs', 'SendMessageBatch', {
      QueueUrl: cloud.queue('Jobs').url,
      Entries: [...'abcdefg'].map((body) => ({ Id: body, MessageBody: body })),
    });
    expect(most).toBe(2);
    expect(batches(cloud)).toHaveLength(7);
    expect(cloud.queue('Jobs').messages()).toEqual([]);
  });

  test("a FIFO queue's group waits for its failed message", async () => {
    let failures = 1;
    const cloud = await deploy(stack({ batchSize: 1 }, { fifo: true, contentBasedDeduplication: true }), ({ Records }) => {
      if (Records[0].body === 'a1' && failures-- > 0) throw new Error('not yet');
    });
    for (const body of ['a1', 'a2', 'b1']) await cloud.queue('Jobs').send(body, { groupId: body[0] });
    expect(batches(cloud)).toEqual([['a1'], ['b1']]);
    await cloud.clock.advance(60_000);
    expect(batches(cloud)).toEqual([['a1'], ['b1'], ['a1'], ['a2']]);
  });

  test('what a filter leaves out is deleted unseen', async () => {
    const filters = [lambda.FilterCriteria.filter({ body: { kind: lambda.FilterRule.isEqual('order') } })];
    const cloud = await deploy(stack({ filters }));
    await cloud.queue('Jobs').send({ kind: 'order', id: 1 });
    await cloud.queue('Jobs').send({ kind: 'other' });
    await cloud.queue('Jobs').send('no JSON');
    expect(batches(cloud)).toEqual([['{"kind":"order","id":1}']]);
    expect(cloud.queue('Jobs').messages()).toEqual([]);
  });

  test('a function without concurrency is throttled: messages end in the dead-letter queue', async () => {
    const cloud = await deploy(stack({}, {}, { reservedConcurrentExecutions: 0 }));
    await cloud.queue('Jobs').send('m');
    await cloud.clock.advance(10 * 60_000);
    expect(batches(cloud)).toEqual([]);
    expect(cloud.queue('Dead').messages()).toHaveLength(1);
  });

  test('a disabled mapping takes nothing', async () => {
    const cloud = await deploy(stack({ enabled: false }));
    await cloud.queue('Jobs').send('m');
    await cloud.clock.advance(3_600_000);
    expect(cloud.queue('Jobs').messages()).toMatchObject([{ receiveCount: 0 }]);
  });

  test('an idle mapping sets no timer: who waits for nothing is told so', async () => {
    const cloud = await deploy(stack());
    await expect(cloud.clock.runUntil(() => false, 'the test')).rejects.toThrow('nothing will ever bring');
  });

  test('deployment fails as on AWS: without permission, or with a visibility timeout below the function', async () => {
    await expect(deploy(stack({}, { visibilityTimeout: Duration.seconds(5) }, { timeout: Duration.seconds(30) }))).rejects.toThrow(
      'Queue visibility timeout: 5 seconds is less than Function timeout: 30 seconds',
    );
    const bare = stackOf();
    const queue = new sqs.Queue(bare, 'Jobs');
    const fn = standInFunction(bare, 'Worker');
    new lambda.EventSourceMapping(bare, 'Mapping', { target: fn, eventSourceArn: queue.queueArn });
    await expect(deploy(bare)).rejects.toThrow('does not have permissions to call GetQueueAttributes on SQS');
  });

  test.each([
    ['a batch above 10 without a window', { batchSize: 11 }, 'Maximum batch window in seconds must be greater than 0'],
    ['a tumbling window', { tumblingWindowInSeconds: 10 }, 'TumblingWindowInSeconds'],
    ['another source', { eventSourceArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' }, 'event source mappings from arn:aws:kinesis'],
  ])('%s is refused', async (_, more, message) => {
    const made = stackOf();
    const queue = new sqs.Queue(made, 'Jobs');
    const fn = standInFunction(made, 'Worker');
    queue.grantConsumeMessages(fn);
    new lambda.CfnEventSourceMapping(made, 'Mapping', { functionName: fn.functionName, eventSourceArn: queue.queueArn, ...more });
    await expect(deploy(made)).rejects.toThrow(message);
  });
});

describe('a DynamoDB stream', () => {
  function stack(props: Partial<sources.DynamoEventSourceProps> = {}) {
    const made = stackOf();
    const table = new dynamodb.Table(made, 'Orders', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'expires',
    });
    new sqs.Queue(made, 'Discarded');
    standInFunction(made, 'Worker').addEventSource(
      new sources.DynamoEventSource(table, { startingPosition: lambda.StartingPosition.TRIM_HORIZON, ...props }),
    );
    return made;
  }
  interface StreamEvent {
    Records: { eventName: string; dynamodb: { Keys: { id: { S: string } }; SequenceNumber: string } }[];
  }
  const ids = (event: StreamEvent) => event.Records.map(({ dynamodb: { Keys } }) => Keys.id.S);
  const batches = (cloud: LocalCloud) => cloud.function('Worker').invocations.map(({ payload }) => ids(payload as unknown as StreamEvent));
  const several = (cloud: LocalCloud, names: string) =>
    cloud.operate('dynamodb', 'BatchWriteItem', {
      RequestItems: { [cloud.table('Orders').name]: [...names].map((id) => ({ PutRequest: { Item: { id: { S: id } } } })) },
    });
  const withDestination = (props: Partial<sources.DynamoEventSourceProps>) => {
    const made = stackOf();
    const table = new dynamodb.Table(made, 'Orders', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      stream: dynamodb.StreamViewType.KEYS_ONLY,
    });
    const onFailure = new sources.SqsDlq(new sqs.Queue(made, 'Discarded'));
    standInFunction(made, 'Worker').addEventSource(
      new sources.DynamoEventSource(table, { startingPosition: lambda.StartingPosition.TRIM_HORIZON, onFailure, ...props }),
    );
    return made;
  };

  test('changes are handed over as DynamoDB events, bytes in base64', async () => {
    const cloud = await deploy(stack());
    await cloud.table('Orders').put({ id: 'a', data: Buffer.from('hi') });
    const [{ payload }] = cloud.function('Worker').invocations;
    expect(payload).toEqual({
      Records: [
        {
          eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventName: 'INSERT',
          eventVersion: '1.1',
          eventSource: 'aws:dynamodb',
          awsRegion: 'us-east-1',
          dynamodb: {
            ApproximateCreationDateTime: cloud.clock.now() / 1000,
            Keys: { id: { S: 'a' } },
            NewImage: { id: { S: 'a' }, data: { B: 'aGk=' } },
            SequenceNumber: expect.stringMatching(/^\d{21}$/),
            SizeBytes: 12,
            StreamViewType: 'NEW_AND_OLD_IMAGES',
          },
          eventSourceARN: cloud.find('AWS::DynamoDB::Table', 'Orders').attributes.StreamArn,
        },
      ],
    });
    expect(cloud.access.denied).toEqual([]);
    expect(cloud.access.unused().filter(({ actions }) => actions.some((action) => action.startsWith('dynamodb:')))).toEqual([]);
  });

  test('time to live comes as the service', async () => {
    const filters = [lambda.FilterCriteria.filter({ userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] } })];
    const cloud = await deploy(stack({ filters }));
    await cloud.table('Orders').put({ id: 'a', expires: cloud.clock.now() / 1000 + 60 });
    expect(batches(cloud)).toEqual([]);
    await cloud.clock.advance(49 * 3_600_000);
    expect(cloud.function('Worker').invocations).toMatchObject([
      { payload: { Records: [{ eventName: 'REMOVE', userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }] } },
    ]);
  });

  test('batches, in order, one at a time; a window collects', async () => {
    const cloud = await deploy(stack({ batchSize: 3, maxBatchingWindow: Duration.seconds(10) }));
    await several(cloud, 'abcd');
    expect(batches(cloud)).toEqual([['a', 'b', 'c']]);
    await cloud.clock.advance(10_000);
    expect(batches(cloud)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('a batch that fails holds up what follows, is tried as often as allowed, and is then told to the destination', async () => {
    const cloud = await deploy(withDestination({ retryAttempts: 2, batchSize: 2 }), (event) => {
      if (ids(event).includes('a')) throw new Error('no');
    });
    await several(cloud, 'ab');
    await several(cloud, 'c');
    await cloud.clock.advance(600_000);
    expect(batches(cloud)).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    const [{ payload }] = cloud.function('Worker').invocations;
    const records = (payload as unknown as StreamEvent).Records;
    const [message] = cloud.queue('Discarded').messages();
    expect(JSON.parse(message.body)).toMatchObject({
      version: '1.0',
      requestContext: {
        functionArn: cloud.find('AWS::Lambda::Function', 'Worker').attributes.Arn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      DDBStreamBatchInfo: {
        startSequenceNumber: records[0].dynamodb.SequenceNumber,
        endSequenceNumber: records[1].dynamodb.SequenceNumber,
        batchSize: 2,
      },
    });
  });

  test('bisecting finds the bad record, and costs no retries', async () => {
    const cloud = await deploy(withDestination({ bisectBatchOnError: true, retryAttempts: 1 }), (event) => {
      if (ids(event).includes('c')) throw new Error('no');
    });
    await several(cloud, 'abcd');
    await cloud.clock.advance(600_000);
    expect(batches(cloud).map((batch) => batch.join(''))).toEqual(['abcd', 'ab', 'cd', 'c', 'c', 'd']);
    expect(cloud.queue('Discarded').messages()).toHaveLength(1);
  });

  test('a function that says where it failed goes on from there', async () => {
    let failures = 1;
    const cloud = await deploy(stack({ reportBatchItemFailures: true, retryAttempts: 5 }), ({ Records }: StreamEvent) =>
      failures-- > 0
        ? {
            batchItemFailures: [
              { itemIdentifier: Records[2].dynamodb.SequenceNumber },
              { itemIdentifier: Records[1].dynamodb.SequenceNumber },
            ],
          }
        : {},
    );
    await several(cloud, 'abc');
    await cloud.clock.advance(60_000);
    expect(batches(cloud).map((batch) => batch.join(''))).toEqual(['abc', 'bc']);
  });

  test('records that have become too old are given up', async () => {
    const cloud = await deploy(withDestination({ maxRecordAge: Duration.minutes(2) }), () => {
      throw new Error('never');
    });
    await several(cloud, 'a');
    await cloud.clock.advance(3_600_000);
    const tried = batches(cloud).length;
    expect(tried).toBeGreaterThan(3);
    await cloud.clock.advance(3_600_000);
    expect(batches(cloud)).toHaveLength(tried);
    expect(JSON.parse(cloud.queue('Discarded').messages()[0].body)).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: tried },
    });
  });

  test('a role that may not read the stream fails the deployment', async () => {
    const bare = stackOf();
    const table = new dynamodb.Table(bare, 'Orders', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      stream: dynamodb.StreamViewType.KEYS_ONLY,
    });
    new lambda.EventSourceMapping(bare, 'Mapping', {
      target: standInFunction(bare, 'Worker'),
      eventSourceArn: table.tableStreamArn,
      startingPosition: lambda.StartingPosition.LATEST,
    });
    await expect(deploy(bare)).rejects.toThrow('Cannot access stream. Please ensure the role can perform the GetRecords');
  });
});
