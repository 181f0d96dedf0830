import { ListObjectsCommand, ListObjectsV2Command, type ListObjectsV2CommandInput, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { SortedMap } from '../../../../local/services/s3/sorted-map';
import { refusal } from '../world';
import { type Harness, seeded, start } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await start();
});
afterAll(() => h.world.gateway.close());

async function filled(keys: readonly string[]): Promise<string> {
  const name = await h.bucket();
  for (const key of keys) await h.contents(name).put(key, '');
  return name;
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** All pages of a list: keys, common prefixes, and how many there were on each page. */
async function pages(input: ListObjectsV2CommandInput) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const counts: number[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await h.s3.send(new ListObjectsV2Command({ ...input, ContinuationToken }));
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key as string));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix as string));
    counts.push(page.KeyCount as number);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return { keys, prefixes, counts };
}

describe('ListObjectsV2', () => {
  test('2,001 keys come in three pages, in order', async () => {
    const keys = Array.from({ length: 2001 }, (_, i) => `key-${(i * 7919) % 2001}`);
    const { keys: listed, counts } = await pages({ Bucket: await filled(keys) });
    expect(counts).toEqual([1000, 1000, 1]);
    expect(listed).toEqual([...keys].sort(byBytes));
  });

  test('what an entry says', async () => {
    const Bucket = await filled([]);
    await h.contents(Bucket).put('a', 'hello');
    const page = await h.s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
    expect(page).toMatchObject({
      Name: Bucket,
      Prefix: '',
      MaxKeys: 1000,
      KeyCount: 1,
      IsTruncated: false,
      Contents: [
        {
          Key: 'a',
          Size: 5,
          StorageClass: 'STANDARD',
          ETag: '"5d41402abc4b2a76b9719d911017c592"',
          ChecksumAlgorithm: ['CRC64NVME'],
          ChecksumType: 'FULL_OBJECT',
          LastModified: new Date(h.world.clock.now()),
          Owner: { ID: expect.stringMatching(/^[\da-f]{64}$/) },
        },
      ],
    });
  });

  test('delimiters roll up, and common prefixes count as keys', async () => {
    const Bucket = await filled(['a/1', 'a/2', 'b', 'c/1', 'c/d/2', 'e']);
    expect(await pages({ Bucket, Delimiter: '/' })).toEqual({ keys: ['b', 'e'], prefixes: ['a/', 'c/'], counts: [4] });
    expect((await pages({ Bucket, Delimiter: '/', MaxKeys: 1 })).counts).toEqual([1, 1, 1, 1]);
    expect(await pages({ Bucket, Delimiter: '/', Prefix: 'c/' })).toEqual({ keys: ['c/1'], prefixes: ['c/d/'], counts: [2] });
    expect(await pages({ Bucket, Delimiter: '1' })).toEqual({ keys: ['a/2', 'b', 'c/d/2', 'e'], prefixes: ['a/1', 'c/1'], counts: [6] });
    expect(await pages({ Bucket, Prefix: 'a' })).toMatchObject({ keys: ['a/1', 'a/2'] });
    expect(await pages({ Bucket, Prefix: 'nothing' })).toEqual({ keys: [], prefixes: [], counts: [0] });
  });

  test('StartAfter, also inside a common prefix', async () => {
    const Bucket = await filled(['a/1', 'a/2', 'b', 'c']);
    expect(await pages({ Bucket, StartAfter: 'a/1' })).toMatchObject({ keys: ['a/2', 'b', 'c'] });
    expect(await pages({ Bucket, StartAfter: 'a/1x' })).toMatchObject({ keys: ['a/2', 'b', 'c'] });
    expect(await pages({ Bucket, StartAfter: 'a/1', Delimiter: '/' })).toMatchObject({ prefixes: ['a/'], keys: ['b', 'c'] });
    expect(await pages({ Bucket, StartAfter: 'a/2', Delimiter: '/' })).toMatchObject({ prefixes: [], keys: ['b', 'c'] });
    expect(await pages({ Bucket, StartAfter: 'z' })).toMatchObject({ keys: [] });
  });

  test('encoding-type=url', async () => {
    const Bucket = await filled(['a b+c/ü', 'x(1)*.txt']);
    const page = await h.s3.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url', Delimiter: '+', StartAfter: ' ' }));
    expect(page).toMatchObject({ EncodingType: 'url', Delimiter: '%2B', StartAfter: '+', CommonPrefixes: [{ Prefix: 'a+b%2B' }] });
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['x%281%29*.txt']);
  });

  test('order is that of UTF-8, not of UTF-16', async () => {
    // In UTF-16 the emoji (a surrogate pair) comes before U+FF5E.
    const keys = ['z', 'é', '～', '🎉', '￿'];
    const Bucket = await filled([...keys].reverse());
    expect((await pages({ Bucket, MaxKeys: 1 })).keys).toEqual([...keys].sort(byBytes));
    expect((await pages({ Bucket, StartAfter: '～' })).keys).toEqual(['￿', '🎉']);
  });

  test('deleted keys are not there, nor is a prefix that has only those', async () => {
    const Bucket = await filled(['a/1', 'b']);
    await h.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const remove = (Key: string) =>
      h.world.call({ service: 's3', operation: 'DeleteObject', input: { Bucket, Key }, principal: { kind: 'operator' } });
    await remove('a/1');
    expect(await pages({ Bucket, Delimiter: '/' })).toEqual({ keys: ['b'], prefixes: [], counts: [1] });
    await remove('b');
    expect(await pages({ Bucket })).toMatchObject({ keys: [] });
  });

  test('limits and refusals', async () => {
    const Bucket = await filled(['a', 'b']);
    const list = (input: object) => h.s3.send(new ListObjectsV2Command({ Bucket, ...input }));
    expect(await list({ MaxKeys: 5000 })).toMatchObject({ MaxKeys: 1000 });
    expect(await list({ MaxKeys: 0 })).toMatchObject({ MaxKeys: 0, KeyCount: 0, IsTruncated: false });
    expect(await refusal(list({ MaxKeys: -1 }))).toMatchObject({ name: 'InvalidArgument' });
    expect(await refusal(list({ ContinuationToken: 'bogus' }))).toMatchObject({ name: 'InvalidArgument' });
    expect(await refusal(list({ EncodingType: 'base64' }))).toMatchObject({ name: 'InvalidArgument' });
  });

  test.each([1, 2, 3, 4])('pages are what a sorted array says (seed %i)', async (seed) => {
    const random = seeded(seed);
    const alphabet = ['a', 'b', '/', '-', 'ü', '～', '🎉', ' ', '%', '+', '0'];
    const word = (most: number) =>
      Array.from({ length: Math.floor(random() * most) }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
    const all = [...new Set(Array.from({ length: 120 }, () => `${word(7)}k`))];
    const Bucket = await filled(all);
    // Some go again.
    const gone = all.filter(() => random() < 0.2);
    for (const Key of gone) {
      await h.world.call({ service: 's3', operation: 'DeleteObject', input: { Bucket, Key }, principal: { kind: 'operator' } });
    }
    const sorted = all.filter((key) => !gone.includes(key)).sort(byBytes);
    for (let i = 0; i < 8; i++) {
      const [Prefix, Delimiter, StartAfter] = [word(3), word(2), random() < 0.5 ? word(5) : ''];
      const MaxKeys = 1 + Math.floor(random() * 15);
      const expected = plainList(sorted, Prefix, Delimiter, StartAfter);
      const given = { Prefix, Delimiter: Delimiter || undefined, StartAfter: StartAfter || undefined };
      const { keys, prefixes, counts } = await pages({ Bucket, MaxKeys, ...given });
      expect({ ...given, keys, prefixes }).toEqual({ ...given, ...expected });
      expect(counts.slice(0, -1).every((count) => count === MaxKeys)).toBe(true);
    }
  });
});

