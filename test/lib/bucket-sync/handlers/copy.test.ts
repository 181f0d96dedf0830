import { type BatchEvent, copyBatch } from '../../../../lib/bucket-sync/handlers/copy-batch';
import { partBytes, partsOf } from '../../../../lib/bucket-sync/handlers/copy-limits';
import type { CopyContext } from '../../../../lib/bucket-sync/handlers/copy-request';
import type { PlanLine } from '../../../../lib/bucket-sync/handlers/plan-line';
import { Store } from '../support/store';
import { SETTINGS } from './settings';

const MIB = 1024 ** 2;
/** As small as S3's own rule lets parts be. */
const limits = { wholeBytes: 6 * MIB, partBytes: 5 * MIB, parts: 10_000 };

const SETUP = {
  CacheControl: 'max-age=60',
  ContentDisposition: 'inline',
  ContentEncoding: 'gzip',
  ContentLanguage: 'en',
  ContentType: 'text/html',
  Expires: new Date('2027-01-01T00:00:00Z'),
  Metadata: { author: 'a', mark: 'b' },
  StorageClass: 'STANDARD_IA',
  Tagging: 'team=web+press&stage=a%20b',
  WebsiteRedirectLocation: '/elsewhere',
};

interface Head {
  readonly ETag: string;
  readonly Metadata: Record<string, string>;
}

const headOf = (store: Store, Bucket: string, Key = 'k') => store.run<Head>('HeadObject', { Bucket, Key });
const etag = (store: Store, bucket: string, key = 'k') => headOf(store, bucket, key).ETag.slice(1, -1);

function line(store: Store, size: number, key = 'k'): PlanLine {
  return { action: 'copy', reason: 'missing', key, source: { etag: etag(store, 'source', key), size, modified: '2026-01-05T09:00:00Z' } };
}

function context(store: Store, remaining: () => number = () => 900_000): CopyContext {
  return { s3: store.s3, settings: SETTINGS, limits, remaining };
}

const batch = (...Items: PlanLine[]): BatchEvent => ({ Items, BatchInput: { folder: 'runs/one/' } });

/** Settings of an object that a copy has to have too. */
function kept(store: Store, bucket: string): unknown {
  const { ETag: _, Metadata, LastModified: _time, VersionId: _version, ...head } = headOf(store, bucket) as Head & Record<string, unknown>;
  const { 'stepworks-source-etag': _mark, ...metadata } = Metadata;
  const tags = store.run<{ TagSet: unknown }>('GetObjectTagging', { Bucket: bucket, Key: 'k' }).TagSet;
  return { head, metadata, tags };
}

function storeWith(body: Buffer | string, more: object = SETUP): Store {
  const store = new Store('source', 'destination', 'results');
  store.put('source', 'k', body, { ...more });
  return store;
}

const LARGE = Buffer.alloc(17 * MIB, 'abcdefghij');

test.each([
  ['whole', Buffer.from('small')],
  ['in parts', LARGE],
])('copied %s, with all that belongs to it, and verified by the checksum', async (_, body) => {
  const store = storeWith(body);
  const answer = await copyBatch(batch(line(store, body.length)), context(store));
  expect(answer).toEqual({ result: { done: 1 }, failures: [] });
  expect(kept(store, 'destination')).toEqual(kept(store, 'source'));
  expect(store.text('destination', 'k') === store.text('source', 'k')).toBe(true);
  const report = JSON.parse(store.text('results', store.keys('results', 'runs/one/report/')[0]));
  expect(report).toMatchObject({
    key: 'k',
    outcome: 'copied',
    verifiedBy: 'checksum',
    bytes: body.length,
    sourceEtag: etag(store, 'source'),
  });
  expect(store.calls.get('UploadPartCopy')).toBe(body === LARGE ? 4 : undefined);
});

test("a copy is marked only where its ETag can not be its source's", async () => {
  for (const [more, marked] of [
    [{}, false],
    [{ ServerSideEncryption: 'aws:kms' }, true],
  ] as const) {
    const store = storeWith('x', { Metadata: { a: 'b' }, ...more });
    await copyBatch(batch(line(store, 1)), context(store));
    const expected = marked ? { a: 'b', 'stepworks-source-etag': etag(store, 'source') } : { a: 'b' };
    expect(headOf(store, 'destination').Metadata).toEqual(expected);
  }
});

test('metadata without room for the mark are copied as they are', async () => {
  const store = storeWith('x', { Metadata: { big: 'm'.repeat(2040) }, ServerSideEncryption: 'aws:kms' });
  expect(await copyBatch(batch(line(store, 1)), context(store))).toMatchObject({ failures: [] });
  expect(headOf(store, 'destination').Metadata).toEqual({ big: 'm'.repeat(2040) });
});

