import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { PolicyStatement } from '../../../../local/cloud-types';
import { ACCOUNT, functionProperties, OPERATOR, refusal } from '../world';
import { type Harness, start } from './harness';

let h: Harness;
let made = 0;
beforeAll(async () => {
  h = await start();
});
afterAll(() => h.world.gateway.close());

const fromS3 = (action: string, resource: string, source = 'arn:aws:s3:::*'): PolicyStatement => ({
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: action,
  Resource: resource,
  Condition: { ArnLike: { 'aws:SourceArn': source } },
});

interface Queue {
  readonly arn: string;
  /** What is in it, taken out. */
  read(): Promise<Record<string, unknown>[]>;
}

/** A queue that S3 may send to. */
async function queue(policy: (arn: string) => PolicyStatement = (arn) => fromS3('sqs:SendMessage', arn)): Promise<Queue> {
  made += 1;
  const created = await h.world.create('AWS::SQS::Queue', `Queue${made}`, { QueueName: `queue-${made}` });
  const arn = created.attributes?.Arn as string;
  const PolicyDocument = { Version: '2012-10-17', Statement: [policy(arn)] };
  await h.world.create('AWS::SQS::QueuePolicy', `Policy${made}`, { Queues: [created.ref], PolicyDocument });
  const call = (operation: string, input: object) =>
    h.world.call({ service: 'sqs', operation, principal: OPERATOR, input: { QueueUrl: created.ref, ...input } });
  return {
    arn,
    async read() {
      const bodies: Record<string, unknown>[] = [];
      for (;;) {
        const { Messages = [] } = (await call('ReceiveMessage', { MaxNumberOfMessages: 10 })) as {
          Messages?: { Body: string; ReceiptHandle: string }[];
        };
        if (Messages.length === 0) return bodies;
        for (const { Body, ReceiptHandle } of Messages) {
          bodies.push(JSON.parse(Body));
          await call('DeleteMessage', { ReceiptHandle });
        }
      }
    },
  };
}

const put = (Bucket: string, Key: string, Body = 'hello') => h.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const configure = (Bucket: string, NotificationConfiguration: object, options: object = {}) =>
  h.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, ...options }));
const names = (messages: Record<string, unknown>[]) =>
  messages
    .map((message) => (message.Records as { eventName: string; s3: { object: { key: string } } }[])[0])
    .map(({ eventName, s3 }) => [eventName, s3.object.key]);

