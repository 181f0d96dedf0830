import { planned } from '../../../../lib/bucket-sync/handlers/comparison';
import { noCounts } from '../../../../lib/bucket-sync/handlers/counts';
import { keyFilter } from '../../../../lib/bucket-sync/handlers/key-filter';
import { listPage } from '../../../../lib/bucket-sync/handlers/listing';
import type { PlanLine } from '../../../../lib/bucket-sync/handlers/plan-line';
import { type PlanShardEvent, planShard } from '../../../../lib/bucket-sync/handlers/plan-shard';
import { prepare } from '../../../../lib/bucket-sync/handlers/prepare';
import { priceOf } from '../../../../lib/bucket-sync/handlers/price';
import type { Comparison, SyncSettings } from '../../../../lib/bucket-sync/handlers/settings';
import { summarizePlan } from '../../../../lib/bucket-sync/handlers/summarize-plan';
import { Store } from '../support/store';
import { SETTINGS } from './settings';

const FOLDER = 'runs/one/';
const store3 = () => new Store('source', 'destination', 'results');

function linesOf(store: Store): PlanLine[] {
  return store.keys('results', `${FOLDER}plan/`).flatMap((key) =>
    store
      .text('results', key)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

async function plan(store: Store, settings: SyncSettings, remaining = () => 900_000): Promise<number> {
  let event: PlanShardEvent = { folder: FOLDER, index: 0 };
  for (let laps = 1; ; laps++) {
    const { more } = await planShard(event, { s3: store.s3, settings, remaining });
    if (!more) return laps;
    event = { ...event, ...more };
  }
}

test('a plan that takes several calls is the same as one that takes one', async () => {
  const [slow, quick] = [store3(), store3()];
  for (const store of [slow, quick]) {
    for (let i = 0; i < 3200; i++) {
      if (i % 3 !== 0) store.put('source', `k${i}`, String(i));
      if (i % 4 !== 0) store.put('destination', `k${i}`, String(i % 7 === 0 ? i + 1 : i));
    }
  }
  const settings = { ...SETTINGS, deletion: { maxCount: 9, maxPercent: 9, allowUnversioned: true } };
  expect([await plan(slow, settings, () => 0), await plan(quick, settings)]).toEqual([3, 1]);
  const byKey = (a: PlanLine, b: PlanLine) => (a.key < b.key ? -1 : 1);
  expect(linesOf(slow).sort(byKey)).toEqual(linesOf(quick).sort(byKey));
  const summarize = (store: Store) => summarizePlan({ folder: FOLDER, execution: 'one', plannedAt: 'now' }, store.s3, settings);
  expect((await summarize(slow)).counts).toEqual((await summarize(quick)).counts);
});

test('an attempt that wrote other files leaves none of them behind', async () => {
  const store = store3();
  store.put('source', 'a', '1');
  const context = { s3: store.s3, settings: SETTINGS, remaining: () => 900_000 };
  await planShard({ folder: FOLDER, index: 0 }, context);
  expect(linesOf(store)).toMatchObject([{ action: 'copy', key: 'a' }]);
  store.put('destination', 'a', '1');
  await planShard({ folder: FOLDER, index: 0, attempt: 1 }, context);
  expect(linesOf(store)).toMatchObject([{ action: 'skip', key: 'a', reason: 'etag' }]);
});

describe('what is done with a key', () => {
  const multipart = (store: Store, Bucket: string, body: string, more: object = {}) => {
    const upload = { Bucket, Key: 'k' };
    const { UploadId } = store.run<{ UploadId: string }>('CreateMultipartUpload', { ...upload, ...more });
    const part = { ...upload, UploadId, PartNumber: 1, Body: Buffer.from(body) };
    const { ETag, ChecksumSHA256 } = store.run<{ ETag: string; ChecksumSHA256?: string }>('UploadPart', part);
    const Parts = [{ ETag, PartNumber: 1, ...(ChecksumSHA256 && { ChecksumSHA256 }) }];
    store.run('CompleteMultipartUpload', { ...upload, UploadId, MultipartUpload: { Parts } });
  };
  const kms = { ServerSideEncryption: 'aws:kms' };
  const sha = { ChecksumAlgorithm: 'SHA256' };
  const etagOf = (store: Store) => store.run<{ ETag: string }>('HeadObject', { Bucket: 'source', Key: 'k' }).ETag.slice(1, -1);

  test.each<[Comparison, string, (store: Store) => unknown, string]>([
    ['ETAG', 'nothing there', (s) => s.put('source', 'k', '1'), 'copy missing'],
    ['ETAG', 'another size', (s) => [s.put('source', 'k', '1'), s.put('destination', 'k', '12')], 'replace size'],
    ['ETAG', 'the same', (s) => [s.put('source', 'k', '1'), s.put('destination', 'k', '1')], 'skip etag'],
    ['ETAG', 'the same size', (s) => [s.put('source', 'k', '1'), s.put('destination', 'k', '2')], 'replace etag'],
    ['ETAG', 'the same in parts', (s) => [multipart(s, 'source', '1'), multipart(s, 'destination', '1')], 'skip etag'],
    ['ETAG', 'the same, encrypted: not known', (s) => [s.put('source', 'k', '1'), s.put('destination', 'k', '1', kms)], 'replace etag'],
    [
      'ETAG',
      'a copy, encrypted',
      (s) => [s.put('source', 'k', '1'), s.put('destination', 'k', '1', { ...kms, Metadata: { 'stepworks-source-etag': etagOf(s) } })],
      'skip copy',
    ],
    [
      'ETAG',
      'a copy of an earlier source',
      (s) => [s.put('source', 'k', '1'), s.put('destination', 'k', '1', { ...kms, Metadata: { 'stepworks-source-etag': 'another' } })],
      'replace etag',
    ],
    ['CHECKSUM', 'the same, encrypted', (s) => [s.put('source', 'k', '1', kms), s.put('destination', 'k', '1', kms)], 'skip checksum'],
    ['CHECKSUM', 'another, encrypted', (s) => [s.put('source', 'k', '1', kms), s.put('destination', 'k', '2', kms)], 'replace checksum'],
    ['CHECKSUM', 'of other algorithms', (s) => [s.put('source', 'k', '1', sha), s.put('destination', 'k', '1', kms)], 'replace checksum'],
    [
      'CHECKSUM',
      'of other algorithms, the ETag tells',
      (s) => [s.put('source', 'k', '1', sha), s.put('destination', 'k', '1')],
      'skip etag',
    ],
    ['CHECKSUM', 'of parts', (s) => [multipart(s, 'source', '1', sha), s.put('destination', 'k', '1', sha)], 'replace checksum'],
    [
      'CHECKSUM',
      'of the same parts',
      (s) => [multipart(s, 'source', '1', sha), multipart(s, 'destination', '1', { ...sha, ...kms })],
      'skip checksum',
    ],
    ['ETAG', 'nothing in the source', (s) => s.put('destination', 'k', '1'), 'skip orphaned'],
  ])('%s, %s', async (comparison, _, fill, expected) => {
    const store = store3();
    fill(store);
    await plan(store, { ...SETTINGS, comparison });
    expect(linesOf(store).map(({ action, reason }) => `${action} ${reason}`)).toEqual([expected]);
  });

  test('SIZE_AND_TIME asks nothing, and believes the younger', async () => {
    const store = store3();
    store.put('source', 'k', '1');
    await store.clock.advance(1000);
    store.put('destination', 'k', '2');
    await plan(store, { ...SETTINGS, comparison: 'SIZE_AND_TIME' });
    await store.clock.advance(1000);
    store.put('source', 'k', '3');
    await plan(store, { ...SETTINGS, comparison: 'SIZE_AND_TIME' });
    expect(linesOf(store).map(({ action }) => action)).toEqual(['replace', 'skip']);
    expect(store.calls.get('HeadObject')).toBeUndefined();
  });

  test('what goes between the list and the look is copied as if it had never been', async () => {
    const store = store3();
    store.put('source', 'k', '1');
    store.put('destination', 'k', '2');
    const [source] = (await listPage(store.s3, SETTINGS.source, {})).objects;
    const [destination] = (await listPage(store.s3, SETTINGS.destination, {})).objects;
    store.run('DeleteObject', { Bucket: 'destination', Key: 'k' });
    expect(await planned({ key: 'k', source, destination }, SETTINGS, store.s3)).toMatchObject({ action: 'replace' });
  });
});

test.each([
  [['**.html'], [], ['a.html', 'b/c.html'], ['a.htm', 'html']],
  [['*.html'], [], ['a.html'], ['b/c.html']],
  [[], ['tmp/**', '?.bak'], ['a', 'tmp', 'ab.bak'], ['tmp/a', 'tmp/b/c', 'a.bak']],
  [['a+(b)|[c].*'], [], ['a+(b)|[c].txt'], ['aab.txt', 'a+(b)|c.txt']],
  [['?'], [], ['🦆', 'a'], ['/', 'ab']],
])('filter %j, %j', (include, exclude, taken, left) => {
  const wanted = keyFilter(include, exclude);
  expect([taken.filter(wanted), left.filter(wanted)]).toEqual([taken, []]);
});

test('the price of a plan is that of its requests, batches and transitions', () => {
  const counts = { ...noCounts(), copy: 1_000_000, delete: 1000, largeObjects: 2, parts: 80 };
  const { usd, requests } = priceOf(counts, 'ETAG');
  // 999,998 whole copies, 80 parts with 2 begun and 2 completed uploads, 1,000 looks for the source, 10,010 reports of batches.
  expect(requests).toEqual({ write: 999_998 + 80 + 4 + 1000 + 10_010, read: 2_000_002 });
  const [write, read, transitions] = [(requests.write * 0.005) / 1000, (requests.read * 0.0004) / 1000, (10_010 * 4 * 0.025) / 1000];
  expect(usd).toBeGreaterThan(write + read + transitions);
  expect(usd).toBeLessThan(write + read + transitions + 0.3);
});

test.each([
  ['the same place', 'source', '', 'source', ''],
  ['the source within the destination', 'one', 'a/b/', 'one', 'a/'],
  ['the destination within the source', 'one', 'a', 'one', 'a/'],
])('%s is refused when a run begins', async (_, a, p, b, q) => {
  const settings = { ...SETTINGS, source: { bucket: a, prefix: p }, destination: { bucket: b, prefix: q } };
  const run = prepare({ execution: 'one' }, store3().s3, settings);
  await expect(run).rejects.toMatchObject({ name: 'OverlappingPrefixes' });
});
