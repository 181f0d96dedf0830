import { compareKeys } from '../../../../lib/bucket-sync/handlers/key-order';
import { hasKey, type KeyRange, listPage, listRange } from '../../../../lib/bucket-sync/handlers/listing';
import { findBoundaries, rangesBetween, type ShardOptions } from '../../../../lib/bucket-sync/handlers/shards';
import { Store } from '../support/store';

const ODD = [
  '',
  '/',
  'a',
  'a ',
  'a+',
  'a%20',
  'a/',
  'a//',
  'aä',
  'a～',
  'a\ue000',
  'a🦆',
  'a\u{10FFFF}',
  'b\n',
  'b\u0007',
  'B',
  '~',
  'é',
  '\uffee',
  '𐀀',
];

test('keys are in the order of their UTF-8 bytes', () => {
  const shuffled = ODD.toReversed();
  const byBytes = shuffled.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(shuffled.toSorted(compareKeys)).toEqual(byBytes);
  expect(byBytes).not.toEqual(shuffled.toSorted());
});

async function keysIn(store: Store, range: KeyRange, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listRange(store.s3, { bucket: 'source', prefix }, range)) keys.push(key);
  return keys;
}

test('odd keys are listed as they are, below a prefix and in ranges', async () => {
  const store = new Store('source');
  const prefix = 'at +%/';
  for (const key of ODD) store.put('source', prefix + key, 'x');
  store.put('source', 'at +%0', 'beside');
  const sorted = ODD.toSorted(compareKeys);
  expect(await keysIn(store, {}, prefix)).toEqual(sorted);
  for (const [i, boundary] of sorted.entries()) {
    expect(await keysIn(store, { upTo: boundary }, prefix)).toEqual(sorted.slice(0, i + 1));
    expect(await keysIn(store, { after: boundary }, prefix)).toEqual(sorted.slice(i + 1));
  }
});

test('whether a key is there is told from others that begin with it', async () => {
  const store = new Store('source');
  store.put('source', 'p/ab', 'x');
  const has = (key: string) => hasKey(store.s3, { bucket: 'source', prefix: 'p/' }, key);
  expect([await has('a'), await has('ab'), await has('abc')]).toEqual([false, true, false]);
});

test('no more pages are fetched than a range has, and the rest is left when reading stops', async () => {
  const store = new Store('source');
  for (let i = 0; i < 3500; i++) store.put('source', String(i).padStart(4, '0'), 'x');
  expect(await keysIn(store, { after: '0999', upTo: '1999' })).toHaveLength(1000);
  expect(store.calls.get('ListObjectsV2')).toBe(1);
  for await (const { key } of listRange(store.s3, { bucket: 'source', prefix: '' }, {})) if (key === '0500') break;
  expect(store.calls.get('ListObjectsV2')).toBe(3);
});

describe('shards', () => {
  const options: ShardOptions = { smallPages: 1, shards: 8, requests: 80 };
  const n = 6000;
  const numbers = Array.from({ length: n }, (_, i) => i);

  const SHAPES: [string, (i: number) => string][] = [
    ['numbers', (i) => String(i).padStart(8, '0')],
    ['hashes', (i) => ((i * 2654435761) % 2 ** 32).toString(16).padStart(8, '0')],
    ['a long beginning that all share', (i) => `warehouse/events/version=1/region=eu/${String(i).padStart(5, '0')}.parquet`],
    ['days', (i) => `logs/${2020 + (i % 3)}/${String(i % 12).padStart(2, '0')}/${i}.log`],
    ['one large folder among small ones', (i) => (i % 10 === 0 ? `folder-${i}/x` : `images/${i}.png`)],
    ['characters of four bytes', (i) => `${String.fromCodePoint(0x1f600 + (i % 50))}${i}`],
  ];

  test.each(SHAPES)('%s: every key is in one range, none has most of them, and few questions are asked', async (_, keyOf) => {
    const store = new Store('source');
    for (const i of numbers) store.put('source', keyOf(i), '');
    const place = { bucket: 'source', prefix: '' };
    const ranges = rangesBetween(await findBoundaries((request) => listPage(store.s3, place, request), options));
    expect(store.calls.get('ListObjectsV2')).toBeLessThanOrEqual(options.requests + 1);
    expect(ranges.length).toBeGreaterThan(3);
    expect(ranges.length).toBeLessThanOrEqual(options.shards + 1);
    const found: string[][] = [];
    for (const range of ranges) found.push(await keysIn(store, range));
    expect(found.flat()).toEqual([...new Set(numbers.map(keyOf))].toSorted(compareKeys));
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(n / 2);
  });

  test('a small bucket is one range, after as many pages as it has', async () => {
    const store = new Store('source');
    for (const i of numbers.slice(0, 2500)) store.put('source', String(i), '');
    const list = (request: object) => listPage(store.s3, { bucket: 'source', prefix: '' }, request);
    expect(await findBoundaries(list, { ...options, smallPages: 3 })).toEqual([]);
    expect(store.calls.get('ListObjectsV2')).toBe(3);
    expect(rangesBetween([])).toEqual([{}]);
  });
});
