import { EVENT, formRequest, Gate, type Mail, nonceIn, START, TOKEN, TWO_DAYS, wrongCode } from './support/gate';

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask();
  gate.table.calls.length = 0;
  gate.macs.length = 0;
});

const row = () => gate.table.row(mail.requestId);

describe('a decision', () => {
  test.each(['APPROVED', 'REJECTED'])('%s is recorded, passed on, and said', async (decision) => {
    gate.now += 60_000;
    const page = await gate.get(mail.link);
    gate.table.calls.length = 0;
    const response = await gate.post(mail.link, { nonce: nonceIn(page), decision, code: mail.code, reason: ' Papers seen. ' });
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain(`<h1>You ${decision.toLowerCase()} this</h1>`);
    expect(response.body).toContain('<dt>By</dt><dd><bdi>ann@example.com</bdi></dd>');
    expect(response.body).toContain('<dt>Reason</dt><dd><bdi>Papers seen.</bdi></dd>');
    const output = {
      decision,
      by: 'ann@example.com',
      at: '2026-07-01T12:06:00.250Z',
      reason: 'Papers seen.',
      summaryHash: EVENT.summaryHash,
    };
    expect(gate.answers).toEqual([{ taskToken: TOKEN, output }]);
    expect(row()).toMatchObject({ status: decision, decidedAt: output.at, answeredAt: output.at, reason: 'Papers seen.', revision: 2 });
    expect(row()).not.toHaveProperty('unanswered');
    const shown = 'GetItemCommand';
    expect(gate.table.calls).toEqual(['GetItemCommand', 'QueryCommand', 'TransactWriteItemsCommand', 'UpdateItemCommand', shown]);
  });

  test('without a reason has none', async () => {
    await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code, reason: ' \r\n\t' });
    expect(gate.answers[0].output).not.toHaveProperty('reason');
    expect(row()).not.toHaveProperty('reason');
  });

  test('takes the code as people type it', async () => {
    const typed = ` ${mail.code.toLowerCase().replace('-', ' ')} `;
    expect((await gate.submit(mail.link, { decision: 'APPROVED', code: typed })).statusCode).toBe(200);
  });

  test('shown again says who, what and when, and changes nothing', async () => {
    await gate.submit(mail.link, { decision: 'REJECTED', code: mail.code, reason: '<no>' });
    const before = row();
    gate.now += 3_600_000;
    const get = await gate.get(mail.link);
    const post = await gate.post(mail.link, { nonce: 'x', decision: 'APPROVED', code: mail.code });
    expect([get.statusCode, post.statusCode]).toEqual([200, 409]);
    for (const { body } of [get, post]) {
      expect(body).toContain('<h1>Already rejected</h1>');
      expect(body).toContain('<bdi>ann@example.com</bdi>');
      expect(body).toContain('Wednesday 1 July 2026, 12:05 UTC');
      expect(body).toContain('&lt;no&gt;');
    }
    expect(post.body).toContain('what you just sent has changed nothing');
    expect(get.body).not.toContain('what you just sent');
    expect(row()).toEqual(before);
    expect(gate.answers).toHaveLength(1);
  });
});

describe('the form', () => {
  const send = async (body: string, type?: string) => gate.browse(formRequest(mail.link, body, type));
  const fields = async (more: Record<string, string> = {}) =>
    new URLSearchParams({ nonce: nonceIn(await gate.get(mail.link)), decision: 'APPROVED', code: mail.code, ...more }).toString();

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])('of type %j is refused', async (type) => {
    expect((await send(await fields(), type)).statusCode).toBe(415);
    expect(row().status).toBe('PENDING');
  });

  test.each(['application/x-www-form-urlencoded; charset=UTF-8', 'Application/X-WWW-Form-Urlencoded'])(
    'of type %j is taken',
    async (type) => {
      expect((await send(await fields(), type)).statusCode).toBe(200);
    },
  );

  test('without a type is refused', async () => {
    const { headers: _, ...request } = formRequest(mail.link, await fields());
    expect((await gate.browse(request)).statusCode).toBe(415);
  });

  test('is taken in base64', async () => {
    const body = Buffer.from(await fields({ reason: 'größer' })).toString('base64');
    expect((await gate.browse({ ...formRequest(mail.link, body), isBase64Encoded: true })).statusCode).toBe(200);
    expect(row().reason).toBe('größer');
  });

  test('that is too large is refused, in base64 as well, before KMS is called', async () => {
    const body = `${await fields()}&x=${'y'.repeat(16_384)}`;
    gate.macs.length = 0;
    expect((await send(body)).statusCode).toBe(413);
    const encoded = { ...formRequest(mail.link, Buffer.from(body).toString('base64')), isBase64Encoded: true };
    expect((await gate.browse(encoded)).statusCode).toBe(413);
    expect(gate.macs).toEqual([]);
    expect(row().status).toBe('PENDING');
  });

  test('holds the longest reason in any script', async () => {
    const reason = '審'.repeat(1000);
    expect((await send(await fields({ reason }))).statusCode).toBe(200);
    expect(row().reason).toBe(reason);
  });

  test('with a reason that is too long is refused; line breaks count once, as the browser counts', async () => {
    expect((await send(await fields({ reason: 'x'.repeat(1001) }))).statusCode).toBe(400);
    expect(row().status).toBe('PENDING');
    expect((await send(await fields({ reason: `${'x\r\n'.repeat(499)}xx` }))).statusCode).toBe(200);
    expect(String(row().reason)).toHaveLength(1000);
  });

  test('loses control characters of the reason', async () => {
    await send(await fields({ reason: 'a\u0000\u001b[1mb\u202ec\r\nd' }));
    expect(row().reason).toBe('a[1mbc\nd');
  });

  test.each([
    ['no body', async () => ''],
    ['no decision', async () => (await fields()).replace('decision=APPROVED&', '')],
    ['an unknown decision', () => fields({ decision: 'APPROVE' })],
    ['a decision in small letters', () => fields({ decision: 'approved' })],
    ['no nonce', async () => (await fields()).replace(/nonce=[^&]*&/, '')],
    ['the decision twice', async () => `${await fields()}&decision=REJECTED`],
    ['the code twice', async () => `${await fields()}&code=AAA-AAA`],
    ['the nonce twice', async () => `${await fields()}&nonce=x`],
    ['the reason twice', async () => `${await fields({ reason: 'a' })}&reason=b`],
  ])('with %s is refused', async (_, body) => {
    const response = await send(await body());
    expect(response.statusCode).toBe(400);
    expect(response.body).toContain('Nothing was decided.');
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 0 });
  });

  test('without a body at all is refused', async () => {
    const { body: _, ...request } = formRequest(mail.link, '');
    expect((await gate.browse(request)).statusCode).toBe(400);
  });
});

