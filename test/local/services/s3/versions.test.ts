import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { refusal } from '../world';
import { type Harness, start } from './harness';

let h: Harness;
let Bucket: string;
beforeAll(async () => {
  h = await start();
});
beforeEach(async () => {
  Bucket = await h.bucket({ VersioningConfiguration: { Status: 'Enabled' } });
});
afterAll(() => h.world.gateway.close());

const put = async (Key: string, Body: string) => (await h.s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId as string;
const get = async (Key: string, VersionId?: string) =>
  (await h.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
const remove = (Key: string, VersionId?: string) => h.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const setVersioning = (Status: 'Enabled' | 'Suspended') =>
  h.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

test('each write is a version, and the last one is current', async () => {
  const [one, two] = [await put('k', 'one'), await put('k', 'two')];
  expect(one).not.toBe(two);
  expect(await get('k')).toBe('two');
  expect(await get('k', one)).toBe('one');
  expect(await h.s3.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId: one }))).toMatchObject({ VersionId: one, ContentLength: 3 });
  const missing = await refusal(get('k', 'no-such-version'));
  expect(missing).toMatchObject({ name: 'NoSuchVersion', $metadata: { httpStatusCode: 404 } });
});

test('a deletion leaves a marker, and without it the object is back', async () => {
  const one = await put('k', 'one');
  const deleted = await remove('k');
  expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
  expect(await refusal(get('k'))).toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
  expect(await get('k', one)).toBe('one');
  const marker = await refusal(get('k', deleted.VersionId));
  expect(marker).toMatchObject({ name: 'MethodNotAllowed', $metadata: { httpStatusCode: 405 } });
  expect((await h.s3.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined();
  expect(await remove('k', deleted.VersionId)).toMatchObject({ DeleteMarker: true, VersionId: deleted.VersionId });
  expect(await get('k')).toBe('one');
  // Even of nothing.
  expect(await remove('never')).toMatchObject({ DeleteMarker: true });
});

test('a version is deleted for good', async () => {
  const [one, two] = [await put('k', 'one'), await put('k', 'two')];
  expect((await remove('k', two)).DeleteMarker).toBeUndefined();
  expect(await get('k')).toBe('one');
  await remove('k', one);
  await remove('k', one);
  expect((await h.s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toBeUndefined();
});

test('DeleteObjects with and without versions', async () => {
  const one = await put('a', 'one');
  await put('b', 'two');
  const { Deleted } = await h.s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a', VersionId: one }, { Key: 'b' }] } }),
  );
  expect(Deleted).toEqual([
    { Key: 'a', VersionId: one },
    { Key: 'b', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
  ]);
});

test('before versioning and while it is suspended there is the version "null"', async () => {
  Bucket = await h.bucket();
  expect((await h.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
  expect(await put('k', 'unversioned')).toBeUndefined();
  await setVersioning('Enabled');
  const enabled = await put('k', 'enabled');
  expect(await get('k', 'null')).toBe('unversioned');
  await setVersioning('Suspended');
  expect((await h.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Suspended');
  expect(await put('k', 'suspended')).toBe('null');
  expect([await get('k'), await get('k', 'null'), await get('k', enabled)]).toEqual(['suspended', 'suspended', 'enabled']);
  expect(await remove('k')).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
  const { Versions, DeleteMarkers } = await h.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([enabled]);
  expect(DeleteMarkers?.map(({ VersionId }) => VersionId)).toEqual(['null']);
});

test('tags belong to a version', async () => {
  const [one, two] = [await put('k', 'one'), await put('k', 'two')];
  const TagSet = [{ Key: 'a', Value: '1' }];
  await h.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', VersionId: one, Tagging: { TagSet } }));
  const tags = (VersionId?: string) => h.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'k', VersionId }));
  expect(await tags(one)).toMatchObject({ TagSet, VersionId: one });
  expect(await tags()).toMatchObject({ TagSet: [], VersionId: two });
});

describe('ListObjectVersions', () => {
  test('by key, then the newest first, versions and markers', async () => {
    const a1 = await put('a', '1');
    const b1 = await put('b', '1');
    const a2 = await put('a', '2');
    const { VersionId: marker } = await remove('a');
    const { Versions, DeleteMarkers } = await h.s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toMatchObject([
      { Key: 'a', VersionId: a2, IsLatest: false, Size: 1, StorageClass: 'STANDARD' },
      { Key: 'a', VersionId: a1, IsLatest: false },
      { Key: 'b', VersionId: b1, IsLatest: true },
    ]);
    expect(DeleteMarkers).toMatchObject([{ Key: 'a', VersionId: marker, IsLatest: true }]);
  });

  test('pages that end inside a key go on there', async () => {
    const expected: string[] = [];
    for (const key of ['a', 'b', 'dir/c', 'dir/d']) {
      const versions = [];
      for (let i = 0; i < 3; i++) versions.push(`${key} ${await put(key, String(i))}`);
      expected.push(...versions.reverse());
    }
    for (const MaxKeys of [1, 2, 5, 100]) {
      const listed: string[] = [];
      let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
      do {
        const page: ListObjectVersionsCommandOutput = await h.s3.send(
          new ListObjectVersionsCommand({ Bucket, MaxKeys, KeyMarker, VersionIdMarker }),
        );
        listed.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
        [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
      } while (KeyMarker);
      expect(listed).toEqual(expected);
    }
    const rolled = await h.s3.send(new ListObjectVersionsCommand({ Bucket, Delimiter: '/', KeyMarker: 'a' }));
    expect(rolled.Versions?.map(({ Key }) => Key)).toEqual(['b', 'b', 'b']);
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'dir/' }]);
  });

  test('a bucket is emptied page by page', async () => {
    for (let i = 0; i < 7; i++) await put('same', String(i));
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page: ListObjectVersionsCommandOutput = await h.s3.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys: 3, KeyMarker, VersionIdMarker }),
      );
      for (const { Key, VersionId } of page.Versions ?? []) await remove(Key as string, VersionId);
      [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
    } while (KeyMarker);
    expect((await h.s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toBeUndefined();
  });

  test('a version marker needs a key marker', async () => {
    const list = h.s3.send(new ListObjectVersionsCommand({ Bucket, VersionIdMarker: 'x' }));
    expect(await refusal(list)).toMatchObject({ name: 'InvalidArgument' });
  });
});

test('a copy keeps what it was made of when that is overwritten', async () => {
  await put('k', 'one');
  await h.s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }));
  await put('k', 'two');
  expect(await get('copy')).toBe('one');
});
