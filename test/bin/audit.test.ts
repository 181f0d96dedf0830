import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { main } from '../../bin/main';
import { toAttributes } from '../../lib/blocks/approval-gate/handlers/attributes';
import { type AuditRecord, chained, hashOf } from '../../lib/blocks/approval-gate/handlers/audit-record';

let folder: string;
let printed: { out: string; err: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepworks-audit-'));
  printed = { out: '', err: '' };
  for (const [stream, name] of [['stdout', 'out'] as const, ['stderr', 'err'] as const]) {
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[name] += text;
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const RECORDS: AuditRecord[] = [];
for (let index = 0; index < 12; index++) {
  const entry = {
    at: `2026-07-01T12:00:${10 + index}.000Z`,
    decision: index % 2 ? 'REJECTED' : 'APPROVED',
    approver: 'ann@example.com',
    reason: index % 3 ? `Zoë’s paper №${index} "seen"` : undefined,
    requestId: `request-${index}`,
    executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:Pay:run',
    step: 'Review',
    summaryHash: 'ab'.repeat(32),
  };
  RECORDS.push(chained(entry, RECORDS.at(-1)));
}
const HEAD = RECORDS[11].hash;

const jsonl = (records: readonly object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');
const exported = (records: readonly AuditRecord[]) => jsonl(records.map((record) => ({ Item: toAttributes({ ...record }) })));

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const verify = (...args: string[]) => main(['audit', 'verify', ...args]);

/** The finding for these records, written as JSON lines. */
async function finding(records: readonly object[], ...args: string[]) {
  const code = await verify(file('audit.jsonl', jsonl(records)), '--json', ...args);
  return { code, ...JSON.parse(printed.out) };
}

describe('an audit that holds', () => {
  test('as JSON lines, in any order', async () => {
    expect(await verify(file('audit.jsonl', jsonl([...RECORDS].reverse())))).toBe(0);
    expect(printed.out).toBe(`✓ 12 records, unbroken; the last has the hash ${HEAD}\n`);
  });

  test('as DynamoDB exports it: packed files in a folder, between manifests', async () => {
    mkdirSync(join(folder, 'data'));
    file('manifest-summary.json', '{"itemCount":12}');
    file('data/b.json.gz', gzipSync(exported(RECORDS.slice(0, 7))));
    file('data/a.json.gz', gzipSync(exported(RECORDS.slice(7))));
    expect(await verify(folder, '--json')).toBe(0);
    expect(JSON.parse(printed.out)).toEqual({ holds: true, records: 12, head: HEAD });
  });

  test.each([0, 5, 11])('with the hash of record %d noted before', async (index) => {
    expect(await finding(RECORDS, '--head', RECORDS[index].hash)).toMatchObject({ code: 0, holds: true });
  });

  test('when nobody has decided yet', async () => {
    expect(await finding([])).toEqual({ code: 0, holds: true, records: 0 });
  });
});

/** The records with one of them changed, and with a hash that fits again if `rehashed`. */
function changed(index: number, change: Partial<Record<keyof AuditRecord, unknown>>, rehashed = false): object[] {
  return RECORDS.map((record, at) => {
    if (at !== index) return record;
    const forged = { ...record, ...change };
    return rehashed ? { ...forged, hash: hashOf(forged) } : forged;
  });
}

test.each<[string, readonly object[], string, string | RegExp]>([
  ['a decision was turned', changed(4, { decision: 'REJECTED' }), '5', 'it was changed: its hash is'],
  ['another name was put', changed(0, { approver: 'eve@example.com' }), '1', 'it was changed'],
  ['a reason was taken out', changed(4, { reason: undefined }), '5', 'it was changed'],
  ['a field was put in', changed(4, { note: 'x' } as object), '5', 'it was changed'],
  ['one was changed with its hash', changed(4, { decision: 'REJECTED' }, true), '6', 'does not follow the record before it'],
  ['the first was changed with its hash', changed(0, { approver: 'eve@example.com' }, true), '2', 'does not follow'],
  ['the first follows another', changed(0, { previousHash: HEAD }, true), '1', 'does not follow'],
  ['one was taken out', RECORDS.filter((_, index) => index !== 7), '8', 'the record is missing: the next is 9'],
  ['the first is gone', RECORDS.slice(1), '1', 'the record is missing: the next is 2'],
  ['one is there twice', [...RECORDS, RECORDS[3]], '5', 'there is more than one record 4'],
  ['a hash is gone', changed(2, { hash: undefined }), '3', 'hash is not there as text'],
  ['texts are numbers', changed(2, { at: 5, step: 6 }), '3', 'at, step are not there as text'],
  ['one has no place', changed(2, { sequence: 'three' }), 'of request request-2', 'its sequence is "three"'],
  [
    'two are broken: the first is named',
    changed(9, { step: 'x' }).map((r, i) => (i === 3 ? { ...r, step: 'y' } : r)),
    '4',
    'it was changed',
  ],
])('an audit in which %s', async (_, records, record, problem) => {
  expect(await finding(records)).toMatchObject({
    code: 1,
    holds: false,
    broken: { record, problem: expect.stringContaining(`${problem}`) },
  });
});

test('an end that was cut off is found by a hash noted before, and by nothing else', async () => {
  const cut = RECORDS.slice(0, 9);
  expect(await finding(cut)).toMatchObject({ code: 0 });
  printed.out = '';
  expect(await finding(cut, '--head', HEAD)).toMatchObject({ code: 1, broken: { record: '10', problem: expect.stringContaining(HEAD) } });
});

test('an audit that was written anew as a whole is found by a hash noted before', async () => {
  const anew: AuditRecord[] = [];
  for (const { hash: _, sequence: __, previousHash: ___, chain: ____, ...entry } of RECORDS)
    anew.push(chained({ ...entry, decision: 'APPROVED' }, anew.at(-1)));
  expect(await finding(anew, '--head', RECORDS[3].hash)).toMatchObject({ code: 1, broken: { record: '13' } });
});

test('in words, a broken record is named', async () => {
  expect(await verify(file('audit.jsonl', jsonl(RECORDS.slice(1))))).toBe(1);
  expect(printed.out).toBe('✗ record 1: the record is missing: the next is 2\n');
});

test.each<[string, () => string[], string]>([
  ['nothing', () => [], 'verify what?'],
  ['no such file', () => [join(folder, 'none')], 'there is no file or folder'],
  ['an empty folder', () => [folder], 'holds no file that ends in .json.gz, .json or .jsonl'],
  ['no JSON', () => [file('a.jsonl', `${JSON.stringify(RECORDS[0])}\n{`)], 'a.jsonl, line 2 is not JSON'],
  ['a list', () => [file('a.jsonl', '[]')], 'line 1 is not an object'],
  ['something else', () => [file('a.jsonl', '{"a":1}')], 'is no record of an audit'],
  ['an item of plain values', () => [file('a.jsonl', '{"Item":{"sequence":1}}')], "not in DynamoDB's form"],
  ['what is not packed', () => [file('a.json.gz', 'plain')], "can't be unpacked"],
  ['a hash that is none', () => [file('a.jsonl', ''), '--head', 'abc'], '--head is the hash of a record'],
  ['two sources', () => ['a', 'b'], "'audit verify a b' is not a command"],
])('%s is not understood', async (_, args, message) => {
  expect(await verify(...args())).toBe(2);
  expect(printed.err).toContain(message);
  expect(printed.out).toBe('');
});