describe('to a queue', () => {
  test('first a test event, then records of the documented form', async () => {
    const { arn, read } = await queue();
    const Bucket = await h.bucket();
    await configure(Bucket, { QueueConfigurations: [{ Id: 'all', QueueArn: arn, Events: ['s3:ObjectCreated:*'] }] });
    expect(await read()).toEqual([
      {
        Service: 'Amazon S3',
        Event: 's3:TestEvent',
        Time: expect.any(String),
        Bucket,
        RequestId: expect.any(String),
        HostId: expect.any(String),
      },
    ]);
    const role = await h.world.role('Writer', { Effect: 'Allow', Action: 's3:*', Resource: '*' });
    await h.client(role).send(new PutObjectCommand({ Bucket, Key: 'red flower+ü.jpg', Body: 'hello' }));
    expect(await read()).toEqual([
      {
        Records: [
          {
            eventVersion: '2.1',
            eventSource: 'aws:s3',
            awsRegion: 'us-east-1',
            eventTime: new Date(h.world.clock.now()).toISOString(),
            eventName: 'ObjectCreated:Put',
            userIdentity: { principalId: 'AWS:Writer:session' },
            requestParameters: { sourceIPAddress: '127.0.0.1' },
            responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
            s3: {
              s3SchemaVersion: '1.0',
              configurationId: 'all',
              bucket: { name: Bucket, ownerIdentity: { principalId: ACCOUNT }, arn: `arn:aws:s3:::${Bucket}` },
              object: {
                key: 'red+flower%2B%C3%BC.jpg',
                size: 5,
                eTag: '5d41402abc4b2a76b9719d911017c592',
                sequencer: expect.stringMatching(/^[\dA-F]+$/),
              },
            },
          },
        ],
      },
    ]);
  });

  test('every kind of change, filtered by prefix and suffix', async () => {
    const { arn, read } = await queue();
    const Bucket = await h.bucket({ VersioningConfiguration: { Status: 'Enabled' } });
    const Filter = {
      Key: {
        FilterRules: [
          { Name: 'prefix' as const, Value: 'in/' },
          { Name: 'suffix' as const, Value: '.csv' },
        ],
      },
    };
    await configure(
      Bucket,
      { QueueConfigurations: [{ QueueArn: arn, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*'], Filter }] },
      { SkipDestinationValidation: true },
    );
    const Key = 'in/a.csv';
    for (const other of ['a.csv', 'in/a.txt', 'xin/a.csv']) await put(Bucket, other);
    const { VersionId } = await put(Bucket, Key);
    await h.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/a.csv` }));
    const { UploadId } = await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const { ETag } = await h.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }));
    await h.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }));
    await h.s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [] } }));
    await h.s3.send(new DeleteObjectTaggingCommand({ Bucket, Key }));
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    const messages = await read();
    expect(names(messages)).toEqual(
      [
        'Created:Put',
        'Created:Copy',
        'Created:CompleteMultipartUpload',
        'Tagging:Put',
        'Tagging:Delete',
        'Removed:DeleteMarkerCreated',
        'Removed:Delete',
      ].map((name) => [`Object${name}`, Key]),
    );
    // biome-ignore lint/suspicious/noExplicitAny: S3's own shape
    const objects = messages.map((message: any) => message.Records[0].s3.object);
    expect(objects[0].versionId).toBe(VersionId);
    expect(objects.at(-1)).toEqual({ key: Key, versionId: VersionId, sequencer: expect.any(String) });
    // For one key, later is greater.
    const sequencers = objects.map(({ sequencer }) => sequencer).filter(Boolean);
    expect(sequencers).toEqual([...sequencers].sort());
    expect(new Set(sequencers).size).toBe(5);
  });

  test('is refused when its policy does not let S3 in, and lost when it no longer does', async () => {
    const Bucket = await h.bucket();
    const { arn } = await queue((queueArn) => fromS3('sqs:SendMessage', queueArn, 'arn:aws:s3:::another-bucket'));
    const NotificationConfiguration = { QueueConfigurations: [{ QueueArn: arn, Events: ['s3:ObjectCreated:*' as const] }] };
    expect(await refusal(configure(Bucket, NotificationConfiguration))).toMatchObject({
      name: 'InvalidArgument',
      message: expect.stringContaining('Unable to validate the following destination configurations'),
    });
    await configure(Bucket, NotificationConfiguration, { SkipDestinationValidation: true });
    await put(Bucket, 'k');
    expect(h.world.access.denied.at(-1)).toMatchObject({ role: 's3.amazonaws.com', action: 'sqs:SendMessage', resource: arn });
  });
});

describe('to a topic and a function', () => {
  test('SNS gets the record as its message, with a subject', async () => {
    const Bucket = await h.bucket();
    const topic = await h.world.create('AWS::SNS::Topic', 'Topic', { TopicName: 'topic' });
    const { arn: queueArn, read } = await queue((arn) => ({
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
    }));
    await h.world.create('AWS::SNS::TopicPolicy', 'TopicPolicy', {
      Topics: [topic.ref],
      PolicyDocument: { Version: '2012-10-17', Statement: [fromS3('sns:Publish', topic.ref)] },
    });
    await h.world.create('AWS::SNS::Subscription', 'Subscription', { TopicArn: topic.ref, Protocol: 'sqs', Endpoint: queueArn });
    await configure(Bucket, { TopicConfigurations: [{ TopicArn: topic.ref, Events: ['s3:ObjectCreated:Put'] }] });
    await put(Bucket, 'k');
    const messages = await read();
    expect(messages.map(({ Subject }) => Subject)).toEqual(['Amazon S3 Notification', 'Amazon S3 Notification']);
    expect(JSON.parse(messages[0].Message as string)).toMatchObject({ Event: 's3:TestEvent' });
    expect(JSON.parse(messages[1].Message as string)).toMatchObject({
      Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: Bucket } } }],
    });
  });

  test('Lambda is invoked asynchronously, and gets no test event', async () => {
    const Bucket = await h.bucket();
    const role = await h.world.role('FunctionRole');
    const { ref, attributes } = await h.world.create('AWS::Lambda::Function', 'Function', functionProperties('on-object', role));
    const LambdaFunctionArn = attributes?.Arn as string;
    const configuration = { LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events: ['s3:ObjectCreated:*' as const] }] };
    expect(await refusal(configure(Bucket, configuration))).toMatchObject({ name: 'InvalidArgument' });
    await h.world.create('AWS::Lambda::Permission', 'Permission', {
      FunctionName: ref,
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      SourceArn: `arn:aws:s3:::${Bucket}`,
      SourceAccount: ACCOUNT,
    });
    h.runtime.handlers.set('on-object', () => undefined);
    await configure(Bucket, configuration);
    await put(Bucket, 'k');
    await h.world.clock.settle();
    expect(h.runtime.invocations).toMatchObject([{ name: 'on-object', event: { Records: [{ eventName: 'ObjectCreated:Put' }] } }]);
  });
});

describe('to EventBridge', () => {
  test('Object Created, Object Deleted and tags, with the key as it is', async () => {
    const Bucket = await h.bucket({ NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } });
    h.world.events.length = 0;
    await put(Bucket, 'red flower');
    await h.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'red flower', Tagging: { TagSet: [] } }));
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'red flower' }));
    const common = {
      version: '0',
      bucket: { name: Bucket },
      requester: ACCOUNT,
      'source-ip-address': '127.0.0.1',
      'request-id': expect.any(String),
    };
    const etag = '5d41402abc4b2a76b9719d911017c592';
    const sequencer = expect.stringMatching(/^[\da-f]+$/);
    const event = (detailType: string, detail: object) => ({
      source: 'aws.s3',
      'detail-type': detailType,
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: { ...common, ...detail },
    });
    expect(h.world.events).toEqual([
      event('Object Created', { object: { key: 'red flower', size: 5, etag, sequencer }, reason: 'PutObject' }),
      event('Object Tags Added', { object: { key: 'red flower', etag } }),
      event('Object Deleted', { object: { key: 'red flower', sequencer }, reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' }),
    ]);
  });

  test('a delete marker', async () => {
    const Bucket = await h.bucket({
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });
    h.world.events.length = 0;
    const { VersionId } = await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(h.world.events).toMatchObject([
      {
        'detail-type': 'Object Deleted',
        detail: { object: { key: 'k', 'version-id': VersionId }, 'deletion-type': 'Delete Marker Created' },
      },
    ]);
  });

  test('a bucket without notifications tells nobody', async () => {
    const Bucket = await h.bucket();
    h.world.events.length = 0;
    await put(Bucket, 'k');
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(h.world.events).toEqual([]);
  });
});

describe('configurations', () => {
  test('are given back, with names', async () => {
    const { arn } = await queue();
    const Bucket = await h.bucket();
    const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'a/' }] } };
    await configure(Bucket, {
      QueueConfigurations: [{ QueueArn: arn, Events: ['s3:ObjectCreated:Put'], Filter }],
      EventBridgeConfiguration: {},
    });
    const got = await h.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(got.QueueConfigurations).toEqual([
      { Id: expect.stringMatching(/^.{32}$/), QueueArn: arn, Events: ['s3:ObjectCreated:Put'], Filter },
    ]);
    expect(got.EventBridgeConfiguration).toBeDefined();
  });

  test('that overlap, or know other events and filters, are refused', async () => {
    const [one, other] = [await queue(), await queue()];
    const Bucket = await h.bucket();
    const filtered = (prefix: string, suffix: string) => ({
      Key: {
        FilterRules: [
          { Name: 'prefix' as const, Value: prefix },
          { Name: 'suffix' as const, Value: suffix },
        ],
      },
    });
    const both = (a: object, b: object, events: [string, string] = ['s3:ObjectCreated:*', 's3:ObjectCreated:Put']) => ({
      QueueConfigurations: [
        { QueueArn: one.arn, Events: [events[0]], Filter: a },
        { QueueArn: other.arn, Events: [events[1]], Filter: b },
      ],
    });
    for (const wrong of [
      both(filtered('a', ''), filtered('ab', '')),
      both(filtered('', '.jpg'), filtered('x', 'g')),
      { QueueConfigurations: [{ QueueArn: one.arn, Events: ['s3:ObjectEaten:*'] }] },
      {
        QueueConfigurations: [
          { QueueArn: one.arn, Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules: [{ Name: 'infix', Value: 'x' }] } } },
        ],
      },
    ]) {
      expect(await refusal(configure(Bucket, wrong))).toMatchObject({ name: 'InvalidArgument' });
    }
    await configure(Bucket, both(filtered('a', ''), filtered('b', '')));
    await configure(Bucket, both(filtered('a', '.jpg'), filtered('a', '.png')));
    await configure(Bucket, both(filtered('', ''), filtered('', ''), ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']));
  });
});

describe("the CDK's helper resources", () => {
  test('Custom::S3BucketNotifications sets them, and leaves those of others where it does not manage the bucket', async () => {
    const [one, other] = [await queue(), await queue()];
    const BucketName = await h.bucket();
    const custom = (logicalId: string, { arn }: Queue, event: string, more: object = {}) =>
      h.world.create('Custom::S3BucketNotifications', logicalId, {
        ServiceToken: 'arn',
        BucketName,
        NotificationConfiguration: { QueueConfigurations: [{ Events: [event], QueueArn: arn }] },
        ...more,
      });
    await custom('Managed', one, 's3:ObjectCreated:*', { Managed: true });
    await custom('Unmanaged', other, 's3:ObjectRemoved:*', { Managed: 'false', SkipDestinationValidation: 'true' });
    expect(await one.read()).toMatchObject([{ Event: 's3:TestEvent' }]);
    await put(BucketName, 'k');
    await h.s3.send(new DeleteObjectCommand({ Bucket: BucketName, Key: 'k' }));
    expect([names(await one.read()), names(await other.read())]).toEqual([[['ObjectCreated:Put', 'k']], [['ObjectRemoved:Delete', 'k']]]);
  });

  test("CloudFormation's own form of a configuration", async () => {
    const { arn, read } = await queue();
    const Bucket = await h.bucket({
      NotificationConfiguration: {
        QueueConfigurations: [
          { Event: 's3:ObjectCreated:*', Queue: arn, Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } } },
        ],
      },
    });
    await put(Bucket, 'in/k');
    await put(Bucket, 'out/k');
    const [, ...records] = await read();
    expect(names(records)).toEqual([['ObjectCreated:Put', 'in/k']]);
  });

  test('Custom::S3AutoDeleteObjects does nothing while the stack is there', async () => {
    const BucketName = await h.bucket();
    await put(BucketName, 'k');
    await h.world.create('Custom::S3AutoDeleteObjects', 'AutoDelete', { ServiceToken: 'arn', BucketName });
    expect(h.service.bucket(BucketName).keys()).toEqual(['k']);
  });
});
