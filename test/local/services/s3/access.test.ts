import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { PolicyStatement } from '../../../../local/cloud-types';
import { refusal } from '../world';
import { type Harness, start } from './harness';

let h: Harness;
let Bucket: string;
let roles = 0;
beforeAll(async () => {
  h = await start();
});
beforeEach(async () => {
  Bucket = await h.bucket();
});
afterAll(() => h.world.gateway.close());

/** A client that may do these actions everywhere, or what the statements say. */
async function clientWith(...granted: (string | PolicyStatement)[]): Promise<S3Client> {
  roles += 1;
  const statements = granted.map(
    (one): PolicyStatement => (typeof one === 'string' ? { Effect: 'Allow', Action: one, Resource: '*' } : one),
  );
  return h.client(await h.world.role(`Role${roles}`, ...statements));
}

/** Exactly these actions are needed: with all of them it works, without each one it doesn't. */
async function expectNeeds(actions: readonly string[], work: (client: S3Client) => Promise<unknown>): Promise<void> {
  for (const left of actions) {
    const lacking = await clientWith(...actions.filter((action) => action !== left), 's3:Nothing');
    const error = await refusal(work(lacking));
    expect([left, error.$metadata?.httpStatusCode]).toEqual([left, 403]);
  }
  await work(await clientWith(...actions));
}

const everything = 's3:*';

