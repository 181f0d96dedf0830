import { compare } from '../../../../lib/model-approval/handlers/compare';
import { copy } from '../../../../lib/model-approval/handlers/copy';
import type { PublishedModel } from '../../../../lib/model-approval/handlers/current';
import { pin } from '../../../../lib/model-approval/handlers/pin';
import { type PublishEvent, publish } from '../../../../lib/model-approval/handlers/publish';
import { ApiError } from '../../../../local/cloud-types';
import type { Store } from '../../bucket-sync/support/store';
import { KEY, modelStore, SETTINGS, train } from './model-store';

const CURRENT = 'live/churn/current.json';
const MIB = 1024 ** 2;

let store: Store;
beforeEach(() => {
  store = modelStore();
});
afterEach(() => jest.restoreAllMocks());

/** A model that is copied, and the event that would publish it. */
async function copied(model: string | Buffer, execution = 'run-1', more: Parameters<typeof train>[2] = {}) {
  const { review } = await pin({ key: KEY, versionId: train(store, model, more), execution }, SETTINGS);
  await copy({ review }, SETTINGS, () => 900_000);
  const { replaces } = await compare({ review }, SETTINGS);
  const approval = { decision: 'APPROVED', by: 'ann@example.com', at: '2026-01-05T09:00:00Z', summaryHash: 'abc' };
  const event: PublishEvent = { review, approval, execution, ...(replaces && { replaces: replaces.etag }) };
  return { event, folder: `live/churn/7/${review.sha256.slice(0, 16)}/` };
}

const current = () => JSON.parse(store.text('published', CURRENT)) as PublishedModel;

test('the pointer comes last, and has what is in force, who decided, and where each file is from', async () => {
  const { event, folder } = await copied('weights');
  const order: string[] = [];
  store.before = ({ operation, input }) => {
    if (operation === 'PutObject') order.push(input.Key);
  };
  expect(await publish(event, SETTINGS)).toEqual({ folder, current: CURRENT });
  expect(order).toEqual([`${folder}manifest.json`, CURRENT]);
  expect(store.text('published', CURRENT)).toBe(store.text('published', `${folder}manifest.json`));
  expect(current()).toMatchObject({
    model: 'churn',
    version: '7',
    trainedBy: 'dana@example.com',
    folder,
    files: ['model.bin', 'metrics.json'],
    diagnostics: 'metrics.json',
    metrics: { auc: 0.9 },
    artifacts: [{ name: 'model.bin', bytes: 7, source: { key: 'models/churn/7/model.bin' } }, { name: 'metrics.json' }],
    review: { bucket: 'reviews', ...event.review },
    approval: event.approval,
    execution: 'run-1',
  });
});

const spoil: [string, (folder: string) => void][] = [
  ['of another content', (folder) => store.put('published', `${folder}model.bin`, 'weighty')],
  ['of another size', (folder) => store.put('published', `${folder}model.bin`, 'weights!')],
  ['that has gone', (folder) => store.run('DeleteObject', { Bucket: 'published', Key: `${folder}model.bin` })],
];

test.each(spoil)('a copy %s is found, and nothing is put in force', async (_, change) => {
  const { event, folder } = await copied('weights');
  change(folder);
  await expect(publish(event, SETTINGS)).rejects.toMatchObject({ name: 'NotVerified', message: expect.stringContaining('model.bin') });
  expect(store.keys('published').filter((key) => /manifest|current/.test(key))).toEqual([]);
});

test('a large copy of other bytes is found by its checksum, though it says what it was made of', async () => {
  const large = Buffer.alloc(6 * MIB, 'abcdefghij');
  const { event, folder } = await copied(large);
  const { Metadata } = store.run<{ Metadata: object }>('HeadObject', { Bucket: 'published', Key: `${folder}model.bin` });
  store.put('published', `${folder}model.bin`, Buffer.alloc(6 * MIB, 'abcdefghiX'), { Metadata });
  await expect(publish(event, SETTINGS)).rejects.toMatchObject({ name: 'NotVerified', message: expect.stringContaining('CRC64NVME') });
});