/** What S3 documents, on a plain array. */
function plainList(sorted: readonly string[], prefix: string, delimiter: string, startAfter: string) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  for (const key of sorted) {
    if (!key.startsWith(prefix) || (startAfter !== '' && byBytes(key, startAfter) <= 0)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) keys.push(key);
    else if (!prefixes.includes(key.slice(0, end + delimiter.length))) prefixes.push(key.slice(0, end + delimiter.length));
  }
  return { keys, prefixes };
}

describe('ListObjects, the first version', () => {
  test('markers, and NextMarker with a delimiter only', async () => {
    const Bucket = await filled(['a/1', 'a/2', 'b', 'c/1', 'd']);
    const list = (input: object) => h.s3.send(new ListObjectsCommand({ Bucket, ...input }));
    const first = await list({ MaxKeys: 2 });
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2']);
    expect([first.IsTruncated, first.NextMarker]).toEqual([true, undefined]);
    expect((await list({ Marker: 'a/2' })).Contents?.map(({ Key }) => Key)).toEqual(['b', 'c/1', 'd']);
    const rolled = await list({ Delimiter: '/', MaxKeys: 1 });
    expect([rolled.CommonPrefixes, rolled.NextMarker]).toEqual([[{ Prefix: 'a/' }], 'a/']);
    // A marker inside a common prefix is past all of it.
    for (const Marker of ['a/', 'a/1']) {
      const next = await list({ Delimiter: '/', Marker });
      expect(next.Contents?.map(({ Key }) => Key)).toEqual(['b', 'd']);
      expect(next.CommonPrefixes).toEqual([{ Prefix: 'c/' }]);
    }
  });
});

describe('a sorted map', () => {
  test.each([1, 2, 3])('does what a plain map does (seed %i)', (seed) => {
    const random = seeded(seed);
    const map = new SortedMap<number>();
    const plain = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const key = String(Math.floor(random() * 6_000));
      if (random() < 0.6) {
        map.update(key, (former) => (former ?? 0) + i);
        plain.set(key, (plain.get(key) ?? 0) + i);
      } else expect(map.delete(key)).toBe(plain.delete(key));
    }
    const sorted = [...plain].sort(([a], [b]) => (a < b ? -1 : 1));
    expect([...map.from('')]).toEqual(sorted);
    expect(map.size).toBe(plain.size);
    for (let i = 0; i < 200; i++) {
      const key = String(Math.floor(random() * 10_000));
      expect(map.get(key)).toBe(plain.get(key));
      expect(map.from(key).next().value?.[0]).toBe(sorted.find(([other]) => other >= key)?.[0]);
    }
    for (const key of plain.keys()) map.delete(key);
    expect([...map.from('')]).toEqual([]);
  });
});
