import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { refusal } from '../world';
import { type Harness, noise, start } from './harness';

let h: Harness;
let Bucket: string;
beforeAll(async () => {
  h = await start();
  Bucket = await h.bucket();
});
afterAll(() => h.world.gateway.close());

const text = async (Key: string) => (await h.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const md5 = (body: Uint8Array | string) => createHash('md5').update(body).digest('hex');

describe('buckets', () => {
  test('are made, found, listed and deleted', async () => {
    await h.s3.send(new CreateBucketCommand({ Bucket: 'made-by-call' }));
    // In us-east-1 one's own bucket may be created again.
    await h.s3.send(new CreateBucketCommand({ Bucket: 'made-by-call' }));
    expect(await h.s3.send(new HeadBucketCommand({ Bucket: 'made-by-call' }))).toMatchObject({ BucketRegion: 'us-east-1' });
    expect((await h.s3.send(new GetBucketLocationCommand({ Bucket: 'made-by-call' }))).LocationConstraint).toBeFalsy();
    const { Buckets } = await h.s3.send(new ListBucketsCommand({ Prefix: 'made' }));
    expect(Buckets).toMatchObject([{ Name: 'made-by-call', CreationDate: new Date(h.world.clock.now()) }]);

    await h.s3.send(new PutObjectCommand({ Bucket: 'made-by-call', Key: 'k', Body: 'x' }));
    expect(await refusal(h.s3.send(new DeleteBucketCommand({ Bucket: 'made-by-call' })))).toMatchObject({ name: 'BucketNotEmpty' });
    await h.s3.send(new DeleteObjectCommand({ Bucket: 'made-by-call', Key: 'k' }));
    await h.s3.send(new DeleteBucketCommand({ Bucket: 'made-by-call' }));
    const gone = await refusal(h.s3.send(new HeadBucketCommand({ Bucket: 'made-by-call' })));
    expect(gone).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });

  test.each(['ab', 'Upper', 'a..b', '1.2.3.4', 'xn--a', 'with_underscore', `a${'b'.repeat(63)}`])(
    'the name %s is refused',
    async (name) => {
      expect(await refusal(h.s3.send(new CreateBucketCommand({ Bucket: name })))).toMatchObject({ name: 'InvalidBucketName' });
    },
  );

  test('of another region or owner', async () => {
    const elsewhere = new CreateBucketCommand({ Bucket: 'else-where', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
    expect(await refusal(h.s3.send(elsewhere))).toMatchObject({ name: 'NotImplemented' });
    const put = (ExpectedBucketOwner: string) => h.s3.send(new PutObjectCommand({ Bucket, Key: 'own', Body: 'x', ExpectedBucketOwner }));
    expect(await refusal(put('999999999999'))).toMatchObject({ name: 'AccessDenied' });
    await put('123456789012');
  });
});

describe('bodies', () => {
  test('an object comes back as it was put, with its ETag and checksum', async () => {
    const put = await h.s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'hello' }));
    expect(put).toMatchObject({
      ETag: `"${md5('hello')}"`,
      ChecksumCRC32: 'NhCmhg==',
      ChecksumType: 'FULL_OBJECT',
      ServerSideEncryption: 'AES256',
    });
    expect(put.VersionId).toBeUndefined();
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'plain' }));
    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentLength: 5,
      ContentType: 'application/octet-stream',
      AcceptRanges: 'bytes',
      LastModified: new Date(Math.floor(h.world.clock.now() / 1000) * 1000),
      ChecksumCRC32: 'NhCmhg==',
    });
    expect(got.StorageClass).toBeUndefined();
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'plain' }));
    expect(head).toMatchObject({ ETag: put.ETag, ContentLength: 5 });
  });

  test.each([0, 1, 65_536, 300_000, 3_000_001])('a stream of %i bytes', async (size) => {
    const body = noise(size);
    const Body = Readable.from(
      (function* () {
        for (let at = 0; at < size; at += 70_001) yield body.subarray(at, at + 70_001);
      })(),
    );
    const Key = `stream-${size}`;
    // Of unknown length and without seeking: aws-chunked, with its checksum in a trailer.
    const put = await h.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: size, ContentEncoding: 'gzip' }));
    expect(put.ETag).toBe(`"${md5(body)}"`);
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    expect(got).toMatchObject({ ContentEncoding: 'gzip', ContentLength: size });
    expect(got.ChecksumCRC32).toEqual(expect.any(String));
  });

  test('the stream was indeed framed', async () => {
    const seen: unknown[] = [];
    const client = h.client();
    client.middlewareStack.add(
      (next) => (args) => {
        seen.push((args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256']);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await client.send(new PutObjectCommand({ Bucket, Key: 'framed', Body: Readable.from([Buffer.from('abc')]), ContentLength: 3 }));
    expect(seen).toEqual(['STREAMING-UNSIGNED-PAYLOAD-TRAILER']);
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'framed' }));
    expect(got.ContentEncoding).toBeUndefined();
    expect(await got.Body?.transformToString()).toBe('abc');
  });

  test.each([
    ['CRC32', 'NhCmhg=='],
    ['CRC32C', 'mnG7TA=='],
    ['CRC64NVME', 'M3eFcAZSQlc='],
    ['SHA1', createHash('sha1').update('hello').digest('base64')],
    ['SHA256', createHash('sha256').update('hello').digest('base64')],
  ] as const)('checksum %s, made and checked by the SDK', async (ChecksumAlgorithm, value) => {
    const Key = `sum-${ChecksumAlgorithm}`;
    const put = await h.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'hello', ChecksumAlgorithm }));
    expect(put).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: value });
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: value });
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: value, ChecksumType: 'FULL_OBJECT' });
  });

  test.each([
    ['a wrong CRC32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['a wrong SHA-256', { ChecksumSHA256: createHash('sha256').update('other').digest('base64') }, 'BadDigest'],
    ['no checksum at all', { ChecksumSHA256: 'AAAA' }, 'InvalidRequest'],
    ['a wrong Content-MD5', { ContentMD5: createHash('md5').update('other').digest('base64') }, 'BadDigest'],
    ['no MD5', { ContentMD5: 'AAAA' }, 'InvalidDigest'],
  ])('%s is refused and nothing is kept', async (_what, members, name) => {
    expect(await refusal(h.s3.send(new PutObjectCommand({ Bucket, Key: 'wrong', Body: 'hello', ...members })))).toMatchObject({ name });
    expect(await refusal(text('wrong'))).toMatchObject({ name: 'NoSuchKey' });
  });

  test('without a checksum S3 makes its own', async () => {
    const client = h.client(undefined, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    await client.send(new PutObjectCommand({ Bucket, Key: 'unsummed', Body: 'hello' }));
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'unsummed', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ChecksumCRC64NVME: 'M3eFcAZSQlc=', ChecksumType: 'FULL_OBJECT' });
  });

  test.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('range %s', async (Range, body, ContentRange) => {
    await h.s3.send(new PutObjectCommand({ Bucket, Key: 'ten', Body: '0123456789' }));
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'ten', Range }));
    expect(got).toMatchObject({ ContentRange, ContentLength: body.length, $metadata: { httpStatusCode: 206 } });
    expect(await got.Body?.transformToString()).toBe(body);
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'ten', Range }));
    expect(head).toMatchObject({ ContentRange, ContentLength: body.length, $metadata: { httpStatusCode: 206 } });
  });

  test('ranges that cannot be, and those that are none', async () => {
    const beyond = await refusal(h.s3.send(new GetObjectCommand({ Bucket, Key: 'ten', Range: 'bytes=10-' })));
    expect(beyond).toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
    for (const Range of ['bytes=3-1', 'bytes=0-1,4-5', 'lines=1-2']) {
      const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'ten', Range }));
      expect(got.$metadata.httpStatusCode).toBe(200);
      expect(await got.Body?.transformToString()).toBe('0123456789');
    }
  });

  test('more than S3 takes at once is refused before it is sent', async () => {
    const answer = await raw({
      method: 'PUT',
      path: `/${Bucket}/huge`,
      headers: { 'content-length': String(5 * 1024 ** 3 + 1), authorization: authorization(), expect: '100-continue' },
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<Code>EntityTooLarge</Code>');
  });
});

