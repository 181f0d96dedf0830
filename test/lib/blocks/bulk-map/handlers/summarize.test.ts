import type { Failure } from '../../../../../lib/blocks/bulk-map/handlers/failure';
import { JsonLinesWriter } from '../../../../../lib/blocks/bulk-map/handlers/json-lines-writer';
import { type SummarizeEvent, summarize } from '../../../../../lib/blocks/bulk-map/handlers/summarize';
import { FakeBucket } from './fake-bucket';

const FOLDER = 'bulk/Work/run/time';
const EVENT: SummarizeEvent = {
  batches: false,
  ordered: false,
  folders: false,
  businessErrors: [],
  manifest: `${FOLDER}/map/manifest.json`,
};

function bucketWith(files: Record<string, object[]>): FakeBucket {
  const bucket = new FakeBucket();
  const ResultFiles: Record<string, { Key: string }[]> = { SUCCEEDED: [], FAILED: [], PENDING: [] };
  for (const [name, records] of Object.entries(files)) {
    const Key = `${FOLDER}/map/${name}.jsonl`;
    bucket.objects.set(Key, `${records.map((record) => JSON.stringify(record)).join('\n')}\n`);
    ResultFiles[name.split('_')[0]].push({ Key });
  }
  bucket.objects.set(`${FOLDER}/map/manifest.json`, JSON.stringify({ DestinationBucket: 'results', ResultFiles }));
  return bucket;
}

const succeeded = { Status: 'SUCCEEDED', Input: '1', Output: '2' };
const failed = { Status: 'FAILED', Input: '3', Error: 'E', Cause: 'c' };

test('counts all files of every kind, and writes the failures beside the map run', async () => {
  const bucket = bucketWith({
    SUCCEEDED_0: [succeeded, succeeded],
    SUCCEEDED_1: [succeeded],
    FAILED_0: [failed],
    PENDING_0: [{ Input: '4' }],
  });
  expect(await summarize(EVENT, bucket.target)).toEqual({
    counts: { total: 5, succeeded: 3, rejected: 0, crashed: 1, unfinished: 1, skipped: 0 },
    results: { bucket: 'results', manifest: `${FOLDER}/map/manifest.json`, failures: `${FOLDER}/failures.jsonl` },
  });
  expect(bucket.objects.get(`${FOLDER}/failures.jsonl`)).toBe(
    '{"kind":"CRASHED","error":"E","cause":"c","item":3}\n{"kind":"UNFINISHED","item":4}\n',
  );
});

test('nothing was worked on: zeros, and no list of failures', async () => {
  const bucket = bucketWith({});
  expect(await summarize(EVENT, bucket.target)).toEqual({
    counts: { total: 0, succeeded: 0, rejected: 0, crashed: 0, unfinished: 0, skipped: 0 },
    results: { bucket: 'results', manifest: EVENT.manifest },
  });
  expect(bucket.calls).not.toContain('PutObjectCommand');
});

test('of a map that was stopped, the manifest is looked for', async () => {
  const bucket = bucketWith({ FAILED_0: [failed] });
  bucket.objects.set(`${FOLDER}-other/map/manifest.json`, 'not this');
  const { results } = await summarize({ ...EVENT, manifest: undefined, folder: FOLDER }, bucket.target);
  expect(results.manifest).toBe(EVENT.manifest);
});

test('a manifest that is not there yet is an error that the state tries again for', async () => {
  const lost = summarize({ ...EVENT, manifest: undefined, folder: 'bulk/Other' }, bucketWith({}).target);
  await expect(lost).rejects.toMatchObject({ name: 'ResultsNotWritten' });
});

test('ordered items are written in their order, whatever file they are in', async () => {
  const record = (index: number, Status: string) => ({ Status, Input: JSON.stringify({ index, item: `i${index}` }), Error: 'E' });
  const bucket = bucketWith({ FAILED_0: [record(1, 'FAILED')], PENDING_0: [record(10, 'PENDING'), record(2, 'PENDING')] });
  await summarize({ ...EVENT, ordered: true }, bucket.target);
  const lines = bucket.objects.get(`${FOLDER}/failures.jsonl`)?.trimEnd().split('\n') ?? [];
  expect(lines.map((line) => JSON.parse(line).item)).toEqual(['i1', 'i2', 'i10']);
});

describe('the list of failures', () => {
  const failure = (item: unknown): Failure => ({ kind: 'CRASHED', item });

  test('goes up in parts when it is long, and loses nothing', async () => {
    const bucket = new FakeBucket();
    const writer = new JsonLinesWriter(bucket.target, 'key', 100);
    for (let i = 0; i < 10; i++) await writer.add(failure(`${i}-${'ä'.repeat(20)}`));
    expect(await writer.end()).toBe(true);
    const lines = bucket.objects.get('key')?.trimEnd().split('\n') ?? [];
    expect(lines.map((line) => JSON.parse(line).item[0]).join('')).toBe('0123456789');
    expect(bucket.calls.filter((name) => name === 'UploadPartCommand')).toHaveLength(5);
  });

  test('ends well when the last part is just full', async () => {
    const bucket = new FakeBucket();
    const writer = new JsonLinesWriter(bucket.target, 'key', 1);
    await writer.add(failure(1));
    expect(await writer.end()).toBe(true);
    expect(bucket.calls).toEqual(['CreateMultipartUploadCommand', 'UploadPartCommand', 'CompleteMultipartUploadCommand']);
  });
});
