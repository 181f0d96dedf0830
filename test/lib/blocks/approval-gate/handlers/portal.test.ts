import { EVENT, Gate, type Mail, nonceIn, quorumEvent, START, TOKEN, TWO_DAYS, wrongCode } from './support/gate';

const CLAIMS = { iss: 'https://issuer.example', sub: 'user-7', email: 'Ann@example.com', email_verified: 'true' };
const BODY = { decision: 'APPROVED', summaryHash: EVENT.summaryHash, reason: ' Papers seen. ' };

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask();
});

const row = () => gate.table.row(mail.requestId);
const send = async (body: unknown = BODY, claims: Record<string, string> = CLAIMS, id = mail.requestId) => {
  const { statusCode, body: text } = await gate.decide(id, body, claims);
  return { status: statusCode, ...(JSON.parse(text) as { error?: string; status?: string }), code: statusCode };
};

function expectUntouched(): void {
  expect(row()).toMatchObject({ status: 'PENDING', revision: 1 });
  expect(gate.answers).toEqual([]);
  expect(gate.table.records()).toEqual([]);
}

test.each(['APPROVED', 'REJECTED'])('%s is recorded, passed on, and said', async (decision) => {
  const at = '2026-07-01T12:05:00.250Z';
  expect(await send({ ...BODY, decision })).toEqual({ code: 200, status: 'DECIDED', decision, at, reason: 'Papers seen.' });
  const output = { decision, by: 'ann@example.com', at, reason: 'Papers seen.', summaryHash: EVENT.summaryHash };
  expect(gate.answers).toEqual([{ taskToken: TOKEN, output }]);
  expect(gate.table.records()).toMatchObject([{ approver: 'ann@example.com', decision, issuer: CLAIMS.iss, subject: CLAIMS.sub }]);
});

test('the log says who was signed in, of what was refused too', async () => {
  await send(BODY, { ...CLAIMS, sub: 'user-8', email: 'eve@example.com' });
  await send();
  const lines = gate.log.filter(({ status }) => status !== undefined);
  expect(lines).toMatchObject([
    { status: 404, signedInAs: 'user-8' },
    { status: 200, signedInAs: 'user-7' },
  ]);
});