describe('what is kept with an object', () => {
  test('headers, metadata, storage class', async () => {
    const headers = {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a b.txt"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de, en',
      ContentType: 'text/plain; charset=utf-8',
      WebsiteRedirectLocation: '/elsewhere',
    };
    const Metadata = { one: '1', two: 'a=b; c' };
    const Expires = new Date('2030-01-01T00:00:00Z');
    await h.s3.send(new PutObjectCommand({ Bucket, Key: 'rich', Body: 'x', ...headers, Expires, Metadata, StorageClass: 'STANDARD_IA' }));
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'rich' }));
    expect(got).toMatchObject({ ...headers, Metadata, StorageClass: 'STANDARD_IA', ExpiresString: 'Tue, 01 Jan 2030 00:00:00 GMT' });
    expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'rich' }))).toMatchObject({ ...headers, Metadata });

    const overridden = await h.s3.send(
      new GetObjectCommand({ Bucket, Key: 'rich', ResponseContentType: 'text/csv', ResponseCacheControl: 'no-store' }),
    );
    expect(overridden).toMatchObject({ ContentType: 'text/csv', CacheControl: 'no-store', ContentLanguage: 'de, en' });
  });

  test('metadata that no header can carry comes back as RFC 2047 has it', async () => {
    await h.world.call({
      service: 's3',
      operation: 'PutObject',
      principal: { kind: 'operator' },
      input: { Bucket, Key: 'meta', Metadata: { n: '名' } },
    });
    const head = await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'meta' }));
    expect(head.Metadata).toEqual({ n: '=?UTF-8?B?5ZCN?=' });
  });

  test.each([
    ['too much metadata', { Metadata: { big: 'x'.repeat(2046) } }, 'MetadataTooLarge'],
    ['an unknown storage class', { StorageClass: 'COLD' as never }, 'InvalidStorageClass'],
    ['an ACL, where they are off', { ACL: 'public-read' as const }, 'AccessControlListNotSupported'],
    ['a customer key', { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'x'.repeat(32) }, 'NotImplemented'],
    ['Object Lock', { ObjectLockMode: 'GOVERNANCE' as const, ObjectLockRetainUntilDate: new Date() }, 'NotImplemented'],
    ['eleven tags', { Tagging: Array.from({ length: 11 }, (_, i) => `k${i}=v`).join('&') }, 'BadRequest'],
  ])('%s is refused', async (_what, members, name) => {
    expect(await refusal(h.s3.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'x', ...members })))).toMatchObject({ name });
  });

  test('a bucket whose template asks for what is not carried out says so when it is written to', async () => {
    const replicated = await h.bucket({ ReplicationConfiguration: { Role: 'role', Rules: [] } });
    const error = await refusal(h.s3.send(new PutObjectCommand({ Bucket: replicated, Key: 'k', Body: 'x' })));
    expect(error).toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('S3 replication') });
  });

  test('an archived object can be looked at but not read', async () => {
    await h.s3.send(new PutObjectCommand({ Bucket, Key: 'cold', Body: 'x', StorageClass: 'DEEP_ARCHIVE' }));
    expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'cold' }))).toMatchObject({ StorageClass: 'DEEP_ARCHIVE' });
    expect(await refusal(text('cold'))).toMatchObject({ name: 'InvalidObjectState', StorageClass: 'DEEP_ARCHIVE' });
  });

  test('tags, by header and by call', async () => {
    await h.s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Tagging: 'a=1&b=two%20words' }));
    expect((await h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'two words' },
    ]);
    expect((await h.s3.send(new GetObjectCommand({ Bucket, Key: 'tagged' }))).TagCount).toBe(2);
    const TagSet = [{ Key: 'c', Value: 'ü+-=._:/@' }];
    await h.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet } }));
    expect((await h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual(TagSet);
    await h.s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect((await h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([]);
    const double = [TagSet[0], TagSet[0]];
    for (const wrong of [double, [{ Key: 'a', Value: '<>' }], [{ Key: 'aws:x', Value: '' }], [{ Key: 'k'.repeat(129), Value: '' }]]) {
      const put = new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: wrong } });
      expect(await refusal(h.s3.send(put))).toMatchObject({ name: 'InvalidTag' });
    }
  });

  test('attributes', async () => {
    await h.s3.send(new PutObjectCommand({ Bucket, Key: 'attributes', Body: 'hello', StorageClass: 'GLACIER_IR' }));
    const ObjectAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;
    const got = await h.s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'attributes', ObjectAttributes: [...ObjectAttributes] }));
    expect(got).toMatchObject({
      ETag: md5('hello'),
      Checksum: { ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' },
      StorageClass: 'GLACIER_IR',
      ObjectSize: 5,
    });
    const some = await h.s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'attributes', ObjectAttributes: ['ObjectSize'] }));
    expect([some.ObjectSize, some.ETag, some.StorageClass]).toEqual([5, undefined, undefined]);
  });
});

