import { formatLink, parseLink } from '../../../../../lib/blocks/approval-gate/handlers/link';
import { EVENT, formRequest, Gate, httpRequest, type Mail, nonceIn, SECOND_TOKEN, START, TOKEN, TWO_DAYS, wrongCode } from './support/gate';

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask();
});

const row = () => gate.table.row(mail.requestId);

/** The fields of the page's form, as a program that runs it finds them. */
function fieldsOf(body: string): Record<string, string> {
  const form = /<form[\s\S]*<\/form>/.exec(body)?.[0] ?? '';
  return Object.fromEntries(
    [...form.matchAll(/<(?:input|textarea)[^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?/g)].map(([, name, value]) => [name, value ?? '']),
  );
}

describe('a mail scanner', () => {
  test('that fetches the link, as often as it likes, changes nothing', async () => {
    const before = row();
    gate.table.calls.length = 0;
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD']) expect((await gate.get(mail.link, method)).statusCode).toBe(200);
    expect(gate.table.calls).toEqual(Array(4).fill('GetItemCommand'));
    expect(row()).toEqual(before);
    expect(gate.answers).toEqual([]);
  });

  test.each(['APPROVED', 'REJECTED'])('that presses the button %s of the form as it finds it changes nothing', async (decision) => {
    const before = row();
    for (let time = 0; time < 20; time++) {
      const response = await gate.post(mail.link, { ...fieldsOf((await gate.get(mail.link)).body), decision });
      expect(response.statusCode).toBe(403);
    }
    expect(row()).toEqual(before);
    expect(gate.answers).toEqual([]);
  });

  test('that fills in something leaves the request pending', async () => {
    for (const code of ['test', 'AAA-AAA', mail.requestId, mail.link.slice(0, 6), 'test@example.com']) {
      const response = await gate.post(mail.link, { ...fieldsOf((await gate.get(mail.link)).body), code, decision: 'APPROVED' });
      expect(response.statusCode).toBe(403);
    }
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 5 });
    expect((await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code })).statusCode).toBe(200);
  });

  test('that sends the code in the URL decides nothing', async () => {
    const response = await gate.browse({
      ...httpRequest('GET', mail.link),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ nonce: nonceIn(await gate.get(mail.link)), decision: 'APPROVED', code: mail.code }).toString(),
    });
    expect(response.statusCode).toBe(200);
    expect(row().status).toBe('PENDING');
  });
});

describe('replay', () => {
  test('of the form that decided sends nothing again', async () => {
    const form = { nonce: nonceIn(await gate.get(mail.link)), decision: 'APPROVED', code: mail.code };
    expect((await gate.post(mail.link, form)).statusCode).toBe(200);
    const before = row();
    expect((await gate.post(mail.link, form)).statusCode).toBe(409);
    expect((await gate.post(mail.link, { ...form, decision: 'REJECTED' })).statusCode).toBe(409);
    expect(row()).toEqual(before);
    expect(gate.answers).toHaveLength(1);
  });

  test('of a form with a wrong code is no second guess', async () => {
    const form = { nonce: nonceIn(await gate.get(mail.link)), decision: 'APPROVED', code: wrongCode(mail.code) };
    expect((await gate.post(mail.link, form)).statusCode).toBe(403);
    const replayed = await gate.post(mail.link, { ...form, code: mail.code });
    expect(replayed.statusCode).toBe(409);
    expect(replayed.body).toContain('Nothing was decided.');
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 1 });
    expect((await gate.post(mail.link, { ...form, nonce: nonceIn(replayed), code: mail.code })).statusCode).toBe(200);
  });

  test.each(['', 'x', 'A'.repeat(22)])('with a made-up nonce (%j) never looks at the code', async (nonce) => {
    for (const code of [mail.code, wrongCode(mail.code), '']) {
      expect((await gate.post(mail.link, { nonce, decision: 'APPROVED', code })).statusCode).toBe(409);
    }
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 0 });
  });

  test("with another request's nonce or code decides nothing", async () => {
    const other = await gate.ask({ ...EVENT, requestKey: 'other' });
    const nonce = nonceIn(await gate.get(other.link));
    expect((await gate.post(mail.link, { nonce, decision: 'APPROVED', code: mail.code })).statusCode).toBe(409);
    expect((await gate.submit(mail.link, { decision: 'APPROVED', code: other.code })).statusCode).toBe(403);
    expect(row().status).toBe('PENDING');
  });
});

