import { parseManifest, readManifest } from '../../../../lib/model-approval/handlers/manifest';
import { KEY, modelStore, SETTINGS, train } from './model-store';

afterEach(() => jest.restoreAllMocks());

const GOOD = {
  model: 'churn',
  version: '7.1',
  trainedBy: 'dana@example.com',
  files: ['a.bin', 'b/metrics.json'],
  diagnostics: 'b/metrics.json',
};
const parsed = (manifest: unknown) => parseManifest(JSON.stringify(manifest), KEY);

test('a manifest says what was trained, by whom, and which files it is; what else it has is let be', () => {
  expect(parsed({ ...GOOD, framework: 'xgboost' })).toEqual(GOOD);
});

const problem = (field: object, says: RegExp): [object, RegExp] => [{ ...GOOD, ...field }, says];

test.each([
  problem({ model: undefined }, /^the manifest models\/churn\/7\/manifest\.json can't be used: model is no name of up to 64/),
  problem({ model: '../up' }, /model is no name/),
  problem({ model: 'a/b' }, /model is no name/),
  problem({ model: '.' }, /model is no name/),
  problem({ version: 7 }, /version is no name/),
  problem({ version: 'v'.repeat(65) }, /version is no name/),
  problem({ trainedBy: ' ' }, /trainedBy is no text of 1 to 256 characters/),
  problem({ trainedBy: ['dana@example.com'] }, /trainedBy is no text/),
  problem({ files: [] }, /files is no list of 1 to 1000 names; diagnostics is none of the files/),
  problem({ files: 'a.bin' }, /files is no list/),
  problem({ files: Array.from({ length: 1001 }, (_, i) => `f${i}`) }, /files is no list of 1 to 1000/),
  problem({ files: ['b/metrics.json', '/etc/passwd'] }, /files has "\/etc\/passwd", which is no name/),
  problem({ files: ['b/metrics.json', 'a/../../x'] }, /files has "a\/\.\.\/\.\.\/x"/),
  problem({ files: ['b/metrics.json', 'a//b'] }, /files has "a\/\/b"/),
  problem({ files: ['b/metrics.json', 'a?versionId=x'] }, /files has "a\?versionId=x"/),
  problem({ files: ['b/metrics.json', 'manifest.json'] }, /files has "manifest\.json"/),
  problem({ files: ['b/metrics.json', 7] }, /files has 7/),
  problem({ files: ['b/metrics.json', 'b/metrics.json'] }, /files has "b\/metrics\.json" twice/),
  problem({ diagnostics: 'c.json' }, /diagnostics is none of the files/),
])('%j is refused', (manifest, says) => {
  expect(() => parsed(manifest)).toThrow(says);
  expect(() => parsed(manifest)).toThrow(expect.objectContaining({ name: 'InvalidManifest' }));
});

test.each(['', 'model: churn', '[]', 'null', '"churn"', '7'])('%j is no manifest', (text) => {
  expect(() => parseManifest(text, KEY)).toThrow('is no JSON object');
});

describe('which version is read', () => {
  test('the one that is named, though another one is there now', async () => {
    const store = modelStore();
    const first = train(store, 'one');
    const second = train(store, 'two', { manifest: { version: '8' } });
    const { source } = SETTINGS;
    await expect(readManifest(source, KEY, first)).resolves.toMatchObject({ version: '7', versionId: first, folder: 'models/churn/7/' });
    await expect(readManifest(source, KEY)).resolves.toMatchObject({ version: '8', versionId: second });
  });

  test('none, when it has gone or is another key that begins alike', async () => {
    const store = modelStore();
    store.put('training', `${KEY}.old`, '{}');
    await expect(readManifest(SETTINGS.source, KEY)).rejects.toMatchObject({ name: 'NoSuchManifest' });
    const version = train(store, 'one');
    store.run('DeleteObject', { Bucket: 'training', Key: KEY, VersionId: version });
    const missing = readManifest(SETTINGS.source, KEY, version);
    await expect(missing).rejects.toMatchObject({ name: 'NoSuchManifest', message: `s3://training/${KEY} has no version ${version}` });
  });

  test('none of a manifest that is too large to be one', async () => {
    const store = modelStore();
    store.put('training', KEY, ' '.repeat(262_145));
    await expect(readManifest(SETTINGS.source, KEY)).rejects.toMatchObject({ name: 'InvalidManifest', message: /262145 bytes/ });
  });
});