describe('conditional reads', () => {
  test('by ETag and by time', async () => {
    const { ETag } = await h.s3.send(new PutObjectCommand({ Bucket, Key: 'conditional', Body: 'x' }));
    const at = h.world.clock.now();
    const [before, after] = [new Date(at - 60_000), new Date(at + 60_000)];
    const get = (conditions: object) => h.s3.send(new GetObjectCommand({ Bucket, Key: 'conditional', ...conditions }));
    const status = async (conditions: object) => (await refusal(get(conditions))).$metadata.httpStatusCode;

    for (const passing of [
      { IfMatch: ETag },
      { IfMatch: ETag?.replaceAll('"', '') },
      { IfNoneMatch: '"other"' },
      { IfModifiedSince: before },
      { IfUnmodifiedSince: after },
      // The ETag outweighs the date.
      { IfMatch: ETag, IfUnmodifiedSince: before },
      { IfNoneMatch: '"other"', IfModifiedSince: after },
    ]) {
      expect((await get(passing)).ETag).toBe(ETag);
    }
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfUnmodifiedSince: before })).toBe(412);
    expect(await status({ IfNoneMatch: ETag })).toBe(304);
    expect(await status({ IfModifiedSince: after })).toBe(304);
    expect(await status({ IfNoneMatch: ETag, IfModifiedSince: before })).toBe(304);
    expect(await refusal(get({ IfMatch: '"other"' }))).toMatchObject({ name: 'PreconditionFailed', Condition: 'If-Match' });
  });
});

