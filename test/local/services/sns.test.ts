import { PublishBatchCommand, PublishCommand, type PublishCommandInput, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { createKms } from '../../../local/services/kms';
import { createLambda } from '../../../local/services/lambda';
import { createSns, type SnsService } from '../../../local/services/sns';
import { createSqs } from '../../../local/services/sqs';
import { functionProperties, refusal, TestRuntime, World } from './world';

let world: World;
let sns: SnsService;
let runtime: TestRuntime;
let topic: string;

beforeEach(async () => {
  runtime = new TestRuntime();
  world = await World.start((cloud) => {
    const kms = createKms(cloud);
    sns = createSns(cloud, kms.keyArn);
    return [kms, sns, createLambda(cloud, runtime), createSqs(cloud, cloud.gateway.url, kms.keyArn)];
  });
  topic = (await world.create('AWS::SNS::Topic', 'News', { TopicName: 'news' })).ref;
});
afterEach(() => world.gateway.close());

const publish = (input: Partial<PublishCommandInput> = {}, role?: string) =>
  new SNSClient(world.client(role)).send(new PublishCommand({ TopicArn: topic, Message: 'hello', ...input }));
const subscribe = (Protocol: string, Endpoint: string, more = {}) =>
  world.create('AWS::SNS::Subscription', `${Protocol}-${Endpoint}`, { TopicArn: topic, Protocol, Endpoint, ...more });
const text = (StringValue: string) => ({ DataType: 'String', StringValue });

describe('mail', () => {
  test('is caught in the outbox', async () => {
    await subscribe('email', 'a@example.com');
    const { MessageId } = await publish({ Subject: 'News!', MessageAttributes: { kind: text('x') } });
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(sns.outbox).toEqual([
      {
        to: 'a@example.com',
        subject: 'News!',
        body: 'hello',
        topicArn: topic,
        at: world.clock.now(),
        messageAttributes: { kind: text('x') },
      },
    ]);
  });

  test('email-json brings the notification; without a subject AWS has one', async () => {
    await subscribe('email-json', 'a@example.com');
    await publish();
    expect(sns.outbox[0].subject).toBe('AWS Notification Message');
    expect(JSON.parse(sns.outbox[0].body)).toMatchObject({ Type: 'Notification', Message: 'hello', TopicArn: topic });
  });

  test.each([
    ['100 characters', 'x'.repeat(100), true],
    ['101 characters', 'x'.repeat(101), false],
    ['a line break', 'a\nb', false],
    ['not ASCII', 'naïve', false],
    ['a space first', ' a', false],
    ['nothing', '', false],
  ])('a subject of %s', async (_what, Subject, good) => {
    if (good) await publish({ Subject });
    else
      expect(await refusal(publish({ Subject }))).toMatchObject({
        name: 'InvalidParameterException',
        message: 'Invalid parameter: Subject',
      });
  });

  test('a text for each protocol', async () => {
    await subscribe('email', 'a@example.com');
    await publish({ MessageStructure: 'json', Message: JSON.stringify({ default: 'd', email: 'for mail' }) });
    await publish({ MessageStructure: 'json', Message: JSON.stringify({ default: 'd', sqs: 'for queues' }) });
    expect(sns.outbox.map(({ body }) => body)).toEqual(['for mail', 'd']);
    expect((await refusal(publish({ MessageStructure: 'json', Message: '{"email":"x"}' }))).message).toContain('No default entry');
    expect((await refusal(publish({ MessageStructure: 'json', Message: 'x' }))).message).toContain('failed to parse');
  });
});

describe('filters', () => {
  const received = () => sns.outbox.map(({ to }) => to);

  test('by message attributes', async () => {
    await subscribe('email', 'ann', { FilterPolicy: { approver: ['ann'] } });
    await subscribe('email', 'bob', { FilterPolicy: { approver: [{ prefix: 'bo' }], level: [{ numeric: ['>=', 2] }] } });
    await subscribe('email', 'all');
    await subscribe('email', 'tagged', { FilterPolicy: { tags: ['x'] } });
    await publish({ MessageAttributes: { approver: text('ann') } });
    expect(received()).toEqual(['ann', 'all']);
    await publish({ MessageAttributes: { approver: text('bob'), level: { DataType: 'Number', StringValue: '2' } } });
    expect(received().slice(2)).toEqual(['bob', 'all']);
    await publish({ MessageAttributes: { tags: { DataType: 'String.Array', StringValue: '["w","x"]' } } });
    expect(received().slice(4)).toEqual(['all', 'tagged']);
  });

  test('by the body', async () => {
    await subscribe('email', 'eu', { FilterPolicyScope: 'MessageBody', FilterPolicy: { order: { region: [{ prefix: 'eu-' }] } } });
    await publish({ Message: '{"order":{"region":"eu-west-1"}}' });
    await publish({ Message: '{"order":{"region":"us-west-1"}}' });
    await publish({ Message: 'eu-west-1' });
    expect(received()).toEqual(['eu']);
  });
});

describe('Publish', () => {
  test('refuses what is too long, empty, or for a topic that is not there', async () => {
    await publish({ Message: 'x'.repeat(262_144) });
    expect(await refusal(publish({ Message: 'x'.repeat(262_145) }))).toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Message too long',
    });
    expect((await refusal(publish({ Message: 'x'.repeat(262_140), MessageAttributes: { a: text('b') } }))).message).toBe(
      'Invalid parameter: Message too long',
    );
    expect((await refusal(publish({ Message: '' }))).message).toBe('Invalid parameter: Empty message');
    expect((await refusal(publish({ TopicArn: `${topic}x` }))).name).toBe('NotFoundException');
    expect((await refusal(publish({ TopicArn: undefined, PhoneNumber: '+15550100' }))).name).toBe('NotImplemented');
  });

  test('needs sns:Publish', async () => {
    await publish({}, await world.role('Writer', { Effect: 'Allow', Action: 'sns:Publish', Resource: topic }));
    const error = await refusal(publish({}, await world.role('Nobody')));
    expect(error).toMatchObject({ name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } });
    expect(error.message).toContain(`sns:Publish on resource: ${topic}`);
  });

  test("a topic with a customer's key needs the key's permissions too", async () => {
    const key = await world.create('AWS::KMS::Key', 'Key');
    topic = (await world.create('AWS::SNS::Topic', 'Secret', { KmsMasterKeyId: key.ref })).ref;
    const role = await world.role('Writer', { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' });
    expect((await refusal(publish({}, role))).message).toContain(`kms:GenerateDataKey on resource: ${key.attributes?.Arn}`);
    await publish(
      {},
      await world.role('KeyUser', { Effect: 'Allow', Action: ['sns:Publish', 'kms:GenerateDataKey*', 'kms:Decrypt'], Resource: '*' }),
    );
  });

  test('in a batch each entry stands for itself', async () => {
    await subscribe('email', 'a');
    const batch = (entries: { Id: string; Message: string; Subject?: string }[]) =>
      new SNSClient(world.client()).send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: entries }));
    const got = await batch([
      { Id: '1', Message: 'one' },
      { Id: '2', Message: 'two', Subject: 'a\nb' },
    ]);
    expect(got.Successful).toMatchObject([{ Id: '1' }]);
    expect(got.Failed).toMatchObject([{ Id: '2', Code: 'InvalidParameter', SenderFault: true }]);
    expect(sns.outbox.map(({ body }) => body)).toEqual(['one']);
    expect(
      (
        await refusal(
          batch([
            { Id: '1', Message: 'a' },
            { Id: '1', Message: 'b' },
          ]),
        )
      ).name,
    ).toBe('BatchEntryIdsNotDistinctException');
  });

  test('a protocol that is not emulated is named', async () => {
    await subscribe('https', 'https://example.com');
    expect((await refusal(publish())).message).toContain('SNS subscriptions of the protocol https');
  });
});

