import { createHash } from 'node:crypto';
import { EVENT, formRequest, Gate, httpRequest, type Mail, SECOND_TOKEN } from './support/gate';

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask();
  gate.table.calls.length = 0;
  gate.macs.length = 0;
});

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
});

describe('what became of a form', () => {
  const sent = (value: string, link = mail.link, cookies?: string[]) =>
    gate.call({ ...httpRequest('GET', link), queryStringParameters: { sent: value }, cookies });
  const decide = () => gate.submit(mail.link, { decision: 'APPROVED', code: mail.code });
  const ALL = ['taken', 'unchanged', 'stale', 'wrong-code', 'no-code'];

  test.each([
    ['wrong-code', 403, 'That is not the code.'],
    ['no-code', 403, 'The code is missing.'],
    ['stale', 409, 'The form was sent before'],
    ['taken', 200, undefined],
    ['unchanged', 200, undefined],
    ['<script>', 200, undefined],
  ])('%s is said above the form of an open request', async (value, status, text) => {
    const { statusCode, body } = await sent(value);
    expect(statusCode).toBe(status);
    expect(body.match(/<p class="problem" id="problem" role="alert">.*<\/p>/)?.[0] ?? '').toContain(text ?? '');
    if (text === undefined) expect(body).toBe((await gate.get(mail.link)).body);
    expect(body).toContain('<form method="post">');
    expect(body).not.toContain('<script>');
  });

  test.each([
    ['taken', 200, '<h1>You approved this</h1>'],
    ['unchanged', 409, 'what you just sent has changed nothing'],
    ['stale', 409, 'what you just sent has changed nothing'],
    ['wrong-code', 409, 'what you just sent has changed nothing'],
    ['x', 200, '<h1>Already approved</h1>'],
  ])('%s is said of a decided request, however often it is loaded, and nothing is done', async (value, status, text) => {
    await decide();
    const before = gate.table.row(mail.requestId);
    gate.table.calls.length = 0;
    for (let time = 0; time < 2; time++) {
      const { statusCode, body } = await sent(value);
      expect(statusCode).toBe(status);
      expect(body).toContain(text);
    }
    expect(gate.table.calls).toEqual(['GetItemCommand', 'GetItemCommand']);
    expect(gate.table.row(mail.requestId)).toEqual(before);
    expect(gate.answers).toHaveLength(1);
  });

  test.each(ALL)('%s tells nothing to whoever has no link', async (value) => {
    await decide();
    const nothing = await gate.get('nonsense');
    const { requestId, link } = mail;
    for (const other of ['nonsense', requestId, `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`])
      expect(await sent(value, other)).toEqual(nothing);
    expect(nothing.statusCode).toBe(404);
  });

  test('taken is said of what is asked anew as of any open request', async () => {
    await decide();
    gate.table.items.delete(mail.requestId);
    await gate.notify({ ...EVENT, taskToken: SECOND_TOKEN });
    expect((await sent('taken')).body).toBe((await gate.get(mail.link)).body);
  });

  test('a reason comes back escaped, from the cookie of this request and of no other', async () => {
    const reason = '</textarea><script>alert(1)</script>';
    const answer = await gate.call(
      formRequest(mail.link, new URLSearchParams({ nonce: 'x', decision: 'APPROVED', code: '', reason }).toString()),
    );
    const [cookie] = answer.cookies ?? [];
    const [pair] = cookie.split(';');
    expect((await sent('stale', mail.link, ['a=b', pair])).body).toContain(
      '&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>',
    );
    const other = await gate.ask({ ...EVENT, requestKey: 'other' });
    expect((await sent('stale', other.link, [pair])).body).not.toContain('alert(1)');
  });
});

test('nothing but the rows of the link is read', async () => {
  await gate.get(mail.link);
  expect(gate.table.calls).toEqual(['GetItemCommand']);
  expect(gate.macs).toHaveLength(1);
});

test('a link is found in the path when the route does not name it', async () => {
  const { pathParameters: _, ...request } = httpRequest('GET', mail.link);
  expect((await gate.browse(request)).statusCode).toBe(200);
});
