import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { refusal } from '../world';
import { type Harness, noise, start } from './harness';

const MIB = 1024 * 1024;
let h: Harness;
let Bucket: string;
beforeAll(async () => {
  h = await start();
});
beforeEach(async () => {
  Bucket = await h.bucket();
});
afterAll(() => h.world.gateway.close());

const create = async (Key: string, options: object = {}) =>
  (await h.s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }))).UploadId as string;
const upload = (Key: string, UploadId: string, PartNumber: number, Body: Uint8Array | string, options: object = {}) =>
  h.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...options }));
const complete = (Key: string, UploadId: string, Parts: CompletedPart[], options: object = {}) =>
  h.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...options }));
const digest = (algorithm: string, ...pieces: Uint8Array[]) => {
  const hash = createHash(algorithm);
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
};

test('parts in any order become one object, with the settings of the beginning', async () => {
  const [one, two] = [noise(5 * MIB, 1), noise(1000, 2)];
  const UploadId = await create('big', { ContentType: 'video/mp4', Metadata: { a: '1' }, Tagging: 't=1', StorageClass: 'STANDARD_IA' });
  const second = await upload('big', UploadId, 7, two);
  const first = await upload('big', UploadId, 2, one);
  expect(first.ETag).toBe(`"${digest('md5', one).toString('hex')}"`);
  // Not there before it is complete.
  expect(await refusal(h.s3.send(new HeadObjectCommand({ Bucket, Key: 'big' })))).toMatchObject({ name: 'NotFound' });

  const done = await complete('big', UploadId, [
    { PartNumber: 2, ETag: first.ETag },
    { PartNumber: 7, ETag: second.ETag },
  ]);
  const ETag = `"${digest('md5', digest('md5', one), digest('md5', two)).toString('hex')}-2"`;
  expect(done).toMatchObject({ ETag, Bucket, Key: 'big', ChecksumType: 'FULL_OBJECT', ChecksumCRC64NVME: expect.any(String) });
  const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'big' }));
  expect(Buffer.from((await got.Body?.transformToByteArray()) as Uint8Array).equals(Buffer.concat([one, two]))).toBe(true);
  expect(got).toMatchObject({ ETag, ContentType: 'video/mp4', Metadata: { a: '1' }, TagCount: 1, StorageClass: 'STANDARD_IA' });

  const part = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'big', PartNumber: 2 }));
  expect(part).toMatchObject({ PartsCount: 2, ContentLength: 1000, ContentRange: `bytes ${5 * MIB}-${5 * MIB + 999}/${5 * MIB + 1000}` });
  expect(await refusal(h.s3.send(new GetObjectCommand({ Bucket, Key: 'big', PartNumber: 3 })))).toMatchObject({
    name: 'InvalidPartNumber',
  });
  const attributes = await h.s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'big', ObjectAttributes: ['ObjectParts'] }));
  expect(attributes.ObjectParts).toMatchObject({ TotalPartsCount: 2 });
  expect(attributes.ObjectParts?.Parts).toBeUndefined();
  expect(await refusal(complete('big', UploadId, [{ PartNumber: 2, ETag: first.ETag }]))).toMatchObject({ name: 'NoSuchUpload' });
});

test('a part that is uploaded again replaces the one before; parts that are not named are left out', async () => {
  const UploadId = await create('k');
  await upload('k', UploadId, 1, 'old');
  const { ETag } = await upload('k', UploadId, 1, 'new');
  await upload('k', UploadId, 2, 'not named');
  await complete('k', UploadId, [{ PartNumber: 1, ETag }]);
  expect((await h.contents(Bucket).get('k'))?.toString()).toBe('new');
});