describe('a tampered link', () => {
  const parts = () => parseLink(mail.link) ?? { requestId: '', expiresAt: 0, signature: '' };
  const flip = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  const cases: [string, () => string | Promise<string>][] = [
    ['another id', () => formatLink({ ...parts(), requestId: flip(parts().requestId) })],
    ["another request's id", async () => formatLink({ ...parts(), requestId: (await gate.ask({ ...EVENT, requestKey: 'x' })).requestId })],
    ['a later expiry', () => formatLink({ ...parts(), expiresAt: parts().expiresAt + 1 })],
    ['an earlier expiry', () => formatLink({ ...parts(), expiresAt: parts().expiresAt - 1 })],
    ['another signature', () => formatLink({ ...parts(), signature: flip(parts().signature) })],
    ['an end that decodes to the same bytes', () => mail.link.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))],
  ];

  test.each(cases)('with %s is unknown, to GET and POST alike', async (_, make) => {
    const link = await make();
    const nonce = nonceIn(await gate.get(mail.link));
    gate.table.calls.length = 0;
    const responses = [await gate.get(link), await gate.post(link, { nonce, decision: 'APPROVED', code: mail.code })];
    for (const response of responses) {
      expect(response.statusCode).toBe(404);
      expect(response.body).toBe((await gate.get('nonsense')).body);
    }
    expect(gate.table.calls).toEqual([]);
    expect(row().status).toBe('PENDING');
  });

  test('with a good signature for a row that is not there, or has another expiry, looks the same', async () => {
    const item = gate.table.items.get(mail.requestId) ?? {};
    gate.table.items.set(mail.requestId, { ...item, expiresAt: { S: '2026-07-04T00:00:00.000Z' } });
    const other = await gate.get(mail.link);
    gate.table.items.delete(mail.requestId);
    const gone = await gate.get(mail.link);
    const nonsense = await gate.get('nonsense');
    expect(other).toEqual(nonsense);
    expect(gone).toEqual(nonsense);
    expect(nonsense.statusCode).toBe(404);
  });

  test('that cannot be one is refused before KMS is called', async () => {
    gate.macs.length = 0;
    for (const link of ['', 'favicon.ico', 'x'.repeat(5000), `${mail.link}0`, `${mail.link}%00`]) {
      expect((await gate.get(link)).statusCode).toBe(404);
    }
    expect(gate.macs).toEqual([]);
  });
});

describe('at the same time', () => {
  test('of two POSTs exactly one decides, and the other is told who did, and when', async () => {
    const nonce = nonceIn(await gate.get(mail.link));
    const responses = await Promise.all([
      gate.post(mail.link, { nonce, decision: 'APPROVED', code: mail.code }),
      gate.post(mail.link, { nonce, decision: 'REJECTED', code: mail.code }),
    ]);
    expect(responses.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    const told = responses.find(({ statusCode }) => statusCode === 409)?.body;
    expect(told).toContain(`<h1>Already ${String(row().status).toLowerCase()}</h1>`);
    expect(told).toContain('<bdi>ann@example.com</bdi>');
    expect(told).toContain('Wednesday 1 July 2026, 12:05 UTC');
    expect(gate.answers.map(({ output }) => output.decision)).toEqual([row().status]);
    expect(row()).not.toHaveProperty('unanswered');
    expect(row()).not.toHaveProperty('unconfirmedAt');
  });

  test('any number of guesses with one form count as one, and the rest tell nothing', async () => {
    const nonce = nonceIn(await gate.get(mail.link));
    const codes = [...Array(20)]
      .map((_, index) => `ZZ${String(index).padStart(4, '0')}`)
      .filter((code) => code !== mail.code.replace('-', ''));
    // The right one is among them, and comes too late.
    const responses = await Promise.all([...codes, mail.code].map((code) => gate.post(mail.link, { nonce, decision: 'APPROVED', code })));
    expect(responses.map(({ statusCode }) => statusCode)).toEqual([403, ...Array(codes.length).fill(409)]);
    expect(new Set(responses.slice(1).map(({ body }) => body)).size).toBe(1);
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 1 });
  });

  test('a guess cannot be hidden beside the right one: it counts, and the right one is to be sent again', async () => {
    const nonce = nonceIn(await gate.get(mail.link));
    const [right, wrong] = await Promise.all([
      gate.post(mail.link, { nonce, decision: 'APPROVED', code: mail.code }),
      gate.post(mail.link, { nonce, decision: 'REJECTED', code: wrongCode(mail.code) }),
    ]);
    expect([right.statusCode, wrong.statusCode]).toEqual([409, 403]);
    expect(row()).toMatchObject({ status: 'PENDING', wrongCodes: 1 });
  });

  test('a guess that comes after the decision has been written is not told that it was wrong', async () => {
    const nonce = nonceIn(await gate.get(mail.link));
    gate.table.after = (command) => {
      if (command !== 'GetItemCommand') return;
      const decided = { status: { S: 'APPROVED' }, decidedAt: { S: new Date(START).toISOString() }, revision: { N: '2' } };
      gate.table.items.set(mail.requestId, { ...gate.table.items.get(mail.requestId), ...decided });
    };
    const guess = await gate.post(mail.link, { nonce, decision: 'REJECTED', code: wrongCode(mail.code) });
    expect(guess.statusCode).toBe(409);
    expect(row()).toMatchObject({ status: 'APPROVED', wrongCodes: 0 });
  });
});