describe('missing things', () => {
  test('have their names', async () => {
    expect(await refusal(text('nothing'))).toMatchObject({ name: 'NoSuchKey', Key: 'nothing', $metadata: { httpStatusCode: 404 } });
    expect(await refusal(h.s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).toMatchObject({ name: 'NotFound' });
    const nowhere = h.s3.send(new PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body: 'x' }));
    expect(await refusal(nowhere)).toMatchObject({ name: 'NoSuchBucket', BucketName: 'no-such-bucket' });
    // To delete what isn't there is no error.
    await h.s3.send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }));
  });
});

describe('odd keys', () => {
  const keys = [
    'with space',
    ' leading and trailing ',
    'a+b',
    'a%2Bb',
    'a%20b',
    '100%',
    'ünïcødé/日本語/🎉',
    '//double//slash',
    '/leading',
    'trailing/',
    '.',
    '..',
    './x',
    '../x',
    'a/../b',
    'a/./b',
    '?query=1',
    '#hash',
    'quotes\'"`',
    'a&b<c>d',
    'a;b,c:d@e$f=g!h*i(j)k~l',
    '\\back\\slash',
    'tab\tand\nnewline\r',
    'x'.repeat(1024),
    'ü'.repeat(512),
    'constructor',
    '__proto__',
  ];

  test.each(keys.map((key) => [key.length > 40 ? `${key.slice(0, 10)}… (${key.length})` : JSON.stringify(key), key]))(
    '%s',
    async (_name, Key) => {
      const own = await h.bucket();
      await h.s3.send(new PutObjectCommand({ Bucket: own, Key, Body: Key }));
      expect(await h.contents(own).keys()).toEqual([Key]);
      expect(await (await h.s3.send(new GetObjectCommand({ Bucket: own, Key }))).Body?.transformToString()).toBe(Key);
      const listed = await h.s3.send(new ListObjectVersionsCommand({ Bucket: own, EncodingType: 'url', Prefix: Key }));
      expect(listed.Versions?.map((version) => decodeURIComponent((version.Key as string).replaceAll('+', ' ')))).toEqual([Key]);
      const other = await h.bucket();
      await h.s3.send(new CopyObjectCommand({ Bucket: other, Key, CopySource: encodeURIComponent(`${own}/${Key}`) }));
      expect((await h.contents(other).get(Key))?.toString()).toBe(Key);
      const { Deleted, Errors } = await h.s3.send(new DeleteObjectsCommand({ Bucket: own, Delete: { Objects: [{ Key }] } }));
      expect([Deleted, Errors]).toEqual([[{ Key }], undefined]);
      expect(await h.contents(own).keys()).toEqual([]);
    },
  );

  test('of more than 1,024 bytes are refused', async () => {
    for (const Key of ['x'.repeat(1025), 'ü'.repeat(513)]) {
      expect(await refusal(h.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' })))).toMatchObject({ name: 'KeyTooLongError' });
    }
  });

  test('a folder is an empty object', async () => {
    const put = await h.s3.send(new PutObjectCommand({ Bucket, Key: 'folder/', Body: '', ContentLength: 0 }));
    expect(put.ETag).toBe(`"${md5('')}"`);
    expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'folder/' }))).toMatchObject({ ContentLength: 0 });
    expect(await text('folder/')).toBe('');
  });
});

