import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createSqs } from '../../../local/services/sqs';
import { refusal, World } from './world';

let world: World;
let sqs: SQSClient;

beforeEach(async () => {
  world = await World.start((cloud) => [createSqs(cloud, cloud.gateway.url, () => undefined)]);
  sqs = new SQSClient(world.client());
});
afterEach(() => world.gateway.close());

const queue = async (name: string, properties: Record<string, unknown> = {}) =>
  (await world.create('AWS::SQS::Queue', name, { QueueName: name, ...properties })).ref;
const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}) => (await receive(url, more)).map(({ Body }) => Body);

describe('a queue', () => {
  test("is at the gateway's address, so that an SDK stays on this machine", async () => {
    const { ref, attributes } = await world.create('AWS::SQS::Queue', 'Jobs');
    expect(ref).toBe(`${world.gateway.url}/123456789012/Stack-Jobs-ABCDEF`);
    expect(attributes).toEqual({
      Arn: 'arn:aws:sqs:us-east-1:123456789012:Stack-Jobs-ABCDEF',
      QueueName: 'Stack-Jobs-ABCDEF',
      QueueUrl: ref,
    });
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'Stack-Jobs-ABCDEF' }))).QueueUrl).toBe(ref);
    expect(await refusal(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' })))).toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
  });

  test('gives messages with their digests (the SDK checks them) and attributes as asked for', async () => {
    const url = await queue('q');
    const MessageAttributes = {
      a: { DataType: 'String', StringValue: 'x' },
      'b.c': { DataType: 'Number', StringValue: '5' },
      d: { DataType: 'Binary', BinaryValue: Uint8Array.from([1]) },
    };
    const sent = await send(url, 'héllo', { MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);
    const [message] = await receive(url, {
      MessageAttributeNames: ['a', 'b.*'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'héllo',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(world.clock.now()) },
    });
    expect(message.Attributes).not.toHaveProperty('SenderId');
    expect(Object.keys(message.MessageAttributes ?? {})).toEqual(['a', 'b.c']);
  });

  test('the digest of attributes is the documented one', async () => {
    // Computed apart, by the documented algorithm: name, type, 1, value, each with its length in four bytes.
    const { createHash } = await import('node:crypto');
    const sized = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
    const expected = createHash('md5')
      .update(Buffer.concat([sized('k'), sized('String'), Buffer.from([1]), sized('v')]))
      .digest('hex');
    expect(
      (await send(await queue('q'), 'm', { MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } } })).MD5OfMessageAttributes,
    ).toBe(expected);
  });

  test('what was received is invisible until its timeout, or until it is deleted', async () => {
    const url = await queue('q', { VisibilityTimeout: 60 });
    await send(url, 'm');
    const [first] = await receive(url);
    expect(await bodies(url)).toEqual([]);
    await world.clock.advance(59_999);
    expect(await bodies(url)).toEqual([]);
    await world.clock.advance(1);
    const [second] = await receive(url, { MessageSystemAttributeNames: ['All'] });
    expect(second.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first.ReceiptHandle }));
    await world.clock.advance(60_000);
    const [third] = await receive(url);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: third.ReceiptHandle }));
    await world.clock.advance(60_000);
    expect(await bodies(url)).toEqual([]);
  });

  test('the timeout can be changed', async () => {
    const url = await queue('q');
    await send(url, 'm');
    const [{ ReceiptHandle }] = await receive(url, { VisibilityTimeout: 10 });
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 100 }));
    await world.clock.advance(50_000);
    expect(await bodies(url)).toEqual([]);
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await bodies(url)).toEqual(['m']);
    expect(
      (await refusal(sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: 'x', VisibilityTimeout: 0 })))).name,
    ).toBe('ReceiptHandleIsInvalid');
  });

  test('delays', async () => {
    const url = await queue('q', { DelaySeconds: 5 });
    await send(url, 'late', { DelaySeconds: 10 });
    await send(url, 'default');
    await send(url, 'now', { DelaySeconds: 0 });
    expect(await bodies(url)).toEqual(['now']);
    await world.clock.advance(5000);
    expect(await bodies(url)).toEqual(['default']);
    await world.clock.advance(5000);
    expect(await bodies(url)).toEqual(['late']);
  });

  test('a long poll ends when a message comes, or when its time is over', async () => {
    const url = await queue('q');
    const begin = world.clock.now();
    const waiting = receive(url, { WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send(url, 'm');
    expect((await waiting).map(({ Body }) => Body)).toEqual(['m']);
    expect(world.clock.now()).toBe(begin);

    const empty = receive(url, { WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.clock.advance(20_000);
    expect(await empty).toEqual([]);
  });

  test('a long poll sees a message become visible again', async () => {
    const url = await queue('q');
    await send(url, 'm');
    await receive(url, { VisibilityTimeout: 5 });
    const waiting = receive(url, { WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.clock.advance(5000);
    expect((await waiting).map(({ Body }) => Body)).toEqual(['m']);
  });

  test('keeps messages for its retention period', async () => {
    const url = await queue('q', { MessageRetentionPeriod: 60 });
    await send(url, 'm');
    await world.clock.advance(60_001);
    expect(await bodies(url)).toEqual([]);
  });

  test('counts, and is purged', async () => {
    const url = await queue('q');
    for (const body of ['a', 'b', 'c']) await send(url, body);
    await send(url, 'd', { DelaySeconds: 60 });
    await receive(url, { MaxNumberOfMessages: 1 });
    const counts = async () => {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
      return ['', 'NotVisible', 'Delayed'].map((kind) =>
        Number(Attributes?.[`ApproximateNumberOfMessages${kind}` as 'ApproximateNumberOfMessages']),
      );
    };
    expect(await counts()).toEqual([2, 1, 1]);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await counts()).toEqual([0, 0, 0]);
    expect(
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn', 'VisibilityTimeout'] }))).Attributes,
    ).toEqual({
      QueueArn: 'arn:aws:sqs:us-east-1:123456789012:q',
      VisibilityTimeout: '30',
    });
  });

  test.each([
    ['an empty body', '', {}, 'MissingParameter'],
    ['a body that is too long', 'x'.repeat(1025), {}, 'InvalidParameterValue'],
    [
      'attributes that make it too long',
      'x'.repeat(1020),
      { MessageAttributes: { ab: { DataType: 'String', StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    ['a control character', 'a\u0001', {}, 'InvalidMessageContents'],
    ['a deduplication id on a standard queue', 'x', { MessageDeduplicationId: 'd' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_what, body, more, name) => {
    const url = await queue('q', { MaximumMessageSize: 1024 });
    expect((await refusal(send(url, body, more))).name).toBe(name);
  });

  test('wants numbers in their range', async () => {
    const url = await queue('q');
    expect((await refusal(receive(url, { MaxNumberOfMessages: 11 }))).name).toBe('InvalidParameterValue');
    expect((await refusal(receive(url, { WaitTimeSeconds: 21 }))).name).toBe('InvalidParameterValue');
  });
});

describe('batches', () => {
  test('each entry stands for itself', async () => {
    const url = await queue('q', { MaximumMessageSize: 1024 });
    const got = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', MessageBody: '1' },
          { Id: 'b', MessageBody: '\u0001' },
          { Id: 'c', MessageBody: '3' },
        ],
      }),
    );
    expect(got.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(got.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidMessageContents', SenderFault: true }]);
    const messages = await receive(url);
    await sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: url, Entries: messages.map(({ ReceiptHandle }, i) => ({ Id: `m${i}`, ReceiptHandle })) }),
    );
    await world.clock.advance(60_000);
    expect(await bodies(url)).toEqual([]);
  });

  test.each([
    ['nothing', [], 'EmptyBatchRequest'],
    ['eleven', Array.from({ length: 11 }, (_, i) => ({ Id: `e${i}`, MessageBody: 'x' })), 'TooManyEntriesInBatchRequest'],
    [
      'the same id twice',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    ['a wrong id', [{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
    [
      'too much',
      [
        { Id: 'a', MessageBody: 'x'.repeat(600) },
        { Id: 'b', MessageBody: 'x'.repeat(600) },
      ],
      'BatchRequestTooLong',
    ],
  ])('refuses %s', async (_what, Entries, name) => {
    const url = await queue('q', { MaximumMessageSize: 1024 });
    expect((await refusal(sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries })))).name).toBe(name);
    expect(await bodies(url)).toEqual([]);
  });
});

describe('a dead-letter queue', () => {
  test('gets what was received too often', async () => {
    const dead = await queue('dead');
    const url = await queue('q', {
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead', maxReceiveCount: 2 },
    });
    const { MessageId } = await send(url, 'm');
    for (let i = 0; i < 2; i++) {
      expect(await bodies(url)).toEqual(['m']);
      await world.clock.advance(1000);
    }
    expect(await bodies(url)).toEqual([]);
    expect(await receive(dead, { MessageSystemAttributeNames: ['All'] })).toMatchObject([
      {
        MessageId,
        Body: 'm',
        // Its counts go on: what was received there too often is still what it is.
        Attributes: { DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:123456789012:q', ApproximateReceiveCount: '3' },
      },
    ]);
  });

  test('that has one of its own counts anew for that', async () => {
    const last = await queue('last');
    const redrive = (name: string) => ({ deadLetterTargetArn: `arn:aws:sqs:us-east-1:123456789012:${name}`, maxReceiveCount: 1 });
    const dead = await queue('dead', { VisibilityTimeout: 0, RedrivePolicy: redrive('last') });
    const url = await queue('q', { VisibilityTimeout: 0, RedrivePolicy: redrive('dead') });
    await send(url, 'm');
    for (const place of [url, dead]) {
      expect(await bodies(place)).toEqual(['m']);
      expect(await bodies(place)).toEqual([]);
    }
    const [message] = await receive(last, { MessageSystemAttributeNames: ['All'] });
    expect(message.Attributes?.ApproximateReceiveCount).toBe('3');
  });
});

describe('a FIFO queue', () => {
  const fifo = (more = {}) => queue('q.fifo', { FifoQueue: true, ...more });
  const inGroup = (url: string, body: string, MessageGroupId: string, MessageDeduplicationId?: string) =>
    send(url, body, { MessageGroupId, MessageDeduplicationId });

  test('keeps the order of a group: one in flight holds back the others', async () => {
    const url = await fifo({ ContentBasedDeduplication: true });
    for (const [body, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ])
      await inGroup(url, body, group);
    const [first] = await receive(url, { MaxNumberOfMessages: 1 });
    expect(first.Body).toBe('a1');
    expect(await bodies(url)).toEqual(['b1']);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first.ReceiptHandle }));
    expect(await bodies(url)).toEqual(['a2']);
  });

  test('takes a message once in five minutes', async () => {
    const url = await fifo();
    const first = await inGroup(url, 'm', 'g', 'one');
    const again = await inGroup(url, 'other', 'g', 'one');
    expect([again.MessageId, again.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    expect(await bodies(url)).toEqual(['m']);
    await world.clock.advance(5 * 60_000);
    expect((await inGroup(url, 'm', 'g', 'one')).MessageId).not.toBe(first.MessageId);
  });

  test('needs a group and a deduplication id', async () => {
    const url = await fifo();
    expect((await refusal(send(url, 'm'))).name).toBe('MissingParameter');
    expect((await refusal(inGroup(url, 'm', 'g'))).name).toBe('InvalidParameterValue');
  });
});

test("a role needs the action on the queue; a service needs the queue's policy", async () => {
  const url = await queue('q');
  const role = await world.role('Writer', { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:us-east-1:123456789012:q' });
  const client = new SQSClient(world.client(role));
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'm' }));
  expect((await refusal(client.send(new ReceiveMessageCommand({ QueueUrl: url })))).message).toContain(
    'sqs:ReceiveMessage on resource: arn:aws:sqs:us-east-1:123456789012:q',
  );
  const bySns = () =>
    world.call({
      service: 'sqs',
      operation: 'SendMessage',
      principal: { kind: 'service', service: 'sns.amazonaws.com' },
      input: { QueueUrl: url, MessageBody: 'x' },
    });
  await expect(bySns()).rejects.toThrow('not authorized');
  await world.create('AWS::SQS::QueuePolicy', 'P', {
    Queues: [url],
    PolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' }],
    },
  });
  await bySns();
  expect(await bodies(url)).toEqual(['m', 'x']);
});
