import { createHash } from 'node:crypto';
import { pin } from '../../../../lib/model-approval/handlers/pin';
import type { Review } from '../../../../lib/model-approval/handlers/review';
import { versionsBelow } from '../../../../lib/model-approval/handlers/store';
import type { Store } from '../../bucket-sync/support/store';
import { KEY, modelStore, SETTINGS, train } from './model-store';

let store: Store;
beforeEach(() => {
  store = modelStore();
});
afterEach(() => jest.restoreAllMocks());

const pinned = (versionId: string) => pin({ key: KEY, versionId, execution: 'run-1' }, SETTINGS);

test('each file is written down with its version, ETag, size and checksum, and what reviewers see is that', async () => {
  const version = train(store, 'weights', { metrics: { auc: 0.9, note: 'first', fair: true, curve: [1, 2] } });
  const { review, metrics, artifacts, bytes } = await pinned(version);
  expect(metrics).toEqual({ auc: 0.9, note: 'first', fair: true });
  const text = store.text('reviews', review.key);
  expect(review).toEqual({ key: 'reviews/run-1.json', sha256: createHash('sha256').update(text).digest('hex') });
  const kept = JSON.parse(text) as Review;
  const [current] = store.run<{ Versions: { VersionId: string }[] }>('ListObjectVersions', {
    Bucket: 'training',
    Prefix: 'models/churn/7/model.bin',
  }).Versions;
  expect(kept).toMatchObject({ model: 'churn', version: '7', trainedBy: 'dana@example.com', manifest: { key: KEY, versionId: version } });
  expect(kept.artifacts[0]).toMatchObject({
    name: 'model.bin',
    key: 'models/churn/7/model.bin',
    versionId: current.VersionId,
    etag: createHash('md5').update('weights').digest('hex'),
    bytes: 7,
    checksum: { algorithm: 'CRC64NVME', type: 'FULL_OBJECT' },
  });
  expect(artifacts[0]).toBe(`model.bin (7 bytes, version ${current.VersionId}, CRC64NVME ${kept.artifacts[0].checksum?.value})`);
  expect(bytes).toBe(kept.artifacts[0].bytes + kept.artifacts[1].bytes);
});

test('the same again gives the same hash, and another version of a file another one', async () => {
  const version = train(store, 'weights');
  const { review } = await pinned(version);
  expect((await pinned(version)).review).toEqual(review);
  expect((await pinned(train(store, 'weights'))).review.sha256).not.toBe(review.sha256);
});

describe('which version is meant', () => {
  const MODEL = { Bucket: 'training', Key: 'models/churn/7/model.bin' };
  const write = (body: string) => store.run<{ VersionId: string }>('PutObject', { ...MODEL, Body: Buffer.from(body) }).VersionId;
  const remove = () => store.run('DeleteObject', MODEL);
  const later = () => store.clock.advance(2000);
  const meant = async (manifest: string) => {
    const { review } = await pinned(manifest);
    return (JSON.parse(store.text('reviews', review.key)) as Review).artifacts[0].versionId;
  };
  /** The one before: without it nothing tells a version from the latest. */
  const trained = async () => {
    write('before');
    await later();
    const version = write('weights');
    await later();
    return version;
  };
  const manifest = () =>
    store.run<{ VersionId: string }>('PutObject', {
      Bucket: 'training',
      Key: KEY,
      Body: Buffer.from(
        JSON.stringify({ model: 'churn', version: '7', trainedBy: 'd', files: ['model.bin', 'metrics.json'], diagnostics: 'metrics.json' }),
      ),
    }).VersionId;
  beforeEach(() => store.put('training', 'models/churn/7/metrics.json', '{ "auc": 1 }'));

  test.each<[string, () => void]>([
    ['it is replaced', () => write('after')],
    ['it is deleted', remove],
    ['it is deleted and replaced', () => void [remove(), write('after')]],
  ])('the one that was there when the manifest was written, though %s before anybody looks', async (_, change) => {
    const version = await trained();
    const of = manifest();
    await later();
    change();
    expect(await meant(of)).toBe(version);
  });

  test('of a file that came later, the first since', async () => {
    const of = manifest();
    await later();
    const version = write('late');
    await later();
    write('later');
    expect(await meant(of)).toBe(version);
  });

  test('of a file that had been deleted when the manifest was written, the first since; if there is none, it is missing', async () => {
    await trained();
    remove();
    await later();
    const of = manifest();
    await expect(pinned(of)).rejects.toMatchObject({ name: 'ArtifactMissing' });
    await later();
    const version = write('again');
    expect(await meant(of)).toBe(version);
  });
});

test('what is not there, or was deleted, is named', async () => {
  const version = train(store, 'weights', { manifest: { files: ['model.bin', 'metrics.json', 'a.bin'] } });
  store.run('DeleteObject', { Bucket: 'training', Key: 'models/churn/7/model.bin' });
  await expect(pinned(version)).rejects.toMatchObject({ name: 'ArtifactMissing', message: expect.stringMatching(/: model\.bin, a\.bin$/) });
});

test('a file that is there since before versions were kept can be replaced unseen, and is refused', async () => {
  store.run('PutBucketVersioning', { Bucket: 'training', VersioningConfiguration: { Status: 'Suspended' } });
  store.put('training', 'models/churn/7/a.bin', 'old');
  store.run('PutBucketVersioning', { Bucket: 'training', VersioningConfiguration: { Status: 'Enabled' } });
  const version = train(store, 'weights', { manifest: { files: ['model.bin', 'metrics.json', 'a.bin'] } });
  await expect(pinned(version)).rejects.toMatchObject({
    name: 'UnversionedSource',
    message: expect.stringMatching(/a\.bin has no version/),
  });
  expect(store.keys('reviews')).toEqual([]);
});

test.each([
  [[1, 2], /are no JSON object$/],
  [{ curve: [1, 2] }, /no number, text or boolean/],
  [{ ['n'.repeat(65)]: 1 }, /longer than 64 characters/],
  [{ note: 'n'.repeat(65) }, /the metric 'note' is longer than 64/],
  [Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`m${i}`, i])), /have 31 metrics, 30 are the most/],
  ['x'.repeat(262_144), /have 262146 bytes, 262144 are the most/],
])('diagnostics that can not be shown are refused: %#', async (metrics, says) => {
  const version = train(store, 'weights', { metrics });
  await expect(pinned(version)).rejects.toMatchObject({ name: 'InvalidDiagnostics', message: expect.stringMatching(says) });
});

test('of many files twenty are shown, all are in the review, and lists of more than a page are read to their end', async () => {
  const files = Array.from({ length: 600 }, (_, i) => `part-${i}`);
  for (const name of [...files, ...files]) store.put('training', `models/churn/7/${name}`, name);
  const version = train(store, 'weights', { manifest: { files: [...files, 'metrics.json'] } });
  const { artifacts, review } = await pinned(version);
  expect(artifacts).toHaveLength(21);
  expect(artifacts[20]).toBe('and 581 more in the review');
  expect((JSON.parse(store.text('reviews', review.key)) as Review).artifacts).toHaveLength(601);
  expect(await versionsBelow('training', 'models/churn/7/part-')).toHaveLength(1200);
  expect(JSON.stringify(artifacts).length).toBeLessThan(8000);
});