describe('CompleteMultipartUpload refuses', () => {
  test('parts below 5 MiB, except the last', async () => {
    const UploadId = await create('k');
    const [one, two] = [await upload('k', UploadId, 1, noise(5 * MIB - 1)), await upload('k', UploadId, 2, 'x')];
    const parts = [one, two].map(({ ETag }, i) => ({ ETag, PartNumber: i + 1 }));
    expect(await refusal(complete('k', UploadId, parts))).toMatchObject({ name: 'EntityTooSmall', PartNumber: '1' });
  });

  test('a wrong order, unknown parts, wrong ETags, no parts at all', async () => {
    const UploadId = await create('k');
    const [one, two] = [(await upload('k', UploadId, 1, 'a')).ETag, (await upload('k', UploadId, 2, 'b')).ETag];
    const tries: [CompletedPart[], string][] = [
      [
        [
          { PartNumber: 2, ETag: two },
          { PartNumber: 1, ETag: one },
        ],
        'InvalidPartOrder',
      ],
      [
        [
          { PartNumber: 1, ETag: one },
          { PartNumber: 1, ETag: one },
        ],
        'InvalidPartOrder',
      ],
      [[{ PartNumber: 3, ETag: one }], 'InvalidPart'],
      [[{ PartNumber: 1, ETag: two }], 'InvalidPart'],
      [[], 'MalformedXML'],
    ];
    for (const [parts, name] of tries) expect(await refusal(complete('k', UploadId, parts))).toMatchObject({ name });
    expect(await refusal(complete('other', UploadId, [{ PartNumber: 1, ETag: one }]))).toMatchObject({ name: 'NoSuchUpload' });
    expect(await refusal(complete('k', UploadId, [{ PartNumber: 1, ETag: one }], { MpuObjectSize: 2 }))).toMatchObject({
      name: 'InvalidRequest',
    });
    await complete('k', UploadId, [{ PartNumber: 1, ETag: one }], { MpuObjectSize: 1 });
  });

  test('what its conditions forbid, and the upload stays', async () => {
    const { ETag: existing } = await h.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'there' }));
    const UploadId = await create('k');
    const { ETag } = await upload('k', UploadId, 1, 'new');
    const parts = [{ PartNumber: 1, ETag }];
    expect(await refusal(complete('k', UploadId, parts, { IfNoneMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed' });
    expect(await refusal(complete('k', UploadId, parts, { IfMatch: ETag }))).toMatchObject({ name: 'PreconditionFailed' });
    await complete('k', UploadId, parts, { IfMatch: existing });
    expect((await h.contents(Bucket).get('k'))?.toString()).toBe('new');
  });

  test('part numbers are 1 to 10,000', async () => {
    const UploadId = await create('k');
    for (const number of [0, 10_001]) expect(await refusal(upload('k', UploadId, number, 'x'))).toMatchObject({ name: 'InvalidArgument' });
    await upload('k', UploadId, 10_000, 'x');
  });
});

describe('checksums', () => {
  test('composite: the checksum of the parts, which the completion must name', async () => {
    const [one, two] = [noise(5 * MIB, 3), Buffer.from('tail')];
    const UploadId = await create('k', { ChecksumAlgorithm: 'SHA256' });
    const sent = [
      await upload('k', UploadId, 1, one, { ChecksumAlgorithm: 'SHA256' }),
      await upload('k', UploadId, 2, two, { ChecksumAlgorithm: 'SHA256' }),
    ];
    expect(sent[0].ChecksumSHA256).toBe(digest('sha256', one).toString('base64'));
    const parts = sent.map(({ ETag, ChecksumSHA256 }, i) => ({ ETag, ChecksumSHA256, PartNumber: i + 1 }));
    const bare = parts.map(({ ETag, PartNumber }) => ({ ETag, PartNumber }));
    expect(await refusal(complete('k', UploadId, bare))).toMatchObject({ name: 'InvalidRequest' });
    const swapped = [{ ...parts[0], ChecksumSHA256: parts[1].ChecksumSHA256 }, parts[1]];
    expect(await refusal(complete('k', UploadId, swapped))).toMatchObject({ name: 'InvalidPart' });
    const done = await complete('k', UploadId, parts);
    const expected = `${digest('sha256', digest('sha256', one), digest('sha256', two)).toString('base64')}-2`;
    expect(done).toMatchObject({ ChecksumSHA256: expected, ChecksumType: 'COMPOSITE' });
    // The SDK knows that it can't check this one.
    const got = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }));
    expect((await got.Body?.transformToByteArray())?.length).toBe(5 * MIB + 4);
    expect(got.ChecksumSHA256).toBe(expected);
    const attributes = await h.s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ObjectParts', 'Checksum'] }));
    expect(attributes.ObjectParts?.Parts).toEqual([
      { PartNumber: 1, Size: 5 * MIB, ChecksumSHA256: sent[0].ChecksumSHA256 },
      { PartNumber: 2, Size: 4, ChecksumSHA256: sent[1].ChecksumSHA256 },
    ]);
    const page = (members: object) =>
      h.s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ObjectParts'], ...members }));
    expect((await page({ MaxParts: 1 })).ObjectParts).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1', TotalPartsCount: 2 });
    const last = (await page({ MaxParts: 1, PartNumberMarker: '1' })).ObjectParts;
    expect([last?.IsTruncated, last?.Parts?.map(({ PartNumber }) => PartNumber)]).toEqual([false, [2]]);
  });

  test('of one part, which a read of that part gives and the SDK checks', async () => {
    const [one, two] = [noise(5 * MIB, 3), Buffer.from('tail')];
    const UploadId = await create('k', { ChecksumAlgorithm: 'CRC32C' });
    const sent = [
      await upload('k', UploadId, 1, one, { ChecksumAlgorithm: 'CRC32C' }),
      await upload('k', UploadId, 2, two, { ChecksumAlgorithm: 'CRC32C' }),
    ];
    await complete(
      'k',
      UploadId,
      sent.map(({ ETag, ChecksumCRC32C }, i) => ({ ETag, ChecksumCRC32C, PartNumber: i + 1 })),
    );
    for (const [i, PartNumber] of [1, 2].entries()) {
      const part = { Bucket, Key: 'k', PartNumber, ChecksumMode: 'ENABLED' } as const;
      expect(await h.s3.send(new HeadObjectCommand(part))).toMatchObject({ ChecksumCRC32C: sent[i].ChecksumCRC32C, PartsCount: 2 });
      const got = await h.s3.send(new GetObjectCommand(part));
      expect((await got.Body?.transformToByteArray())?.length).toBe([one, two][i].length);
      expect(got.ChecksumCRC32C).toBe(sent[i].ChecksumCRC32C);
    }
    // Of any other range there is none.
    const range = await h.s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=0-9', ChecksumMode: 'ENABLED' }));
    expect(range.ChecksumCRC32C).toBeUndefined();
  });

  test('composite: parts are numbered from 1 without a gap', async () => {
    const UploadId = await create('k', { ChecksumAlgorithm: 'SHA256' });
    const { ETag, ChecksumSHA256 } = await upload('k', UploadId, 2, 'x', { ChecksumAlgorithm: 'SHA256' });
    expect(await refusal(complete('k', UploadId, [{ ETag, ChecksumSHA256, PartNumber: 2 }]))).toMatchObject({ name: 'InvalidPartOrder' });
  });

  test('a copy has one of the whole object, whatever the source had', async () => {
    const UploadId = await create('k', { ChecksumAlgorithm: 'SHA256' });
    const { ETag, ChecksumSHA256 } = await upload('k', UploadId, 1, 'hello', { ChecksumAlgorithm: 'SHA256' });
    const done = await complete('k', UploadId, [{ ETag, ChecksumSHA256, PartNumber: 1 }]);
    expect(done).toMatchObject({ ChecksumType: 'COMPOSITE', ChecksumSHA256: expect.stringMatching(/-1$/) });
    const { CopyObjectResult } = await h.s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }));
    expect(CopyObjectResult).toMatchObject({
      ETag: `"${digest('md5', Buffer.from('hello')).toString('hex')}"`,
      ChecksumSHA256: digest('sha256', Buffer.from('hello')).toString('base64'),
      ChecksumType: 'FULL_OBJECT',
    });
  });

  test('of the full object', async () => {
    const UploadId = await create('k', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const { ETag } = await upload('k', UploadId, 1, 'hello', { ChecksumAlgorithm: 'CRC32' });
    const parts = [{ ETag, PartNumber: 1 }];
    expect(await refusal(complete('k', UploadId, parts, { ChecksumCRC32: 'AAAAAA==' }))).toMatchObject({ name: 'BadDigest' });
    expect(await complete('k', UploadId, parts, { ChecksumCRC32: 'NhCmhg==' })).toMatchObject({
      ChecksumCRC32: 'NhCmhg==',
      ChecksumType: 'FULL_OBJECT',
    });
  });

  test('other ones than agreed are refused', async () => {
    const UploadId = await create('k', { ChecksumAlgorithm: 'SHA1' });
    expect(await refusal(upload('k', UploadId, 1, 'x', { ChecksumAlgorithm: 'CRC32C' }))).toMatchObject({ name: 'InvalidRequest' });
    for (const wrong of [
      { ChecksumAlgorithm: 'SHA1', ChecksumType: 'FULL_OBJECT' },
      { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' },
    ]) {
      expect(await refusal(create('k', wrong))).toMatchObject({ name: 'InvalidRequest' });
    }
  });
});

