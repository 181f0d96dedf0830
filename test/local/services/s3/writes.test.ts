import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { refusal } from '../world';
import { type Harness, start } from './harness';

let h: Harness;
let Bucket: string;
beforeAll(async () => {
  h = await start();
});
beforeEach(async () => {
  Bucket = await h.bucket();
});
afterAll(() => h.world.gateway.close());

const put = (Key: string, Body: string, conditions: object = {}) => h.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }));
const body = async (key: string) => (await h.contents(Bucket).get(key))?.toString();

describe('conditional writes', () => {
  test('If-None-Match: only where nothing is', async () => {
    await put('k', 'first', { IfNoneMatch: '*' });
    expect(await refusal(put('k', 'second', { IfNoneMatch: '*' }))).toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'If-None-Match',
      $metadata: { httpStatusCode: 412 },
    });
    expect(await body('k')).toBe('first');
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await put('k', 'third', { IfNoneMatch: '*' });
    expect(await refusal(put('k', 'x', { IfNoneMatch: '"etag"' }))).toMatchObject({ name: 'NotImplemented' });
  });

  test('If-Match: only over what was read', async () => {
    const { ETag } = await put('k', 'first');
    await put('k', 'second', { IfMatch: ETag });
    expect(await refusal(put('k', 'third', { IfMatch: ETag }))).toMatchObject({ name: 'PreconditionFailed', Condition: 'If-Match' });
    expect(await body('k')).toBe('second');
    expect(await refusal(put('missing', 'x', { IfMatch: ETag }))).toMatchObject({ name: 'NoSuchKey' });
  });

  test('a delete marker counts as nothing', async () => {
    await h.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const { ETag } = await put('k', 'first');
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(await refusal(put('k', 'x', { IfMatch: ETag }))).toMatchObject({ name: 'NoSuchKey' });
    await put('k', 'second', { IfNoneMatch: '*' });
  });

  test.each([
    ['If-None-Match', 20, { IfNoneMatch: '*' }],
    ['If-Match', 20, undefined],
  ])('of 20 writers at once with %s, one wins', async (_what, writers, conditions) => {
    const { ETag } = conditions ? { ETag: undefined } : await put('race', 'start');
    const outcomes = await Promise.allSettled(
      Array.from({ length: writers }, (_, i) => put('race', `writer ${i}`, conditions ?? { IfMatch: ETag })),
    );
    const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(await body('race')).toBe(`writer ${winners[0]}`);
    const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.name] : []));
    expect(losers).toEqual(Array(writers - 1).fill('PreconditionFailed'));
  });

  test('of 20 multipart uploads at once, one is completed', async () => {
    const uploads = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const { UploadId } = await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'race' }));
        const { ETag } = await h.s3.send(new UploadPartCommand({ Bucket, Key: 'race', UploadId, PartNumber: 1, Body: `writer ${i}` }));
        return { UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
      }),
    );
    const outcomes = await Promise.allSettled(
      uploads.map((upload) => h.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'race', IfNoneMatch: '*', ...upload }))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('conditional deletes', async () => {
    const { ETag } = await put('k', 'x');
    const remove = (IfMatch: string, Key = 'k') => h.s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatch }));
    expect(await refusal(remove('"other"'))).toMatchObject({ name: 'PreconditionFailed' });
    expect(await refusal(remove('*', 'missing'))).toMatchObject({ name: 'NoSuchKey' });
    await remove(ETag as string);
    expect(await body('k')).toBeUndefined();
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
  test('conditional deletes look at the current version only; a delete marker meets no condition', async () => {
    await h.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const first = await put('k', 'first');
    const second = await put('k', 'second');
    const remove = (members: object) => h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', ...members }));
    expect(await refusal(remove({ VersionId: first.VersionId, IfMatch: first.ETag }))).toMatchObject({ name: 'PreconditionFailed' });
    await remove({ VersionId: first.VersionId, IfMatch: second.ETag });
    await remove({ IfMatch: '*' });
    expect(await refusal(remove({ IfMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
  });

  test('DeleteObjects tells of each object whose condition failed, and deletes the others', async () => {
    const [a, b] = [await put('a', '1'), await put('b', '2')];
    const Objects = [
      { Key: 'a', ETag: a.ETag },
      { Key: 'b', ETag: a.ETag },
      { Key: 'b', ETag: '*' },
      { Key: 'missing', ETag: b.ETag },
    ];
    const { Deleted, Errors } = await h.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual([{ Key: 'a' }, { Key: 'b' }]);
    expect(Errors).toMatchObject([
      { Key: 'b', Code: 'PreconditionFailed' },
      { Key: 'missing', Code: 'NoSuchKey' },
    ]);
  });
});

describe('CopyObject', () => {
  const copy = (Key: string, CopySource: string, options: object = {}) =>
    h.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource, ...options }));

  test('takes headers, metadata and tags along, and says what it made', async () => {
    await put('source', 'hello', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 't=1', StorageClass: 'STANDARD_IA' });
    const { CopyObjectResult } = await copy('target', `${Bucket}/source`);
    expect(CopyObjectResult).toMatchObject({
      ETag: `"${createHash('md5').update('hello').digest('hex')}"`,
      LastModified: new Date(Math.floor(h.world.clock.now() / 1000) * 1000),
      ChecksumCRC32: 'NhCmhg==',
    });
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'target' }));
    expect(head).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    // The storage class isn't copied.
    expect(head.StorageClass).toBeUndefined();
    expect((await h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'target' }))).TagSet).toEqual([{ Key: 't', Value: '1' }]);
  });

  test('or takes new ones', async () => {
    await put('source', 'hello', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 't=1' });
    const replaced = { MetadataDirective: 'REPLACE', ContentType: 'text/csv', Metadata: { b: '2' } };
    await copy('target', `/${Bucket}/source`, { ...replaced, TaggingDirective: 'REPLACE', Tagging: 'u=2' });
    expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'target' }))).toMatchObject({
      ContentType: 'text/csv',
      Metadata: { b: '2' },
    });
    expect((await h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'target' }))).TagSet).toEqual([{ Key: 'u', Value: '2' }]);
    // Without REPLACE they don't count.
    await copy('third', `${Bucket}/source`, { ContentType: 'text/csv', Metadata: { b: '2' } });
    expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'third' }))).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { a: '1' },
    });
  });

  test('conditions on the source are all 412, those on the target as for PutObject', async () => {
    const { ETag } = await put('source', 'hello');
    const at = h.world.clock.now();
    const failing = [
      { CopySourceIfMatch: '"other"' },
      { CopySourceIfNoneMatch: ETag },
      { CopySourceIfModifiedSince: new Date(at + 60_000) },
      { CopySourceIfUnmodifiedSince: new Date(at - 60_000) },
      { CopySourceIfNoneMatch: ETag, CopySourceIfModifiedSince: new Date(at - 60_000) },
    ];
    for (const conditions of failing) {
      expect(await refusal(copy('target', `${Bucket}/source`, conditions))).toMatchObject({ name: 'PreconditionFailed' });
    }
    await copy('target', `${Bucket}/source`, {
      CopySourceIfMatch: ETag,
      CopySourceIfUnmodifiedSince: new Date(at - 60_000),
      IfNoneMatch: '*',
    });
    expect(await refusal(copy('target', `${Bucket}/source`, { IfNoneMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed' });
  });

  test('onto itself only to change something', async () => {
    await put('k', 'hello');
    expect(await refusal(copy('k', `${Bucket}/k`))).toMatchObject({ name: 'InvalidRequest', message: expect.stringContaining('illegal') });
    await copy('k', `${Bucket}/k`, { MetadataDirective: 'REPLACE', Metadata: { new: '1' } });
    await copy('k', `${Bucket}/k`, { StorageClass: 'STANDARD_IA' });
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    expect(head).toMatchObject({ Metadata: { new: '1' }, StorageClass: 'STANDARD_IA' });
  });

  test('the source is URL-encoded: a bare "+" is a space', async () => {
    await put('a+b c/ü', 'odd');
    await copy('target', encodeURIComponent(`${Bucket}/a+b c/ü`));
    expect(await body('target')).toBe('odd');
    expect(await refusal(copy('target', `${Bucket}/a+b%20c/%C3%BC`))).toMatchObject({ name: 'NoSuchKey' });
    expect(await refusal(copy('target', 'nowhere'))).toMatchObject({ name: 'InvalidArgument' });
    expect(await refusal(copy('target', 'no-such-bucket/k'))).toMatchObject({ name: 'NoSuchBucket' });
  });

  test('one version on condition, with new tags, another storage class and encryption', async () => {
    await h.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const { ETag, VersionId } = await put('k', 'first', { Metadata: { a: '1' }, Tagging: 't=1' });
    await put('k', 'second');
    const source = `${Bucket}/k?versionId=${VersionId}`;
    const settings = {
      MetadataDirective: 'COPY',
      TaggingDirective: 'REPLACE',
      Tagging: 'u=2',
      StorageClass: 'INTELLIGENT_TIERING',
      ServerSideEncryption: 'aws:kms',
      BucketKeyEnabled: true,
    };
    expect(await refusal(copy('target', source, { ...settings, CopySourceIfMatch: '"other"' }))).toMatchObject({
      name: 'PreconditionFailed',
    });
    const made = await copy('target', source, { ...settings, CopySourceIfMatch: ETag });
    expect(made).toMatchObject({ CopySourceVersionId: VersionId, ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true });
    // It tells nothing of the body any more: a checksum does.
    expect(made.CopyObjectResult?.ETag).not.toBe(ETag);
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'target', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      Metadata: { a: '1' },
      StorageClass: 'INTELLIGENT_TIERING',
      ChecksumCRC32: made.CopyObjectResult?.ChecksumCRC32,
      VersionId: made.VersionId,
      ETag: made.CopyObjectResult?.ETag,
    });
    expect((await h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'target' }))).TagSet).toEqual([{ Key: 'u', Value: '2' }]);
    expect(await body('target')).toBe('first');
  });

  test('a source that is said to be of another account is refused', async () => {
    await put('source', 'hello');
    expect(await refusal(copy('target', `${Bucket}/source`, { ExpectedSourceBucketOwner: '999999999999' }))).toMatchObject({
      name: 'AccessDenied',
    });
    await copy('target', `${Bucket}/source`, { ExpectedSourceBucketOwner: '123456789012', ExpectedBucketOwner: '123456789012' });
  });

  test('versions, from and to', async () => {
    await h.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const first = await put('k', 'first');
    const second = await put('k', 'second');
    const copied = await copy('copy', `${Bucket}/k?versionId=${first.VersionId}`);
    expect(copied.CopySourceVersionId).toBe(first.VersionId);
    expect(copied.VersionId).toEqual(expect.any(String));
    expect(await body('copy')).toBe('first');
    // This is how an old version comes back.
    const restored = await copy('k', `${Bucket}/k?versionId=${first.VersionId}`);
    expect([first.VersionId, second.VersionId]).not.toContain(restored.VersionId);
    expect(await body('k')).toBe('first');
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(await refusal(copy('x', `${Bucket}/k`))).toMatchObject({ name: 'NoSuchKey' });
    const { VersionId: marker } = await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    const ofMarker = `${Bucket}/k?versionId=${marker}`;
    expect(await refusal(copy('x', ofMarker))).toMatchObject({ name: 'InvalidRequest', $metadata: { httpStatusCode: 400 } });
    const { UploadId } = await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'x' }));
    const part = new UploadPartCopyCommand({ Bucket, Key: 'x', UploadId, PartNumber: 1, CopySource: ofMarker });
    expect(await refusal(h.s3.send(part))).toMatchObject({ name: 'InvalidRequest' });
    expect(await refusal(copy('x', `${Bucket}/k?versionId=no-such-version`))).toMatchObject({ name: 'NoSuchVersion' });
    const back = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: second.VersionId }));
    expect(await back.Body?.transformToString()).toBe('second');
  });
});
