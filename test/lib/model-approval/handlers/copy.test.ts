import { copy } from '../../../../lib/model-approval/handlers/copy';
import { pin } from '../../../../lib/model-approval/handlers/pin';
import type { ReviewReference } from '../../../../lib/model-approval/handlers/review';
import { ApiError } from '../../../../local/cloud-types';
import type { Store } from '../../bucket-sync/support/store';
import { KEY, modelStore, SETTINGS, train } from './model-store';

const MIB = 1024 ** 2;
/** No two parts are the same; the last has one byte. */
const partsOf = (parts: number) =>
  Buffer.concat([...Array.from({ length: parts - 1 }, (_, i) => Buffer.alloc(5 * MIB, `part ${i}`)), Buffer.from('!')]);
const LARGE = partsOf(2);

let store: Store;
beforeEach(() => {
  store = modelStore();
});
afterEach(() => jest.restoreAllMocks());

const FOREVER = () => 900_000;

async function reviewed(model: string | Buffer): Promise<{ review: ReviewReference; folder: string }> {
  const { review } = await pin({ key: KEY, versionId: train(store, model), execution: 'run-1' }, SETTINGS);
  return { review, folder: `live/churn/7/${review.sha256.slice(0, 16)}/` };
}

const call = (review: ReviewReference, remaining = FOREVER) => copy({ review }, SETTINGS, remaining);
const count = (operation: string) => store.calls.get(operation) ?? 0;
const published = () => store.keys('published');

test.each([
  ['whole', 'small'],
  ['in parts', LARGE],
])('the version that was reviewed is copied, %s, without its metadata and tags', async (_, model) => {
  store.run('PutObject', { Bucket: 'training', Key: 'models/churn/7/model.bin', Body: Buffer.from('before') });
  const { review, folder } = await reviewed(model);
  store.put('training', 'models/churn/7/model.bin', 'something else', { Metadata: { a: 'b' }, Tagging: 'c=d' });
  expect(await call(review)).toEqual({ left: 0 });
  expect(published()).toEqual([`${folder}metrics.json`, `${folder}model.bin`]);
  expect(store.text('published', `${folder}model.bin`) === String(model)).toBe(true);
  const head = store.run<Record<string, unknown>>('HeadObject', { Bucket: 'published', Key: `${folder}model.bin` });
  expect(head.Metadata).toEqual({ 'stepworks-source-version': expect.any(String) });
  expect(head.TagCount).toBeUndefined();
  expect(count('UploadPartCopy')).toBe(model === LARGE ? 2 : 0);
});

test('done again, nothing is copied again', async () => {
  const { review } = await reviewed(LARGE);
  await call(review);
  const before = count('UploadPartCopy') + count('CopyObject');
  expect(await call(review)).toEqual({ left: 0 });
  expect(count('UploadPartCopy') + count('CopyObject')).toBe(before);
});

test('with too little time it says what is left, and the next call does only that', async () => {
  const large = partsOf(3);
  const { review, folder } = await reviewed(large);
  expect(await call(review, () => 100_000)).toEqual({ left: 2 });
  expect(published()).toEqual([]);
  // Time to begin with both files, and for two parts of three.
  expect(await call(review, stopAfter(4))).toEqual({ left: 1 });
  expect(count('UploadPartCopy')).toBe(2);
  expect(published()).toEqual([`${folder}metrics.json`]);
  expect(await call(review)).toEqual({ left: 0 });
  expect(count('UploadPartCopy')).toBe(3);
  expect(count('CreateMultipartUpload')).toBe(1);
  expect(store.text('published', `${folder}model.bin`) === String(large)).toBe(true);
});

test('parts of another size, from before the setting was changed, are copied anew', async () => {
  const large = partsOf(3);
  const { review, folder } = await reviewed(large);
  expect(await copy({ review }, { ...SETTINGS, partBytes: 6 * MIB }, stopAfter(3))).toEqual({ left: 1 });
  expect(count('UploadPartCopy')).toBe(1);
  expect(await call(review)).toEqual({ left: 0 });
  expect(count('UploadPartCopy')).toBe(4);
  expect(store.text('published', `${folder}model.bin`) === String(large)).toBe(true);
});

/** So many times there is time. */
function stopAfter(times: number): () => number {
  let asked = 0;
  return () => (++asked <= times ? 900_000 : 0);
}