describe('nothing is given away', () => {
  /** All that happens to requests, with what people and logs got to see of it. */
  async function everything(): Promise<{ pages: string[]; mails: string[]; nonces: string[] }> {
    const pages: string[] = [];
    const nonces: string[] = [];
    const see = ({ body, headers }: { body: string; headers: object }) => {
      pages.push(body + JSON.stringify(headers));
      nonces.push(...(/name="nonce" value="([^"]+)"/.exec(body)?.slice(1) ?? []));
    };
    const submit = async (fields: Record<string, string>) => {
      const page = await gate.get(mail.link);
      see(page);
      const form = formRequest(mail.link, new URLSearchParams({ nonce: nonceIn(page), ...fields }).toString());
      const answer = await gate.call(form);
      see(answer);
      see(await gate.call({ ...httpRequest('GET', mail.link), queryStringParameters: { sent: answer.headers.location.split('=')[1] } }));
    };
    see(await gate.get(mail.link));
    see(await gate.get(mail.link, 'HEAD'));
    await submit({ decision: 'APPROVED', code: wrongCode(mail.code) });
    await submit({ decision: 'APPROVED', code: '' });
    see(await gate.post(mail.link, { decision: 'APPROVED', nonce: 'x', code: mail.code }));
    see(await gate.post(mail.link, {}));
    see(await gate.get(`${mail.link.slice(0, -1)}A`));
    await gate.notify({ ...EVENT, taskToken: SECOND_TOKEN });
    gate.refuse = [() => new Error(`cannot answer ${SECOND_TOKEN} of ${mail.link} ${mail.code}`)];
    await submit({ decision: 'APPROVED', code: mail.code });
    see(await gate.get(mail.link));
    gate.now += 61_000;
    gate.refuse = [() => new Error(`cannot answer ${SECOND_TOKEN}`)];
    await gate.sweep().catch((error: Error) => pages.push(error.message));
    await gate.sweep();
    await gate.notify({ ...EVENT, taskToken: `${TOKEN}3` });
    gate.undeliverable = new Error(`cannot send to ${TOKEN}4`);
    await gate.notify({ ...EVENT, requestKey: 'four', taskToken: `${TOKEN}4` }).catch((error: Error) => pages.push(`${error.stack}`));
    gate.now = START + TWO_DAYS * 1000;
    see(await gate.get(mail.link));
    gate.table.before = () => {
      throw new Error(`cannot read ${mail.link} ${mail.link.split('.')[2]}`);
    };
    see(await gate.get(mail.link));
    return { pages, mails: gate.messages.map(({ input }) => JSON.stringify(input)), nonces };
  }

  test('the token is in no log, page, mail or error, the code in no log or page, the nonce in no log, the link in no log or page', async () => {
    const { pages, mails, nonces } = await everything();
    expect(new Set(nonces).size).toBeGreaterThan(2);
    expect(pages.length).toBeGreaterThan(15);
    const log = gate.lines.join('\n');
    const all = [log, ...pages, ...mails].join('\n');
    for (const token of [TOKEN, SECOND_TOKEN]) expect(all).not.toContain(token.slice(0, -2));
    const shown = [log, ...pages].join('\n');
    for (const secret of [mail.code, mail.code.replace('-', ''), mail.link, mail.link.split('.')[2]]) expect(shown).not.toContain(secret);
    for (const nonce of nonces) expect([log, ...mails].join('\n')).not.toContain(nonce);
    expect(mail.link).not.toContain(mail.code.replace('-', ''));
    for (const text of mails) expect(text.split(mail.link.split('.')[2]).length).toBeLessThanOrEqual(2);
  });

  test('every line of the log is JSON with an outcome, and tells of which request', async () => {
    await everything();
    expect(gate.log.length).toBeGreaterThan(15);
    for (const line of gate.lines) expect(line).not.toContain('\n');
    for (const entry of gate.log)
      expect(entry).toMatchObject({
        level: expect.stringMatching(/^(INFO|ERROR)$/),
        outcome: expect.any(String),
        time: expect.any(String),
      });
    const outcomes = gate.log.filter(({ requestId }) => requestId === mail.requestId).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(
      expect.arrayContaining([
        'told',
        'shown',
        'wrong-code',
        'no-code',
        'stale',
        'decided',
        'not answered',
        'taken',
        'answered',
        'decision shown',
      ]),
    );
  });
});