test('the answer is JSON that nobody keeps', async () => {
  const { headers } = await gate.decide(mail.requestId, BODY, CLAIMS);
  expect(headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
});

test('link and portal decide the same request, once', async () => {
  const nonce = nonceIn(await gate.get(mail.link));
  expect((await send()).code).toBe(200);
  expect((await gate.post(mail.link, { nonce, decision: 'REJECTED', code: mail.code })).statusCode).toBe(409);
  expect(await send({ ...BODY, decision: 'REJECTED' })).toMatchObject({
    code: 409,
    error: 'you have decided before',
    decision: 'APPROVED',
  });
  expect(gate.answers).toHaveLength(1);
  expect(gate.table.records()).toHaveLength(1);
});

test('a link that wrong codes have locked does not keep out who is signed in', async () => {
  for (let guess = 0; guess < 10; guess++) await gate.submit(mail.link, { decision: 'APPROVED', code: wrongCode(mail.code) });
  expect((await send()).code).toBe(200);
});

describe('attacks', () => {
  test.each<[string, Record<string, string>]>([
    ["somebody else's token", { ...CLAIMS, email: 'eve@example.com' }],
    ['a name that only looks alike', { ...CLAIMS, email: 'аnn@example.com' }],
    ['an address that goes on', { ...CLAIMS, email: 'ann@example.com.eve.com' }],
  ])('%s finds no request, as if there were none', async (_, claims) => {
    const unknown = await send(BODY, claims, 'AAAAAAAAAAAAAAAAAAAAAA');
    expect(await send(BODY, claims)).toEqual(unknown);
    expect(unknown.code).toBe(404);
    expectUntouched();
  });

  test.each<[string, Record<string, string>, string]>([
    ['no claims', {}, 'the token has no claim email'],
    ['an empty address', { ...CLAIMS, email: ' ' }, 'the token has no claim email'],
    ['an address that nobody has verified', { ...CLAIMS, email_verified: 'false' }, 'not verified'],
  ])('a token with %s is refused', async (_, claims, error) => {
    expect(await send(BODY, claims)).toMatchObject({ code: 403, error: expect.stringContaining(error) });
    expectUntouched();
  });

  test.each(['', '..', 'x'.repeat(22_000), '%00', 'AAAAAAAAAAAAAAAAAAAAA/'])('the id %j is unknown, and nothing is read', async (id) => {
    gate.table.calls.length = 0;
    expect((await send(BODY, CLAIMS, id)).code).toBe(404);
    expect(gate.table.calls).toEqual([]);
  });

  test('what several vote on is not decided by itself', async () => {
    const [ann] = await gate.askAll(quorumEvent(2, 'ann@example.com', 'bob@example.com'));
    const quorumId = String(gate.table.row(ann.requestId).quorumId);
    expect((await send(BODY, { ...CLAIMS, email: String(gate.table.row(quorumId).approver) }, quorumId)).code).toBe(404);
  });

  test('a decision about something else than what is asked is refused', async () => {
    expect(await send({ ...BODY, summaryHash: 'f'.repeat(64) })).toMatchObject({
      code: 409,
      error: expect.stringContaining('summaryHash'),
    });
    expectUntouched();
  });

  test.each<[string, unknown, number, string]>([
    ['no JSON', '{', 400, 'not JSON'],
    ['nothing', '', 400, 'not JSON'],
    ['a list', [], 400, 'not an object'],
    ['null', 'null', 400, 'not an object'],
    ['no decision', { summaryHash: 'x' }, 400, 'decision is none of APPROVED, REJECTED'],
    ['a decision in small letters', { ...BODY, decision: 'approved' }, 400, 'decision is none of'],
    ['a list of decisions', { ...BODY, decision: ['APPROVED'] }, 400, 'decision is none of'],
    ['an expiry', { ...BODY, decision: 'EXPIRED' }, 400, 'decision is none of'],
    ['no hash', { decision: 'APPROVED' }, 400, 'summaryHash is not a text'],
    ['a reason that is a number', { ...BODY, reason: 5 }, 400, 'reason is not a text'],
    ['a name of its own', { ...BODY, approver: 'eve@example.com' }, 400, 'approver is none of decision, summaryHash, reason'],
    ['too long a reason', { ...BODY, reason: 'x'.repeat(1001) }, 400, 'reason has more than 1000 characters'],
    ['too much', { ...BODY, reason: 'x'.repeat(20_000) }, 413, 'more than 16384 bytes'],
  ])('%s is refused', async (_, body, code, error) => {
    expect(await send(body)).toMatchObject({ code, error: expect.stringContaining(error) });
    expectUntouched();
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'a body of the type %j, which a form of another site could send, is refused',
    async (type) => {
      expect((await gate.decide(mail.requestId, BODY, CLAIMS, type)).statusCode).toBe(415);
      expectUntouched();
    },
  );

  test('half a character in the reason breaks no hash of the audit', async () => {
    await send(JSON.stringify({ ...BODY, reason: 'xy' }).replace('xy', '\\ud83d!'));
    expect(gate.table.records()).toMatchObject([{ reason: '\ufffd!' }]);
  });

  test('of two decisions at the same time one counts', async () => {
    const both = await Promise.all([send(), send({ ...BODY, decision: 'REJECTED' })]);
    expect(both.map(({ code }) => code).sort()).toEqual([200, 409]);
    expect(gate.answers).toHaveLength(1);
  });
});

test.each([
  [-1, 200],
  [0, 410],
])('%d ms from the expiry it answers %d', async (offset, code) => {
  gate.now = START + TWO_DAYS * 1000 + offset;
  expect((await send()).code).toBe(code);
});

test('an answer that gets lost is recorded, and passed on by asking again', async () => {
  gate.refuse = [() => new Error('throttled')];
  expect(await send()).toMatchObject({ code: 202, status: 'DECIDED_NOT_PASSED_ON' });
  expect(await send()).toMatchObject({ code: 409, error: 'you have decided before' });
  expect(gate.answers).toHaveLength(1);
});

test('of several each has one vote, and those after the end are told so', async () => {
  const [ann, bob, cy] = await gate.askAll(quorumEvent(2, 'ann@example.com', 'bob@example.com', 'cy@example.com'));
  const as = (name: string) => ({ ...CLAIMS, email: name });
  expect(await send(BODY, CLAIMS, ann.requestId)).toMatchObject({ code: 200, status: 'VOTED' });
  expect(await send(BODY, CLAIMS, ann.requestId)).toMatchObject({ code: 409, error: 'you have decided before' });
  expect(await send(BODY, CLAIMS, bob.requestId)).toMatchObject({ code: 404 });
  expect(await send(BODY, as('bob@example.com'), bob.requestId)).toMatchObject({ code: 200, status: 'DECIDED' });
  expect(await send(BODY, as('cy@example.com'), cy.requestId)).toMatchObject({ code: 409, error: 'decided without your vote' });
  expect(gate.answers).toMatchObject([{ output: { decision: 'APPROVED', votes: [{}, {}] } }]);
});

test('a failure gives nothing away', async () => {
  gate.table.before = () => {
    throw new Error(`cannot read ${mail.requestId}`);
  };
  expect(await send()).toMatchObject({ code: 500, apiRequestId: 'api-request-1' });
  expect(gate.log.at(-1)).toMatchObject({ level: 'ERROR', outcome: 'failed' });
});

test('the token of the task is in no answer and no log', async () => {
  gate.refuse = [() => new Error(`cannot answer ${TOKEN}`)];
  const { body } = await gate.decide(mail.requestId, BODY, CLAIMS);
  expect([body, ...gate.lines].join()).not.toContain(TOKEN);
});