describe('the answer to a form', () => {
  const send = async (fields: Record<string, string>) =>
    gate.call(
      formRequest(
        mail.link,
        new URLSearchParams({ nonce: nonceIn(await gate.get(mail.link)), decision: 'APPROVED', ...fields }).toString(),
      ),
    );
  const cookie = (value: string, seconds: number) =>
    `__Host-reason-${mail.requestId}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;

  test.each<[string, () => Record<string, string>]>([
    ['taken', () => ({ code: mail.code })],
    ['wrong-code', () => ({ code: wrongCode(mail.code) })],
    ['no-code', () => ({ code: '' })],
    ['stale', () => ({ code: mail.code, nonce: 'x' })],
  ])('leads to the page, with the word %s and nothing else', async (sent, fields) => {
    const { headers } = await gate.get(mail.link);
    const answer = await send(fields());
    expect(answer).toEqual({
      statusCode: 303,
      headers: { ...headers, location: `?sent=${sent}` },
      cookies: [cookie('', 0)],
      body: '',
    });
  });

  test('to a request that takes none is that nothing has changed', async () => {
    const form = formRequest(mail.link, new URLSearchParams({ nonce: 'x', decision: 'REJECTED', code: '' }).toString());
    await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code });
    expect((await gate.call(form)).headers.location).toBe('?sent=unchanged');
    expect((await gate.browse(form)).statusCode).toBe(409);
  });

  test('to a link that is none leads nowhere', async () => {
    const form = new URLSearchParams({ nonce: 'x', decision: 'APPROVED', code: mail.code }).toString();
    const answer = await gate.call(formRequest(`${mail.link.slice(0, -1)}${mail.link.endsWith('A') ? 'B' : 'A'}`, form));
    expect(answer).toEqual(await gate.get('nonsense'));
  });

  test.each([
    ['a reason beside a wrong code is kept in a cookie', 'wrong-code', () => wrongCode(mail.code), 600],
    ['a reason that is recorded is kept nowhere else', 'taken', () => mail.code, 0],
  ])('%s', async (_, sent, code, seconds) => {
    const reason = 'größer; "as" said';
    const answer = await send({ code: code(), reason });
    expect(answer.headers.location).toBe(`?sent=${sent}`);
    expect(answer.cookies).toEqual([cookie(seconds ? Buffer.from(reason).toString('base64url') : '', seconds)]);
  });

  test('holds the longest reason in any script within what browsers take of a cookie', async () => {
    const reason = '審'.repeat(1000);
    const [given] = (await send({ code: wrongCode(mail.code), reason })).cookies ?? [];
    expect(given.split(';')[0].length).toBeLessThanOrEqual(4096);
    expect((await gate.submit(mail.link, { decision: 'APPROVED', code: '', reason })).body).toContain(`${reason}</textarea>`);
  });
});

describe('a wrong code', () => {
  const guess = (code: string) => gate.submit(mail.link, { decision: 'APPROVED', code, reason: 'my "reason"' });

  test('is counted, says how many are left, and keeps the reason', async () => {
    const response = await guess(wrongCode(mail.code));
    expect(response.statusCode).toBe(403);
    expect(response.body).toContain('9 tries left');
    expect(response.body).toContain('role="alert"');
    expect(response.body).toContain('my &quot;reason&quot;</textarea>');
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 1, revision: 2 });
    expect(gate.answers).toEqual([]);
  });

  test('can be corrected in the page that is shown', async () => {
    const response = await guess(wrongCode(mail.code));
    const again = await gate.post(mail.link, { nonce: nonceIn(response), decision: 'APPROVED', code: mail.code });
    expect(again.statusCode).toBe(200);
  });

  test('of ten locks the link, also for the right one', async () => {
    for (let left = 9; left >= 1; left--)
      expect((await guess(wrongCode(mail.code))).body).toContain(`${left} ${left === 1 ? 'try' : 'tries'} left`);
    const page = await gate.get(mail.link);
    const tenth = await guess(wrongCode(mail.code));
    expect(tenth.statusCode).toBe(423);
    expect(tenth.body).toContain('<h1>Locked</h1>');
    const right = await gate.post(mail.link, { nonce: nonceIn(page), decision: 'APPROVED', code: mail.code });
    expect(right.statusCode).toBe(423);
    expect((await gate.get(mail.link)).statusCode).toBe(423);
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 10 });
    gate.now = START + TWO_DAYS * 1000;
    expect((await gate.get(mail.link)).statusCode).toBe(410);
  });

  test('locks the link for a form that would be good otherwise, too', async () => {
    const nonce = nonceIn(await gate.get(mail.link));
    gate.table.items.set(mail.requestId, { ...gate.table.items.get(mail.requestId), wrongCodes: { N: '10' } });
    expect((await gate.post(mail.link, { nonce, decision: 'APPROVED', code: mail.code })).statusCode).toBe(423);
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 10 });
    expect(gate.answers).toEqual([]);
  });

  test.each(['', ' - '])('that is empty (%j) is no guess: it is not counted', async (code) => {
    const response = await guess(code);
    expect(response.statusCode).toBe(403);
    expect(response.body).toContain('The code is missing.');
    expect(row()).toMatchObject({ wrongCodes: 0, revision: 1 });
  });
});

describe('the expiry', () => {
  const at = (offset: number) => {
    gate.now = START + TWO_DAYS * 1000 + offset;
  };

  test.each([
    [-1, 200],
    [0, 410],
    [1, 410],
  ])('%d ms from it, the page answers %d', async (offset, status) => {
    at(offset);
    expect((await gate.get(mail.link)).statusCode).toBe(status);
  });

  test.each([
    [-1, 200, 'APPROVED'],
    [0, 410, 'PENDING'],
    [1, 410, 'PENDING'],
  ])('%d ms from it, a decision gets %d', async (offset, status, recorded) => {
    const page = await gate.get(mail.link);
    at(offset);
    const response = await gate.post(mail.link, { nonce: nonceIn(page), decision: 'APPROVED', code: mail.code });
    expect(response.statusCode).toBe(status);
    expect(row().status).toBe(recorded);
    expect(gate.answers).toHaveLength(status === 200 ? 1 : 0);
  });

  test('is held by the write too, when it comes between looking and deciding', async () => {
    const page = await gate.get(mail.link);
    at(-1);
    gate.table.after = () => {
      gate.table.after = () => {};
      jest
        .mocked(Date.now)
        .mockReturnValueOnce(gate.now)
        .mockReturnValue(START + TWO_DAYS * 1000);
    };
    const response = await gate.post(mail.link, { nonce: nonceIn(page), decision: 'APPROVED', code: mail.code });
    expect(response.statusCode).toBe(410);
    expect(row().status).toBe('PENDING');
    expect(gate.answers).toEqual([]);
  });

  test('is said plainly', async () => {
    at(0);
    const { body } = await gate.get(mail.link);
    expect(body).toContain('<h1>Expired</h1>');
    expect(body).toContain('Friday 3 July 2026, 12:05 UTC');
    expect(body).toContain('Nobody decided in time.');
    expect(body).not.toContain('<form');
  });
});

describe('a failure', () => {
  test('inside gives a page with a number, and nothing else away', async () => {
    gate.table.before = () => {
      throw Object.assign(new Error(`cannot read ${mail.link} with ${mail.code.replace('-', '')}`), { name: 'InternalServerError' });
    };
    const response = await gate.get(mail.link);
    expect(response.statusCode).toBe(500);
    expect(response.body).toContain('api-request-1');
    expect(response.body).not.toContain('InternalServerError');
    expect(gate.log.at(-1)).toMatchObject({
      level: 'ERROR',
      outcome: 'failed',
      error: 'InternalServerError',
      message: 'cannot read [hidden] with [hidden]',
    });
  });

  test('of KMS decides nothing', async () => {
    const nonce = nonceIn(await gate.get(mail.link));
    gate.kms.send = () => {
      throw new Error('KMS');
    };
    expect((await gate.post(mail.link, { nonce, decision: 'APPROVED', code: mail.code })).statusCode).toBe(500);
    expect(row().status).toBe('PENDING');
  });
});