describe('deleting many at once', () => {
  test('in one call, quietly or not', async () => {
    const own = await h.bucket();
    const bucket = h.contents(own);
    for (const key of ['a', 'b', 'c']) await bucket.put(key, key);
    const some = await h.s3.send(new DeleteObjectsCommand({ Bucket: own, Delete: { Objects: [{ Key: 'a' }, { Key: 'missing' }] } }));
    expect(some.Deleted).toEqual([{ Key: 'a' }, { Key: 'missing' }]);
    const quiet = await h.s3.send(new DeleteObjectsCommand({ Bucket: own, Delete: { Quiet: true, Objects: [{ Key: 'b' }] } }));
    expect([quiet.Deleted, quiet.Errors]).toEqual([undefined, undefined]);
    const conditional = { Objects: [{ Key: 'c', ETag: '"other"' }] };
    const refused = await h.s3.send(new DeleteObjectsCommand({ Bucket: own, Delete: conditional }));
    expect(refused.Errors).toMatchObject([{ Key: 'c', Code: 'PreconditionFailed' }]);
    expect(await bucket.keys()).toEqual(['c']);
    const tooMany = Array.from({ length: 1001 }, (_, i) => ({ Key: String(i) }));
    expect(await refusal(h.s3.send(new DeleteObjectsCommand({ Bucket: own, Delete: { Objects: tooMany } })))).toMatchObject({
      name: 'MalformedXML',
    });
  });
});

describe('the wire, without an SDK', () => {
  const signed = (body: string, headers: Record<string, string> = {}) =>
    raw({ method: 'PUT', path: `/${Bucket}/raw`, headers: { authorization: authorization(), ...headers }, body });

  test('signed chunks and trailers', async () => {
    const body =
      '5;chunk-signature=aa\r\nhello\r\n1;chunk-signature=bb\r\n!\r\n0;chunk-signature=cc\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n';
    const headers = { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'content-encoding': 'aws-chunked' };
    expect((await signed(body, headers)).body).toContain('<Code>BadDigest</Code>');
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32('hello!'));
    const right = body.replace('AAAAAA==', sum.toString('base64'));
    expect((await signed(right, { ...headers, 'x-amz-decoded-content-length': '6' })).status).toBe(200);
    expect(await text('raw')).toBe('hello!');
    expect((await signed(body, { ...headers, 'x-amz-decoded-content-length': '7' })).body).toContain('<Code>IncompleteBody</Code>');
    expect((await signed(body.slice(0, 30), headers)).body).toContain('<Code>IncompleteBody</Code>');
  });

  test('a body that only looks framed stays as it is', async () => {
    const body = '5\r\nhello\r\n0\r\n\r\n';
    expect((await signed(body, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-encoding': 'aws-chunked' })).status).toBe(200);
    expect(await text('raw')).toBe(body);
  });

  test('a body that its signature does not cover', async () => {
    expect((await signed('x', { 'x-amz-content-sha256': '0'.repeat(64) })).body).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
  });

  test('XML that is none, and requests that S3 does not know', async () => {
    const post = (path: string, body: string) => raw({ method: 'POST', path, headers: { authorization: authorization() }, body });
    expect((await post(`/${Bucket}?delete`, '<Delete><Object>')).body).toContain('<Code>MalformedXML</Code>');
    expect((await post(`/${Bucket}?delete`, '')).body).toContain('<Code>MalformedXML</Code>');
    expect((await post(`/${Bucket}`, 'form')).status).toBe(501);
    const bad = await raw({ method: 'GET', path: `/${Bucket}?max-keys=many&list-type=2`, headers: { authorization: authorization() } });
    expect(bad.body).toContain('<Code>InvalidArgument</Code>');
  });

  test('entities, CDATA and comments', async () => {
    await h.contents(Bucket).put('a<&>b', 'x');
    const body = '<?xml version="1.0"?><!-- c --><Delete xmlns="x"><Object><Key>a&lt;<![CDATA[&]]>&#x3e;b</Key></Object></Delete>';
    const answer = await raw({ method: 'POST', path: `/${Bucket}?delete`, headers: { authorization: authorization() }, body });
    expect(answer.body).toContain('<Deleted><Key>a&#60;&#38;&#62;b</Key></Deleted>');
    expect(await h.contents(Bucket).get('a<&>b')).toBeUndefined();
  });
});

function authorization(): string {
  return `AWS4-HMAC-SHA256 Credential=${h.world.gateway.credentialsFor().accessKeyId}/20260105/us-east-1/s3/aws4_request, Signature=x`;
}

function raw(options: {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}): Promise<{ status?: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(h.world.gateway.url);
    const sent = request({ hostname, port, method: options.method, path: options.path, headers: options.headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (piece) => {
        body += piece;
      });
      answer.on('end', () => {
        sent.destroy();
        resolve({ status: answer.statusCode, body });
      });
    });
    sent.on('error', reject);
    if (options.headers.expect) sent.flushHeaders();
    else sent.end(options.body ?? '');
  });
}
