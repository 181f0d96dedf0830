import { createHash } from 'node:crypto';
import { EVENT, formRequest, Gate, httpRequest, type Mail, nonceIn, START, TOKEN, TWO_DAYS, wrongCode } from './support/gate';

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask();
  gate.table.calls.length = 0;
  gate.macs.length = 0;
});

const row = () => gate.table.row(mail.requestId);

describe('the page', () => {
  test('shows what is asked, of whom, and until when', async () => {
    const { statusCode, body } = await gate.get(mail.link);
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1><bdi>Open an account for Zoë Müller</bdi></h1>');
    expect([...body.matchAll(/<dt><bdi>(.*?)<\/bdi><\/dt><dd><bdi>(.*?)<\/bdi><\/dd>/g)].map(([, label, value]) => [label, value])).toEqual(
      [
        ['Applicant', 'Zoë Müller'],
        ['Limit', '2500'],
        ['Flagged', 'yes'],
      ],
    );
    expect(body).toContain('For <bdi>ann@example.com</bdi>');
    expect(body).toContain('<time datetime="2026-07-03T12:05:00.250Z">Friday 3 July 2026, 12:05 UTC</time>, which is 2 days from now');
    expect(body).toContain('<code>3f9a 1c02 77be</code>');
    expect(body).toContain('step <bdi>Review</bdi>, run <bdi>run-4711</bdi>');
  });

  test('has a form without an address, with two ways to send it', async () => {
    const { body } = await gate.get(mail.link);
    expect(body.match(/<form[^>]*>/g)).toEqual(['<form method="post">']);
    expect(body).toContain('<button type="submit" name="decision" value="APPROVED">Approve</button>');
    expect(body).toContain('<button type="submit" name="decision" value="REJECTED">Reject</button>');
    expect(body.match(/<(input|textarea) [^>]*name="[^"]+"/g)?.map((tag) => /name="([^"]+)"/.exec(tag)?.[1])).toEqual([
      'nonce',
      'code',
      'reason',
    ]);
  });

  test('is not decided by the Enter key: the first button of the form is disabled', async () => {
    const { body } = await gate.get(mail.link);
    expect(body.match(/<button[^>]*>/g)?.[0]).toBe('<button type="submit" disabled hidden>');
  });

  test('is small, has no script, and needs nothing from anywhere', async () => {
    const { body } = await gate.get(mail.link);
    expect(Buffer.byteLength(body)).toBeLessThan(10_240);
    expect(body).not.toMatch(/<script|<link|<img|<iframe|javascript:|\son\w+=|\ssrc=|\shref=|@import|url\(|style="/i);
  });

  test('names the language, labels every field, and describes it', async () => {
    const { body } = await gate.get(mail.link);
    expect(body).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
    expect(body).toContain('<title>Approval needed: Open an account for Zoë Müller</title>');
    expect(body).toContain('<legend>Your decision</legend>');
    const ids = [...body.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of body.matchAll(/\sfor="([^"]+)"/g)) expect(ids).toContain(id);
    for (const [, list] of body.matchAll(/aria-(?:describedby|labelledby)="([^"]+)"/g))
      for (const id of list.split(' ')) expect(ids).toContain(id);
    for (const [, id] of body.matchAll(/<(?:input|textarea) id="([^"]+)"/g)) expect(body).toContain(`<label for="${id}">`);
  });

  test('escapes everything that others wrote', async () => {
    const evil = `<script>alert("1")</script>'&`;
    const approver = { identity: evil, channel: EVENT.approver.channel };
    const arn = 'arn:aws:states:eu-west-1:1:execution:<b>:<i>';
    const { link } = await gate.ask({
      ...EVENT,
      title: evil,
      step: evil,
      summary: { [evil]: evil },
      summaryHash: '<u>',
      executionArn: arn,
      approver,
    });
    const { body } = await gate.get(link);
    expect(body).not.toMatch(/<script|<b>|<i>|<u>/);
    expect(body).toContain('<dt><bdi>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;</bdi></dt>');
    expect(body.split('&lt;script&gt;')).toHaveLength(7);
  });

  test('keeps the lines of a value and drops what hides text', async () => {
    const { link } = await gate.ask({ ...EVENT, summary: { Address: 'Street 1\r\nTown\u202e\u200b\u0007' } });
    expect((await gate.get(link)).body).toContain('<dd><bdi>Street 1\nTown</bdi></dd>');
  });
});

describe('headers', () => {
  test('forbid everything but the style and the form', async () => {
    const { headers, body } = await gate.get(mail.link);
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringContaining('max-age='),
      'x-robots-tag': expect.stringContaining('noindex'),
      'permissions-policy': expect.stringContaining('camera=()'),
    });
  });

  test('are the same for HEAD, which has no body', async () => {
    const [get, head] = [await gate.get(mail.link), await gate.get(mail.link, 'HEAD')];
    expect(head).toEqual({ ...get, body: '' });
  });

  test('are the same on every page', async () => {
    const { headers } = await gate.get(mail.link);
    const pages = [
      await gate.get('x'),
      await gate.post(mail.link, {}),
      await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code }),
    ];
    for (const page of pages) expect(page.headers).toEqual(headers);
  });

  test('name the methods when another is used', async () => {
    const response = await gate.get(mail.link, 'PUT');
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe('GET, HEAD, POST');
    expect(gate.macs).toEqual([]);
  });
});

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
    expect(gate.table.calls).toEqual(['GetItemCommand', 'QueryCommand', 'TransactWriteItemsCommand', 'UpdateItemCommand']);
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
  const send = async (body: string, type?: string) => gate.respond(formRequest(mail.link, body, type));
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
    expect((await gate.respond(request)).statusCode).toBe(415);
  });

  test('is taken in base64', async () => {
    const body = Buffer.from(await fields({ reason: 'größer' })).toString('base64');
    expect((await gate.respond({ ...formRequest(mail.link, body), isBase64Encoded: true })).statusCode).toBe(200);
    expect(row().reason).toBe('größer');
  });

  test('that is too large is refused, in base64 as well, before KMS is called', async () => {
    const body = `${await fields()}&x=${'y'.repeat(16_384)}`;
    gate.macs.length = 0;
    expect((await send(body)).statusCode).toBe(413);
    const encoded = { ...formRequest(mail.link, Buffer.from(body).toString('base64')), isBase64Encoded: true };
    expect((await gate.respond(encoded)).statusCode).toBe(413);
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
    expect((await gate.respond(request)).statusCode).toBe(400);
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
    gate.table.after = (command) => {
      if (command === 'GetItemCommand')
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

test('a link is found in the path when the route does not name it', async () => {
  const { pathParameters: _, ...request } = httpRequest('GET', mail.link);
  expect((await gate.respond(request)).statusCode).toBe(200);
});