test('a large object that takes more than one call goes on with the same upload', async () => {
  const store = storeWith(LARGE);
  const event = batch(line(store, LARGE.length));
  // Time for two parts, then for none.
  let asked = 0;
  const first = await copyBatch(
    event,
    context(store, () => (++asked <= 3 ? 900_000 : 0)),
  );
  expect(first).toMatchObject({ progress: { lap: 1, done: [], uploads: { 0: expect.any(String) } } });
  expect(store.calls.get('UploadPartCopy')).toBe(2);
  expect(store.keys('destination')).toEqual([]);
  const second = await copyBatch({ ...event, ...first }, context(store));
  expect(second).toEqual({ result: { done: 1 }, failures: [] });
  expect(store.calls.get('UploadPartCopy')).toBe(4);
  expect(store.calls.get('CreateMultipartUpload')).toBe(1);
});

test('an upload that was swept away meanwhile is begun anew', async () => {
  const store = storeWith(LARGE);
  const event = batch(line(store, LARGE.length));
  const progress = { lap: 1, done: [], failures: [], uploads: { 0: 'swept-away' } };
  expect(await copyBatch({ ...event, progress }, context(store))).toEqual({ result: { done: 1 }, failures: [] });
});

test('a source that changes between its parts is not copied, and leaves no parts behind', async () => {
  const store = storeWith(LARGE);
  const event = batch(line(store, LARGE.length));
  store.before = ({ operation }) => {
    if (operation === 'UploadPartCopy' && store.calls.get(operation) === 3) store.put('source', 'k', LARGE.fill('z', 0, 1));
  };
  expect(await copyBatch(event, context(store))).toMatchObject({ failures: [{ index: 0, error: 'SourceChanged' }] });
  expect(store.keys('destination')).toEqual([]);
  expect(store.run('ListMultipartUploads', { Bucket: 'destination' })).toMatchObject({ Uploads: [] });
});

test('somebody writes the destination while a large object is copied: what they wrote stays', async () => {
  const store = storeWith(LARGE);
  const event = batch(line(store, LARGE.length));
  store.before = ({ operation }) => {
    if (operation === 'CompleteMultipartUpload') store.put('destination', 'k', 'theirs');
  };
  expect(await copyBatch(event, context(store))).toMatchObject({ failures: [{ index: 0, error: 'DestinationChanged' }] });
  expect(store.text('destination', 'k')).toBe('theirs');
});

test('somebody writes the destination right after the copy: that is not taken for the copy', async () => {
  const store = storeWith('mine!!');
  store.before = ({ operation, input }) => {
    if (operation === 'HeadObject' && input.Bucket === 'destination') store.put('destination', 'k', 'theirs');
  };
  expect(await copyBatch(batch(line(store, 6)), context(store))).toMatchObject({ failures: [{ index: 0, error: 'VerificationFailed' }] });
});

test('without time nothing is begun; what is done is not done again; in the end it is given up', async () => {
  const store = new Store('source', 'destination', 'results');
  for (const key of ['a', 'b']) store.put('source', key, 'x');
  const event = batch(line(store, 1, 'a'), line(store, 1, 'b'));
  let asked = 0;
  const first = await copyBatch(
    event,
    context(store, () => (++asked === 1 ? 900_000 : 0)),
  );
  expect(first).toEqual({ progress: { lap: 1, done: [0], failures: [], uploads: {} } });
  const last = await copyBatch(
    { ...event, progress: { lap: 199, done: [0], failures: [], uploads: {} } },
    context(store, () => 0),
  );
  expect(last).toMatchObject({ result: { done: 1 }, failures: [{ index: 1, error: 'OutOfTime' }] });
  expect(store.calls.get('CopyObject')).toBe(1);
});

test('a conflict with another writer is tried again, three times in all', async () => {
  for (const [times, failures] of [
    [2, 0],
    [3, 1],
  ]) {
    const store = storeWith('x');
    const { ApiError } = jest.requireActual('../../../../local/cloud-types');
    store.before = ({ operation }) => {
      if (operation === 'CopyObject' && (store.calls.get(operation) ?? 0) <= times)
        throw new ApiError('ConditionalRequestConflict', 'busy', 409);
    };
    const answer = await copyBatch(batch(line(store, 1)), context(store));
    expect(answer).toMatchObject({ failures: failures === 0 ? [] : [{ error: 'ConditionalRequestConflict' }] });
  }
});

test('the largest object there is has no more parts than S3 takes, none above 5 GiB', () => {
  const size = 50e12;
  expect(partsOf(size)).toBeLessThanOrEqual(10_000);
  expect(partBytes(size)).toBeLessThanOrEqual(5 * 1024 * MIB);
  expect([partsOf(5 * 1024 * MIB), partsOf(5 * 1024 * MIB + 1)]).toEqual([0, 21]);
});
