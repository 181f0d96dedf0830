/** S3 inside of the whole: templates of the CDK, the engine's port, what tests and scenarios see. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_kms, aws_s3, aws_s3_notifications, aws_sqs, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ApiError } from '../../../../local/cloud-types';
import { LocalCloud } from '../../../../local/local-cloud';
import { createObjectsPort } from '../../../../local/services/s3';
import { type Harness, start } from './harness';

describe('buckets of the CDK', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'stepworks-s3-'));
  let cloud: LocalCloud;
  beforeAll(async () => {
    const app = new App({ outdir });
    const stack = new Stack(app, 'Buckets');
    const queue = new aws_sqs.Queue(stack, 'Queue');
    const plain = new aws_s3.Bucket(stack, 'Plain', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true, enforceSSL: true });
    plain.addEventNotification(aws_s3.EventType.OBJECT_CREATED, new aws_s3_notifications.SqsDestination(queue), { prefix: 'in/' });
    new aws_s3.Bucket(stack, 'Encrypted', {
      encryptionKey: new aws_kms.Key(stack, 'Key'),
      bucketKeyEnabled: true,
      versioned: true,
      eventBridgeEnabled: true,
    });
    app.synth();
    cloud = await LocalCloud.fromAssembly(outdir);
  });
  afterAll(async () => {
    await cloud?.dispose();
    rmSync(outdir, { recursive: true, force: true });
  });

  const call = async (operation: string, input: object) =>
    (await cloud.call({ service: 's3', operation, input, principal: { kind: 'operator' } })) as Record<string, unknown>;
  const name = (path: string) => cloud.find('AWS::S3::Bucket', `Buckets/${path}`).ref;

  test('have names, ARNs and settings', async () => {
    const { ref, attributes } = cloud.find('AWS::S3::Bucket', 'Buckets/Plain');
    expect(ref).toMatch(/^[a-z0-9-]{3,63}$/);
    expect(attributes).toMatchObject({ Arn: `arn:aws:s3:::${ref}`, RegionalDomainName: `${ref}.s3.us-east-1.amazonaws.com` });
    expect(await call('GetBucketVersioning', { Bucket: name('Encrypted') })).toEqual({ Status: 'Enabled' });
    const keyArn = cloud.find('AWS::KMS::Key', 'Buckets/Key').attributes.Arn;
    const put = await call('PutObject', { Bucket: name('Encrypted'), Key: 'k', Body: 'x' });
    expect(put).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: keyArn,
      BucketKeyEnabled: true,
      VersionId: expect.any(String),
    });
    const { Policy } = await call('GetBucketPolicy', { Bucket: ref });
    expect(JSON.parse(Policy as string).Statement[0]).toMatchObject({
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  test('notify as the CDK arranged it', async () => {
    await call('PutObject', { Bucket: name('Plain'), Key: 'in/k', Body: 'x' });
    await call('PutObject', { Bucket: name('Plain'), Key: 'out/k', Body: 'x' });
    await cloud.clock.settle();
    const bodies = cloud.calls.flatMap(({ service, operation, input }) =>
      service === 'sqs' && operation === 'SendMessage' ? [JSON.parse(input.MessageBody)] : [],
    );
    expect(bodies).toMatchObject([{ Event: 's3:TestEvent' }, { Records: [{ s3: { object: { key: 'in/k' } } }] }]);
  });
});

describe('as a Distributed Map sees it', () => {
  let h: Harness;
  let Bucket: string;
  beforeAll(async () => {
    h = await start();
    Bucket = await h.bucket();
  });
  afterAll(() => h.world.gateway.close());

  class Refused extends Error {}
  const port = () => createObjectsPort(h.world, (error: ApiError) => new Refused(error.code));
  const caller = async (name: string, ...actions: string[]) => ({
    roleArn: await h.world.role(name, { Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::*', 'arn:aws:s3:::*/*'] }),
    executionArn: 'arn:aws:states:us-east-1:123456789012:execution:m:e',
  });

  test('objects are read piece by piece, in the name of the role', async () => {
    const body = Buffer.alloc(2_500_000, 'abcdefg');
    await h.service.bucket(Bucket).put('big', body);
    const pieces: Uint8Array[] = [];
    const reader = await caller('Reader', 's3:GetObject');
    for await (const piece of await port().get({ ...reader, bucket: Bucket, key: 'big' })) pieces.push(piece);
    expect(pieces.length).toBe(3);
    expect(Buffer.concat(pieces).equals(body)).toBe(true);
    expect(h.world.calls.at(-1)).toMatchObject({ operation: 'GetObject', principal: { kind: 'role', arn: reader.roleArn } });
  });

  test('lists go through all pages', async () => {
    const own = await h.bucket();
    for (let i = 0; i < 1234; i++) await h.service.bucket(own).put(`in/${String(i).padStart(4, '0')}`, 'x');
    await h.service.bucket(own).put('other', 'x');
    const keys: string[] = [];
    const lister = await caller('Lister', 's3:ListBucket');
    for await (const { key, size, storageClass, lastModified } of port().list({ ...lister, bucket: own, prefix: 'in/' })) {
      keys.push(key);
      expect([size, storageClass, lastModified]).toEqual([1, 'STANDARD', h.world.clock.now()]);
    }
    expect(keys).toEqual(h.service.bucket(own).keys('in/'));
    expect(keys).toHaveLength(1234);
  });

  test('results are written; what AWS refuses is a failure of the state', async () => {
    const writer = await caller('Writer', 's3:PutObject');
    await port().put({ ...writer, bucket: Bucket, key: 'result.json', body: '["ü"]' });
    expect(h.service.bucket(Bucket).get('result.json')?.toString()).toBe('["ü"]');
    await expect(port().get({ ...writer, bucket: Bucket, key: 'result.json' })).rejects.toThrow(new Refused('AccessDeniedException'));
    await expect(port().put({ ...writer, bucket: 'no-such-bucket', key: 'k', body: '' })).rejects.toThrow(new Refused('NoSuchBucket'));
  });

  test('a call that lacks what it needs is refused by name', async () => {
    const call = h.world.call({ service: 's3', operation: 'PutObject', input: { Bucket }, principal: { kind: 'operator' } });
    await expect(call).rejects.toMatchObject({ code: 'InvalidRequest', message: 'PutObject requires Key' });
  });

  test('what tests see', async () => {
    const own = await h.bucket({ VersioningConfiguration: { Status: 'Enabled' } });
    const bucket = h.service.bucket(own);
    await bucket.put('b', 'two');
    await bucket.put('a', 'one');
    await bucket.put('gone', '');
    await h.world.call({ service: 's3', operation: 'DeleteObject', input: { Bucket: own, Key: 'gone' }, principal: { kind: 'operator' } });
    expect([bucket.keys(), bucket.get('a')?.toString(), bucket.get('gone')]).toEqual([['a', 'b'], 'one', undefined]);
    const listed: unknown[] = [];
    for await (const object of bucket.list('b')) listed.push(object);
    expect(listed).toEqual([{ key: 'b', size: 3, etag: 'b8a9f715dbb64fd5c56e7783c6820a61', lastModified: h.world.clock.now() }]);
    expect(() => h.service.bucket('no-such-bucket')).toThrow('The specified bucket does not exist');
  });
});