describe('UploadPartCopy', () => {
  test('whole objects and ranges', async () => {
    const source = noise(6 * MIB, 4);
    await h.contents(Bucket).put('source', source);
    const UploadId = await create('k');
    const copy = (PartNumber: number, options: object = {}) =>
      h.s3.send(new UploadPartCopyCommand({ Bucket, Key: 'k', UploadId, PartNumber, CopySource: `${Bucket}/source`, ...options }));
    const first = await copy(1);
    const second = await copy(2, { CopySourceRange: 'bytes=10-19' });
    expect(first.CopyPartResult?.ETag).toBe(`"${digest('md5', source).toString('hex')}"`);
    await complete('k', UploadId, [
      { PartNumber: 1, ETag: first.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
    ]);
    expect((await h.contents(Bucket).get('k'))?.equals(Buffer.concat([source, source.subarray(10, 20)]))).toBe(true);
  });

  test('refusals', async () => {
    await h.contents(Bucket).put('source', 'x'.repeat(10));
    const UploadId = await create('k');
    const copy = (options: object) =>
      h.s3.send(new UploadPartCopyCommand({ Bucket, Key: 'k', UploadId, PartNumber: 1, CopySource: `${Bucket}/source`, ...options }));
    expect(await refusal(copy({ CopySourceRange: 'bytes=5-10' }))).toMatchObject({ name: 'InvalidArgument' });
    expect(await refusal(copy({ CopySourceRange: 'bytes=5-' }))).toMatchObject({ name: 'InvalidArgument' });
    expect(await refusal(copy({ CopySourceIfMatch: '"other"' }))).toMatchObject({ name: 'PreconditionFailed' });
    expect(await refusal(copy({ CopySource: `${Bucket}/nothing` }))).toMatchObject({ name: 'NoSuchKey' });
    expect(await refusal(copy({ UploadId: 'no-such-upload' }))).toMatchObject({ name: 'NoSuchUpload' });
  });
});

test('with KMS, the ETags of parts and objects are no MD5', async () => {
  const kms = { ServerSideEncryption: 'aws:kms' } as const;
  const UploadId = await create('k', kms);
  const first = await upload('k', UploadId, 1, 'hello');
  expect(first).toMatchObject({ ETag: expect.stringMatching(/^"[\da-f]{32}"$/), ServerSideEncryption: 'aws:kms' });
  expect(first.ETag).not.toBe(`"${digest('md5', Buffer.from('hello')).toString('hex')}"`);
  const { ETag } = await complete('k', UploadId, [{ ETag: first.ETag, PartNumber: 1 }]);
  expect(ETag).toMatch(/^"[\da-f]{32}-1"$/);
  expect(ETag).not.toBe(`"${digest('md5', digest('md5', Buffer.from('hello'))).toString('hex')}-1"`);
});

test('what is under way is listed, and aborted', async () => {
  const [one, two] = [await create('a/1'), await create('a/1')];
  const three = await create('b');
  const list = (input: object = {}) => h.s3.send(new ListMultipartUploadsCommand({ Bucket, ...input }));
  const ids = async (input?: object) => (await list(input)).Uploads?.map(({ UploadId }) => UploadId);
  expect(await ids()).toEqual([one, two, three]);
  expect(await ids({ Prefix: 'b' })).toEqual([three]);
  const page = await list({ MaxUploads: 1 });
  expect(page).toMatchObject({ IsTruncated: true, NextKeyMarker: 'a/1', NextUploadIdMarker: one });
  expect(await ids({ KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker })).toEqual([two, three]);
  expect(await ids({ KeyMarker: 'a/1' })).toEqual([three]);
  const rolled = await list({ Delimiter: '/' });
  expect([rolled.CommonPrefixes, rolled.Uploads?.length]).toEqual([[{ Prefix: 'a/' }], 1]);

  for (const [number, body] of [
    [3, 'ccc'],
    [1, 'a'],
    [2, 'bb'],
  ] as const)
    await upload('b', three, number, body);
  const parts = (input: object = {}) => h.s3.send(new ListPartsCommand({ Bucket, Key: 'b', UploadId: three, ...input }));
  expect((await parts()).Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(await parts({ MaxParts: 2 })).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
  expect((await parts({ PartNumberMarker: '2' })).Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);

  await h.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'b', UploadId: three }));
  expect(await ids()).toEqual([one, two]);
  expect(await refusal(upload('b', three, 1, 'x'))).toMatchObject({ name: 'NoSuchUpload' });
  const again = h.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'b', UploadId: three }));
  expect(await refusal(again)).toMatchObject({ name: 'NoSuchUpload' });
});