describe('queues and functions', () => {
  const queue = async (id: string, allowed = true) => {
    const made = await world.create('AWS::SQS::Queue', id, { QueueName: id });
    if (allowed) {
      await world.create('AWS::SQS::QueuePolicy', `${id}Policy`, {
        Queues: [made.ref],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: made.attributes?.Arn,
              Condition: { ArnEquals: { 'aws:SourceArn': topic } },
            },
          ],
        },
      });
    }
    return { arn: made.attributes?.Arn as string, bodies: async () => messages(made.ref) };
  };
  const messages = async (QueueUrl: string) => {
    const got = (await world.call({
      service: 'sqs',
      operation: 'ReceiveMessage',
      principal: { kind: 'operator' },
      input: { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] },
    })) as { Messages?: { Body: string; MessageAttributes?: unknown }[] };
    return got.Messages ?? [];
  };

  test('a queue gets the envelope, or the raw message with its attributes', async () => {
    const [wrapped, raw] = [await queue('wrapped'), await queue('raw')];
    await subscribe('sqs', wrapped.arn);
    await subscribe('sqs', raw.arn, { RawMessageDelivery: true });
    await publish({ Subject: 's', MessageAttributes: { kind: text('x') } });
    await world.clock.settle();
    const [message] = await wrapped.bodies();
    expect(JSON.parse(message.Body)).toMatchObject({
      Type: 'Notification',
      TopicArn: topic,
      Subject: 's',
      Message: 'hello',
      Timestamp: new Date(world.clock.now()).toISOString(),
      MessageAttributes: { kind: { Type: 'String', Value: 'x' } },
    });
    expect(await raw.bodies()).toMatchObject([{ Body: 'hello', MessageAttributes: { kind: text('x') } }]);
  });

  test("a queue whose policy doesn't allow the topic gets nothing; the dead-letter queue does", async () => {
    const [closed, dead] = [await queue('closed', false), await queue('dead')];
    await subscribe('sqs', closed.arn, { RedrivePolicy: { deadLetterTargetArn: dead.arn } });
    await publish();
    await world.clock.settle();
    expect(await closed.bodies()).toEqual([]);
    expect(JSON.parse((await dead.bodies())[0].Body)).toMatchObject({ Message: 'hello' });
    expect(world.access.denied).toMatchObject([{ role: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: closed.arn }]);
  });

  test("a function is invoked with SNS's event, if its policy allows", async () => {
    await world.create('AWS::Lambda::Function', 'F', functionProperties('f', 'arn:aws:iam::123456789012:role/FnRole'));
    runtime.handlers.set('f', () => null);
    const { ref } = await subscribe('lambda', 'arn:aws:lambda:us-east-1:123456789012:function:f');
    await publish();
    await world.clock.settle();
    expect(runtime.invocations).toEqual([]);
    await world.create('AWS::Lambda::Permission', 'P', {
      FunctionName: 'f',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: topic,
    });
    await publish({ Subject: 's' });
    await world.clock.settle();
    expect(runtime.invocations).toMatchObject([
      {
        event: {
          Records: [{ EventSource: 'aws:sns', EventSubscriptionArn: ref, Sns: { TopicArn: topic, Subject: 's', Message: 'hello' } }],
        },
      },
    ]);
  });

  test('Subscribe by the API', async () => {
    const target = await queue('api');
    const client = new SNSClient(world.client());
    const { SubscriptionArn } = await client.send(
      new SubscribeCommand({
        TopicArn: topic,
        Protocol: 'sqs',
        Endpoint: target.arn,
        Attributes: { FilterPolicy: '{"k":["v"]}', RawMessageDelivery: 'true' },
      }),
    );
    expect(SubscriptionArn).toMatch(`${topic}:`);
    await publish();
    await publish({ Message: 'mine', MessageAttributes: { k: text('v') } });
    await world.clock.settle();
    expect((await target.bodies()).map(({ Body }) => Body)).toEqual(['mine']);
  });

  test('a FIFO topic needs a group, and delivers once', async () => {
    topic = (await world.create('AWS::SNS::Topic', 'Fifo', { TopicName: 'o.fifo', FifoTopic: true, ContentBasedDeduplication: true })).ref;
    await subscribe('email', 'a');
    expect((await refusal(publish())).message).toBe('Invalid parameter: The MessageGroupId parameter is required for FIFO topics');
    const first = await publish({ MessageGroupId: 'g' });
    const again = await publish({ MessageGroupId: 'g' });
    expect(again).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    await world.clock.advance(5 * 60_000);
    await publish({ MessageGroupId: 'g' });
    expect(sns.outbox).toHaveLength(2);
  });
});