describe('each operation needs its actions, no fewer and no more', () => {
  const put = (members: object = {}) => h.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...members }));
  const versioned = async () => {
    Bucket = await h.bucket({ VersioningConfiguration: { Status: 'Enabled' } });
    return (await put({ Tagging: 'a=1' })).VersionId;
  };

  test('objects', async () => {
    await expectNeeds(['s3:PutObject'], (c) => c.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })));
    await expectNeeds(['s3:GetObject'], (c) => c.send(new GetObjectCommand({ Bucket, Key: 'k' })));
    await expectNeeds(['s3:GetObject'], (c) => c.send(new HeadObjectCommand({ Bucket, Key: 'k' })));
    await expectNeeds(['s3:GetObject', 's3:GetObjectAttributes'], (c) =>
      c.send(new GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ETag'] })),
    );
    await expectNeeds(['s3:PutObject', 's3:PutObjectTagging'], (c) =>
      c.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Tagging: 'a=1' })),
    );
    await expectNeeds(['s3:GetObjectTagging'], (c) => c.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' })));
    await expectNeeds(['s3:PutObjectTagging'], (c) => c.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [] } })));
    await expectNeeds(['s3:DeleteObject'], (c) => c.send(new DeleteObjectCommand({ Bucket, Key: 'k' })));
  });

  test('conditional writes and deletes that compare an ETag also read', async () => {
    const { ETag } = await put();
    await expectNeeds(['s3:PutObject', 's3:GetObject'], (c) =>
      c.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', IfMatch: ETag })),
    );
    await expectNeeds(['s3:PutObject'], (c) => c.send(new PutObjectCommand({ Bucket, Key: 'new', Body: 'x', IfNoneMatch: '*' })));
    await expectNeeds(['s3:DeleteObject', 's3:GetObject'], (c) => c.send(new DeleteObjectCommand({ Bucket, Key: 'k', IfMatch: ETag })));
    await expectNeeds(['s3:DeleteObject'], (c) => c.send(new DeleteObjectCommand({ Bucket, Key: 'new', IfMatch: '*' })));
  });

  test('versions', async () => {
    const VersionId = await versioned();
    await expectNeeds(['s3:GetObjectVersion'], (c) => c.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId })));
    await expectNeeds(['s3:GetObjectVersion'], (c) => c.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId })));
    await expectNeeds(['s3:GetObjectVersionTagging'], (c) => c.send(new GetObjectTaggingCommand({ Bucket, Key: 'k', VersionId })));
    await expectNeeds(['s3:GetObjectVersion', 's3:GetObjectVersionAttributes'], (c) =>
      c.send(new GetObjectAttributesCommand({ Bucket, Key: 'k', VersionId, ObjectAttributes: ['ETag'] })),
    );
    await expectNeeds(['s3:ListBucketVersions'], (c) => c.send(new ListObjectVersionsCommand({ Bucket })));
    await expectNeeds(['s3:DeleteObjectVersion'], (c) => c.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId })));
  });

  test('copies read the source and write the target, tags too', async () => {
    await put();
    const copy = (c: S3Client) => c.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }));
    await expectNeeds(['s3:GetObject', 's3:PutObject'], copy);
    await put({ Tagging: 'a=1' });
    await expectNeeds(['s3:GetObject', 's3:PutObject', 's3:GetObjectTagging', 's3:PutObjectTagging'], copy);
    const VersionId = await versioned();
    await expectNeeds(['s3:GetObjectVersion', 's3:GetObjectVersionTagging', 's3:PutObject', 's3:PutObjectTagging'], (c) =>
      c.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k?versionId=${VersionId}` })),
    );
  });

  test('multipart', async () => {
    const { UploadId } = await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    await expectNeeds(['s3:PutObject'], (c) => c.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' })));
    await expectNeeds(['s3:PutObject'], (c) => c.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'x' })));
    await expectNeeds(['s3:ListMultipartUploadParts'], (c) => c.send(new ListPartsCommand({ Bucket, Key: 'k', UploadId })));
    await expectNeeds(['s3:ListBucketMultipartUploads'], (c) => c.send(new ListMultipartUploadsCommand({ Bucket })));
    const { Parts } = await h.s3.send(new ListPartsCommand({ Bucket, Key: 'k', UploadId }));
    const MultipartUpload = { Parts: Parts?.map(({ ETag, PartNumber }) => ({ ETag, PartNumber })) };
    await expectNeeds(['s3:PutObject'], (c) => c.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload })));
    const { UploadId: other } = await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    await expectNeeds(['s3:AbortMultipartUpload'], (c) => c.send(new AbortMultipartUploadCommand({ Bucket, Key: 'k', UploadId: other })));
  });

  test('buckets', async () => {
    await expectNeeds(['s3:ListBucket'], (c) => c.send(new HeadBucketCommand({ Bucket })));
    await expectNeeds(['s3:ListBucket'], (c) => c.send(new ListObjectsV2Command({ Bucket })));
    await expectNeeds(['s3:ListAllMyBuckets'], (c) => c.send(new ListBucketsCommand({})));
  });
});

test('who may not list does not learn that a key is missing', async () => {
  const get = new GetObjectCommand({ Bucket, Key: 'missing' });
  const blind = await refusal((await clientWith('s3:GetObject')).send(get));
  expect(blind.$metadata.httpStatusCode).toBe(403);
  expect(blind.message).toContain(`is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::${Bucket}`);
  const seeing = await clientWith('s3:GetObject', 's3:ListBucket');
  expect(await refusal(seeing.send(get))).toMatchObject({ name: 'NoSuchKey' });
  expect(await refusal(seeing.send(new HeadObjectCommand({ Bucket, Key: 'missing' })))).toMatchObject({ name: 'NotFound' });
  // That a bucket is missing everybody may know.
  const nowhere = new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' });
  expect(await refusal((await clientWith('s3:Nothing')).send(nowhere))).toMatchObject({ name: 'NoSuchBucket' });
});

test('lists by prefix', async () => {
  const client = await clientWith({
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${Bucket}`,
    Condition: { StringLike: { 's3:prefix': 'mine/*' } },
  });
  await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'mine/today' }));
  for (const Prefix of ['other/', undefined]) {
    expect(await refusal(client.send(new ListObjectsV2Command({ Bucket, Prefix })))).toMatchObject({ $metadata: { httpStatusCode: 403 } });
  }
});

