import { search } from '../../../../../lib/blocks/object-gate/handlers/search';
import type { Match } from '../../../../../lib/blocks/object-gate/handlers/waiter';
import { GateWorld } from './gate-world';

const HOUR = 3_600_000;
let world: GateWorld;
beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-01-12T09:00:00Z'), doNotFake: ['setImmediate'] });
  jest.spyOn(console, 'error').mockImplementation(() => {});
  world = new GateWorld();
  world.pageSize = 2;
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const ago = (hours: number) => Date.now() - hours * HOUR;
const find = (match: Partial<Match>) =>
  search(world.services('test').s3, 'incoming', { prefix: 'sales/', complete: { type: 'prefix' }, minSize: 1, ...match });

describe('one object', () => {
  test('by its key: not one whose key begins so', async () => {
    const match = { prefix: 'sales/a.csv', complete: { type: 'key' } } as const;
    world.put('sales/a.csv.gz');
    expect(await find(match)).toBeUndefined();
    world.put('sales/a.csv', 'abc', ago(1));
    expect(await find(match)).toEqual({
      status: 'FOUND',
      bucket: 'incoming',
      key: 'sales/a.csv',
      size: 3,
      etag: '11',
      lastModified: '2026-01-12T08:00:00.000Z',
    });
  });

  test('under a prefix: the newest that fits, on whatever page', async () => {
    world.put('sales/1.csv', 'old', ago(9));
    world.put('sales/2.csv', 'newest', ago(1));
    world.put('sales/3.txt', 'other', ago(0));
    world.put('sales/4.csv', '', ago(0));
    world.put('sales/5.csv', 'older', ago(5));
    expect(await find({ suffix: '.csv' })).toMatchObject({ key: 'sales/2.csv', size: 6 });
  });

  test.each<[string, string, number, Partial<Match>, boolean]>([
    ['empty', '', 1, {}, false],
    ['empty, and that is enough', '', 1, { minSize: 0 }, true],
    ['too small', 'abc', 1, { minSize: 4 }, false],
    ['just large enough', 'abcd', 1, { minSize: 4 }, true],
    ['of last week', 'abc', 7 * 24, { newerThan: '2026-01-05T09:00:01Z' }, false],
    ['as old as the limit', 'abc', 7 * 24, { newerThan: '2026-01-05T09:00:00Z' }, false],
    ['just newer', 'abc', 7 * 24, { newerThan: '2026-01-05T08:59:59Z' }, true],
    ['with another end', 'abc', 1, { suffix: '.gz' }, false],
  ])('%s', async (_, body, age, match, there) => {
    world.put('sales/a.csv', body, ago(age));
    expect((await find(match)) !== undefined).toBe(there);
  });
});

describe('a drop', () => {
  test('with a marker: whatever comes first', async () => {
    const match = { complete: { type: 'marker', name: '_SUCCESS' } } as const;
    world.put('sales/part-0.csv', 'abc', ago(2));
    expect(await find(match)).toBeUndefined();
    world.put('sales/_SUCCESS', '', ago(1));
    expect(await find(match)).toEqual({
      status: 'FOUND',
      bucket: 'incoming',
      prefix: 'sales/',
      objects: 1,
      bytes: 3,
      key: 'sales/_SUCCESS',
      lastModified: '2026-01-12T08:00:00.000Z',
    });
    world.objects.delete('sales/part-0.csv');
    expect(await find(match)).toBeUndefined();
    expect(await find({ ...match, minSize: 0 })).toMatchObject({ objects: 0, bytes: 0 });
    expect(await find({ ...match, minSize: 0, newerThan: '2026-01-12T08:30:00Z' })).toBeUndefined();
  });

  test.each([
    ['names', { files: ['a.csv', 'b/c.csv'] }],
    [
      'addresses, as UNLOAD writes them',
      { entries: [{ url: 's3://incoming/sales/a.csv', mandatory: true }, { url: 's3://incoming/sales/b/c.csv' }] },
    ],
  ])('with a manifest of %s: when everything it lists is there', async (_, manifest) => {
    const match = { complete: { type: 'manifest', name: 'manifest.json' } } as const;
    world.put('sales/a.csv', 'abc', ago(3));
    world.put('sales/stray.csv', 'not listed', ago(3));
    expect(await find(match)).toBeUndefined();
    world.put('sales/manifest.json', JSON.stringify(manifest), ago(2));
    expect(await find(match)).toBeUndefined();
    world.put('sales/b/c.csv', 'defg', ago(1));
    expect(await find(match)).toMatchObject({ objects: 2, bytes: 7, key: 'sales/manifest.json', lastModified: '2026-01-12T08:00:00.000Z' });
  });

  test.each([
    ['no JSON', '{"files": ['],
    ['null', 'null'],
    ['no list', '{"files": "a.csv"}'],
    ['something that is no text', '{"files": [7]}'],
    ['something elsewhere', '{"entries": [{"url": "s3://incoming/marketing/a.csv"}]}'],
    ['another bucket', '{"entries": [{"url": "s3://other/sales/a.csv"}]}'],
    ['too much', `{"files": ["a.csv"], "more": "${'x'.repeat(1_100_000)}"}`],
  ])('a manifest that is %s counts as not there', async (_, body) => {
    world.put('sales/a.csv');
    world.put('sales/manifest.json', body);
    expect(await find({ complete: { type: 'manifest', name: 'manifest.json' } })).toBeUndefined();
    expect(console.error).toHaveBeenCalledTimes(1);
  });

  test('by quiet time: when the last write is long enough ago', async () => {
    const match = { complete: { type: 'quiet', seconds: 600 } } as const;
    expect(await find(match)).toBeUndefined();
    world.put('sales/', '', ago(9));
    expect(await find(match)).toBeUndefined();
    world.put('sales/part-0.csv', 'abc', ago(1));
    world.put('sales/part-1.csv', 'abc', Date.now() - 599_000);
    expect(await find(match)).toBeUndefined();
    jest.setSystemTime(Date.now() + 1000);
    expect(await find(match)).toMatchObject({ objects: 2, bytes: 6 });
    // What is too old is no part of it.
    expect(await find({ ...match, newerThan: '2026-01-12T08:30:00Z' })).toMatchObject({ objects: 1 });
  });
});