test('where checksums are of different kinds, what the copy was made of counts', async () => {
  // Uploaded with a checksum of its own: S3 gives the copy in parts another one.
  const { event } = await copied('weights');
  store = modelStore();
  store.put('training', 'models/churn/7/model.bin', Buffer.alloc(6 * MIB, 'x'), { ChecksumAlgorithm: 'SHA256' });
  const versionId = store.run<{ VersionId: string }>('PutObject', {
    Bucket: 'training',
    Key: KEY,
    Body: Buffer.from(
      JSON.stringify({ model: 'churn', version: '7', trainedBy: 'd', files: ['model.bin', 'metrics.json'], diagnostics: 'metrics.json' }),
    ),
  }).VersionId;
  store.put('training', 'models/churn/7/metrics.json', '{ "auc": 1 }');
  const { review, artifacts } = await pin({ key: KEY, versionId, execution: 'run-2' }, SETTINGS);
  expect(artifacts[0]).toContain('SHA256 ');
  await copy({ review }, SETTINGS, () => 900_000);
  await publish({ ...event, review }, SETTINGS);
  expect(current().artifacts[0].checksum).toMatchObject({ algorithm: 'CRC64NVME' });
});

describe('what an approval replaces', () => {
  test('is what the model was compared with', async () => {
    await publish((await copied('one')).event, SETTINGS);
    const { event } = await copied('two', 'run-2');
    await publish(event, SETTINGS);
    expect(current().execution).toBe('run-2');
  });

  test.each([
    ['another one', () => store.put('published', CURRENT, '{ "version": "6" }'), /version 6 is in force now/],
    ['none any more', () => store.run('DeleteObject', { Bucket: 'published', Key: CURRENT }), /nothing is in force now/],
  ])('is nothing else: %s', async (_, change, says) => {
    await publish((await copied('one')).event, SETTINGS);
    const { event } = await copied('two', 'run-2');
    change();
    const before = store.keys('published').includes(CURRENT) && store.text('published', CURRENT);
    await expect(publish(event, SETTINGS)).rejects.toMatchObject({ name: 'CurrentChanged', message: expect.stringMatching(says) });
    expect(store.keys('published').includes(CURRENT) && store.text('published', CURRENT)).toBe(before);
  });

  test('is nothing, when nothing was in force; and not what has come meanwhile', async () => {
    const { event } = await copied('one');
    store.put('published', CURRENT, '{ "version": "6" }');
    await expect(publish(event, SETTINGS)).rejects.toMatchObject({ name: 'CurrentChanged' });
  });
});

test.each([['first'], ['second']])('done again after a crash it finds what it did: %s publication', async (which) => {
  if (which === 'second') await publish((await copied('one')).event, SETTINGS);
  const { event, folder } = await copied('two', 'run-2');
  await publish(event, SETTINGS);
  const text = store.text('published', CURRENT);
  expect(await publish(event, SETTINGS)).toEqual({ folder, current: CURRENT });
  expect(store.text('published', CURRENT)).toBe(text);
});

test('what S3 can not say now is no reason to give up', async () => {
  const { event } = await copied('one');
  store.before = ({ operation, input }) => {
    if (operation === 'PutObject' && input.Key === CURRENT) throw new ApiError('ConditionalRequestConflict', 'try again', 409);
  };
  await expect(publish(event, SETTINGS)).rejects.toMatchObject({ name: 'ConditionalRequestConflict' });
});

describe('compared', () => {
  const compared = async (execution: string, model: string, more: Parameters<typeof train>[2] = {}) => {
    const { review } = await pin({ key: KEY, versionId: train(store, model, more), execution }, SETTINGS);
    return compare({ review }, SETTINGS);
  };

  test('with nothing', async () => {
    expect(await compared('run-1', 'one')).toEqual({ same: false, metrics: ['auc 0.9'] });
  });

  test('with what is in force: metrics beside each other', async () => {
    await publish((await copied('one')).event, SETTINGS);
    const answer = await compared('run-2', 'two', { metrics: { auc: 0.8, toString: 1 }, manifest: { version: '8' } });
    expect(answer).toMatchObject({ same: false, replaces: { version: '7' }, metrics: ['auc 0.8 (0.9 in force)', 'toString 1'] });
  });

  test('with the same content of the same version, written again: there is nothing to decide', async () => {
    await publish((await copied('one')).event, SETTINGS);
    expect((await compared('run-2', 'one')).same).toBe(true);
  });

  test.each([
    ['another version of the same content', 'one', { manifest: { version: '8' } }],
    ['one file less', 'one', { manifest: { files: ['metrics.json'] } }],
    ['another file of the same size', 'two', {}],
  ])('with %s: to be decided', async (_, model, more) => {
    await publish((await copied('one')).event, SETTINGS);
    expect((await compared('run-2', model, more)).same).toBe(false);
  });
});