test.each(['CopyObject', 'CreateMultipartUpload', 'UploadPartCopy', 'CompleteMultipartUpload'])(
  'a crash at %s, before or after its effect: the next call brings it to its end, and leaves no upload',
  async (operation) => {
    for (const after of [false, true]) {
      store = modelStore();
      const { review, folder } = await reviewed(LARGE);
      let crashed = false;
      store.before = ({ operation: name, input }) => {
        if (name !== operation || crashed) return;
        crashed = true;
        if (after) store.run(name, input);
        throw new Error('the function died');
      };
      await expect(call(review)).rejects.toThrow('the function died');
      expect(await call(review)).toEqual({ left: 0 });
      expect(published()).toEqual([`${folder}metrics.json`, `${folder}model.bin`]);
      expect(store.text('published', `${folder}model.bin`) === String(LARGE)).toBe(true);
      expect(store.run('ListMultipartUploads', { Bucket: 'published' })).toMatchObject({ Uploads: [] });
    }
  },
);

test('an upload that will not be gone on with is aborted; one that may be is kept', async () => {
  for (const [status, open] of [
    [403, 0],
    [503, 1],
  ]) {
    store = modelStore();
    const { review } = await reviewed(LARGE);
    store.before = ({ operation }) => {
      if (operation === 'UploadPartCopy') throw new ApiError('Refused', 'no', status);
    };
    await expect(call(review)).rejects.toMatchObject({ name: 'Refused' });
    expect(store.run<{ Uploads: unknown[] }>('ListMultipartUploads', { Bucket: 'published' }).Uploads).toHaveLength(open);
  }
});

test('an object that is there meanwhile is let be, and no upload is left', async () => {
  const { review, folder } = await reviewed(LARGE);
  store.before = ({ operation }) => {
    if (operation === 'CompleteMultipartUpload') store.put('published', `${folder}model.bin`, 'by another run');
  };
  expect(await call(review)).toEqual({ left: 0 });
  expect(store.text('published', `${folder}model.bin`)).toBe('by another run');
  expect(store.run<{ Uploads: unknown[] }>('ListMultipartUploads', { Bucket: 'published' }).Uploads).toEqual([]);
});

test('a version that has gone is named before anything is copied', async () => {
  const { review } = await reviewed('small');
  const versions = store.run<{ Versions: { Key: string; VersionId: string }[] }>('ListObjectVersions', { Bucket: 'training' }).Versions;
  const { Key, VersionId } = versions.find(({ Key }) => Key.endsWith('model.bin')) as { Key: string; VersionId: string };
  store.run('DeleteObject', { Bucket: 'training', Key, VersionId });
  store.put('training', Key, 'small');
  await expect(call(review)).rejects.toMatchObject({
    name: 'ArtifactGone',
    message: `what was reviewed has been deleted: model.bin (version ${VersionId})`,
  });
  expect(published()).toEqual([]);
});

test.each([403, 404])(
  'one that goes while it is copied, which S3 answers with %d, is named too; what may not be read is told as it is',
  async (status) => {
    const { review } = await reviewed('small');
    const denied = new ApiError(status === 403 ? 'AccessDenied' : 'NoSuchVersion', 'Access Denied', status);
    let gone = true;
    store.before = ({ operation, input }) => {
      if (operation !== 'CopyObject' || !input.Key.endsWith('model.bin')) return;
      const [, VersionId] = input.CopySource.split('?versionId=');
      if (gone) store.run('DeleteObject', { Bucket: 'training', Key: 'models/churn/7/model.bin', VersionId });
      throw denied;
    };
    await expect(call(review)).rejects.toMatchObject({ name: 'ArtifactGone' });
    store = modelStore();
    const another = await reviewed('small');
    gone = false;
    store.before = ({ operation }) => {
      if (operation === 'CopyObject') throw denied;
    };
    await expect(call(another.review)).rejects.toMatchObject({ name: denied.code });
  },
);

test('a record of the review that was changed, or has gone, is not followed', async () => {
  const { review } = await reviewed('small');
  store.put('reviews', review.key, store.text('reviews', review.key).replace('model.bin', 'other.bin'));
  await expect(call(review)).rejects.toMatchObject({ name: 'ReviewChanged' });
  store.run('DeleteObject', { Bucket: 'reviews', Key: review.key });
  await expect(call(review)).rejects.toMatchObject({ name: 'ReviewChanged' });
  expect(published()).toEqual([]);
});