test("conditions on the request's and on the object's tags", async () => {
  const [Resource, Effect] = [`arn:aws:s3:::${Bucket}/*`, 'Allow' as const];
  const client = await clientWith(
    { Effect, Action: 's3:GetObject', Resource, Condition: { StringEquals: { 's3:ExistingObjectTag/Team': 'blue' } } },
    {
      Effect,
      Action: ['s3:PutObject', 's3:PutObjectTagging'],
      Resource,
      Condition: { StringEquals: { 's3:RequestObjectTag/Team': 'blue' } },
    },
  );
  const put = (Key: string, Tagging: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', Tagging }));
  await put('blue', 'Team=blue');
  await client.send(new GetObjectCommand({ Bucket, Key: 'blue' }));
  expect(await refusal(put('red', 'Team=red'))).toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await h.s3.send(new PutObjectCommand({ Bucket, Key: 'red', Body: 'x', Tagging: 'Team=red' }));
  expect(await refusal(client.send(new GetObjectCommand({ Bucket, Key: 'red' })))).toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('a bucket policy may forbid unconditional and unencrypted writes', async () => {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
        Condition: { Null: { 's3:if-none-match': 'true' } },
      },
    ],
  });
  const client = await clientWith(everything);
  await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  expect((await client.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
  const put = (IfNoneMatch?: string) => client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', IfNoneMatch }));
  expect((await refusal(put())).message).toContain('with an explicit deny in a resource-based policy');
  await put('*');
  expect(await refusal(client.send(new PutBucketPolicyCommand({ Bucket, Policy: '{' })))).toMatchObject({ name: 'MalformedPolicy' });
});

test('AWS::S3::BucketPolicy grants as well', async () => {
  const role = await h.world.role('Guest');
  await h.world.create('AWS::S3::BucketPolicy', 'Policy', {
    Bucket,
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: role }, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/in/*` }],
    },
  });
  await h.client(role).send(new PutObjectCommand({ Bucket, Key: 'in/k', Body: 'x' }));
  const elsewhere = h.client(role).send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  expect(await refusal(elsewhere)).toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('DeleteObjects deletes what is allowed and tells of the rest, with 200', async () => {
  const bucket = h.service.bucket(Bucket);
  for (const key of ['mine/1', 'other/1', 'mine/2']) await bucket.put(key, 'x');
  const client = await clientWith({ Effect: 'Allow', Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${Bucket}/mine/*` });
  const Objects = ['mine/1', 'other/1', 'mine/2'].map((Key) => ({ Key }));
  const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toEqual([{ Key: 'mine/1' }, { Key: 'mine/2' }]);
  expect(Errors).toEqual([{ Key: 'other/1', Code: 'AccessDenied', Message: expect.stringContaining('s3:DeleteObject') }]);
  expect(bucket.keys()).toEqual(['other/1']);
});

describe('with a KMS key', () => {
  let keyArn: string;
  beforeEach(async () => {
    const key = await h.world.create('AWS::KMS::Key', `Key${Bucket}`, {
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' }],
      },
    });
    keyArn = key.attributes?.Arn as string;
    Bucket = await h.bucket({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } }],
      },
    });
  });

  test('writers need kms:GenerateDataKey, readers kms:Decrypt, on that key', async () => {
    await expectNeeds(['s3:PutObject', 'kms:GenerateDataKey'], (c) => c.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })));
    await expectNeeds(['s3:GetObject', 'kms:Decrypt'], (c) => c.send(new GetObjectCommand({ Bucket, Key: 'k' })));
    // Only the checksum is encrypted as well: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    await expectNeeds(['s3:GetObject'], (c) => c.send(new HeadObjectCommand({ Bucket, Key: 'k' })));
    await expectNeeds(['s3:GetObject', 'kms:Decrypt'], (c) => c.send(new HeadObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' })));
    await expectNeeds(['s3:GetObject', 'kms:Decrypt', 's3:PutObject', 'kms:GenerateDataKey'], (c) =>
      c.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` })),
    );
    const { UploadId } = await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'm' }));
    await expectNeeds(['s3:PutObject', 'kms:GenerateDataKey'], (c) => c.send(new CreateMultipartUploadCommand({ Bucket, Key: 'm' })));
    await expectNeeds(['s3:PutObject', 'kms:Decrypt'], (c) =>
      c.send(new UploadPartCommand({ Bucket, Key: 'm', UploadId, PartNumber: 1, Body: 'x' })),
    );
    const via = await clientWith('s3:PutObject', {
      Effect: 'Allow',
      Action: 'kms:GenerateDataKey',
      Resource: keyArn,
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com', 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${Bucket}/only` },
      },
    });
    await via.send(new PutObjectCommand({ Bucket, Key: 'only', Body: 'x' }));
    expect(await refusal(via.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })))).toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('answers name the key, and the ETag is no MD5', async () => {
    const put = await h.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello' }));
    expect(put).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn });
    expect(put.ETag).toMatch(/^"[\da-f]{32}"$/);
    expect(put.ETag).not.toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: keyArn,
      ETag: put.ETag,
    });
  });

  test('a request chooses for itself; the key of AWS takes no permission', async () => {
    const client = await clientWith('s3:PutObject', 's3:GetObject');
    const put = (members: object) => client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...members }));
    expect(await put({ ServerSideEncryption: 'AES256' })).toMatchObject({ ServerSideEncryption: 'AES256' });
    const managed = await put({ ServerSideEncryption: 'aws:kms' });
    expect(managed.SSEKMSKeyId).toBe('arn:aws:kms:us-east-1:123456789012:alias/aws/s3');
    await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await refusal(put({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn }))).toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    expect(await refusal(put({ SSEKMSKeyId: keyArn }))).toMatchObject({ name: 'InvalidArgument' });
  });
});
