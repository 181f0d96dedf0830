import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { hashOf, NO_RECORD } from '../../../../../lib/blocks/approval-gate/handlers/audit-record';
import { EVENT, Gate, type Mail, nonceIn, wrongCode } from './support/gate';

let gate: Gate;
beforeEach(() => {
  gate = new Gate();
});

/** A request of its own for each key, decided. */
async function decided(key: string, decision = 'APPROVED'): Promise<Mail> {
  const mail = await gate.ask({ ...EVENT, requestKey: key, taskToken: `token ${key}` });
  expect((await gate.submit(mail.link, { decision, code: mail.code, reason: `because of ${key}` })).statusCode).toBe(200);
  return mail;
}

test('each decision is a record that holds the hash of the one before it', async () => {
  const first = await decided('1');
  gate.now += 1000;
  await decided('2', 'REJECTED');
  const [one, two, ...more] = gate.table.records();
  expect(more).toEqual([]);
  expect(one).toEqual({
    chain: 'decisions',
    sequence: 1,
    at: '2026-07-01T12:05:00.250Z',
    decision: 'APPROVED',
    approver: 'ann@example.com',
    reason: 'because of 1',
    requestId: first.requestId,
    executionArn: EVENT.executionArn,
    step: EVENT.step,
    summaryHash: EVENT.summaryHash,
    previousHash: NO_RECORD,
    hash: hashOf(one),
  });
  expect(two).toMatchObject({
    sequence: 2,
    decision: 'REJECTED',
    at: '2026-07-01T12:05:01.250Z',
    previousHash: one.hash,
    hash: hashOf(two),
  });
});

test('the hash is over every field, in a form that anybody can make again', () => {
  expect(hashOf({ b: 'x', a: 1, hash: 'itself', gone: undefined })).toBe(
    // printf '[["a",1],["b","x"]]' | sha256sum
    '7939156c49b604f10bcbd3bdc8f98bdfede3d5d5110e040c80e0e5df15dc2eaf',
  );
});

test('the log names place and hash, where whoever rewrites the table cannot reach them', async () => {
  await decided('1');
  const [{ hash }] = gate.table.records();
  expect(gate.log).toContainEqual(expect.objectContaining({ outcome: 'decided', auditSequence: 1, auditHash: hash }));
});

test('looking, wrong codes, stale forms and second clicks leave no record', async () => {
  const mail = await gate.ask();
  await gate.get(mail.link);
  await gate.submit(mail.link, { decision: 'APPROVED', code: wrongCode(mail.code) });
  await gate.post(mail.link, { nonce: 'old', decision: 'APPROVED', code: mail.code });
  expect(gate.table.records()).toEqual([]);
  await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code });
  await gate.post(mail.link, { nonce: 'x', decision: 'REJECTED', code: mail.code });
  expect(gate.table.records()).toHaveLength(1);
});

test('decisions at the same time get places of their own', async () => {
  const mails: Mail[] = [];
  for (let key = 0; key < 6; key++) mails.push(await gate.ask({ ...EVENT, requestKey: `${key}`, taskToken: `token ${key}` }));
  const nonces = await Promise.all(mails.map(async ({ link }) => nonceIn(await gate.get(link))));
  const pages = await Promise.all(
    mails.map(({ link, code }, index) => gate.post(link, { nonce: nonces[index], decision: 'APPROVED', code })),
  );
  expect(pages.map(({ statusCode }) => statusCode)).toEqual(Array(6).fill(200));
  const records = gate.table.records();
  expect(records.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(6);
  for (const [index, { previousHash }] of records.entries()) expect(previousHash).toBe(records[index - 1]?.hash ?? NO_RECORD);
});

test('of two decisions of one request at the same time one is recorded', async () => {
  const mail = await gate.ask();
  const nonce = nonceIn(await gate.get(mail.link));
  await Promise.all(['APPROVED', 'REJECTED'].map((decision) => gate.post(mail.link, { nonce, decision, code: mail.code })));
  expect(gate.table.records().map(({ decision }) => decision)).toEqual([gate.answers[0].output.decision]);
});

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

/** Makes the next transactions fail. @returns how many were tried */
function failing(times: number, error: Error): () => number {
  let tried = 0;
  gate.table.before = (command) => {
    if (command === 'TransactWriteItemsCommand' && ++tried <= times) throw error;
  };
  return () => tried;
}

test.each(['TransactionConflict', 'ThrottlingError', 'ConditionalCheckFailed'])(
  'a transaction that meets %s is tried again',
  async (code) => {
    const tried = failing(3, cancelled('None', code));
    await decided('1');
    expect(tried()).toBe(4);
    expect(gate.table.records()).toHaveLength(1);
  },
);

test.each([
  ['always loses its place', cancelled('None', 'ConditionalCheckFailed'), 10],
  ['is not valid', cancelled('ValidationError', 'None'), 1],
  ['may not be made', new Error('AccessDenied'), 1],
])('a decision whose record %s is not made, and nothing is answered', async (_, error, attempts) => {
  const mail = await gate.ask();
  const tried = failing(Number.POSITIVE_INFINITY, error);
  expect((await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code })).statusCode).toBe(500);
  expect(tried()).toBe(attempts);
  expect(gate.table.row(mail.requestId).status).toBe('PENDING');
  expect(gate.table.records()).toEqual([]);
  expect(gate.answers).toEqual([]);
});
