import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { browserExpected, launchBrowser } from '../../../../support/browser';
import { Gate, type Mail } from './support/gate';

const inBrowser = browserExpected ? describe : describe.skip;

inBrowser('the page in a real browser', () => {
  let browser: Browser;
  let server: Server;
  let gate: Gate;
  let mail: Mail;
  let page: Page;
  let url: string;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { pathname: rawPath, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const { cookie, ...others } = request.headers;
      const answer = await gate.call({
        rawPath,
        pathParameters: { link: rawPath.slice(1) },
        queryStringParameters: Object.fromEntries(searchParams),
        headers: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
        cookies: cookie?.split('; '),
        requestContext: { requestId: 'api-request-1', http: { method: request.method ?? '' } },
        body,
      });
      response.writeHead(answer.statusCode, { ...answer.headers, 'set-cookie': [...(answer.cookies ?? [])] }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  beforeEach(async () => {
    gate = new Gate();
    mail = await gate.ask();
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${mail.link}`;
    page = await browser.newPage({ javaScriptEnabled: true, viewport: { width: 320, height: 640 } });
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('request', (request) => {
      if (request.url().split('?')[0] !== url) complaints.push(request.url());
    });
    await page.goto(url);
  });

  afterEach(() => page.close());

  const status = () => gate.table.row(mail.requestId).status;

  test('a person decides with the code and a button', async () => {
    await page.getByLabel('Code from the message').fill(mail.code.toLowerCase());
    await page.getByLabel('Reason').fill('Papers seen.\nTwice.');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('heading', { name: 'You rejected this' }).waitFor();
    expect(gate.answers).toMatchObject([{ output: { decision: 'REJECTED', reason: 'Papers seen.\nTwice.' } }]);
  });

  test('a wrong code is said where the next one is typed, and the reason is kept', async () => {
    await page.getByLabel('Reason').fill('"kept"\n & <here>');
    await page.getByLabel('Code from the message').fill(mail.code.startsWith('0') ? '111-111' : '000-000');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Code from the message').evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    expect(await page.getByLabel('Reason').inputValue()).toBe('"kept"\n & <here>');
    await page.getByLabel('Code from the message').fill(mail.code);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'You approved this' }).waitFor();
  });

  test('a page that is loaded again sends nothing again', async () => {
    await page.getByLabel('Code from the message').fill(mail.code);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'You approved this' }).waitFor();
    const methods: string[] = [];
    page.on('request', (request) => methods.push(request.method()));
    await page.reload();
    await page.getByRole('heading', { name: 'You approved this' }).waitFor();
    expect(methods).toEqual(['GET']);
    expect(gate.answers).toHaveLength(1);
  });

  test('the Enter key sends nothing', async () => {
    await page.getByLabel('Code from the message').fill(mail.code);
    await page.getByLabel('Code from the message').press('Enter');
    await page.waitForTimeout(300);
    expect(status()).toBe('PENDING');
    expect(await page.getByRole('heading', { name: 'Open an account' }).isVisible()).toBe(true);
  });

  test.each(['', '12345', '1234567', 'ABC$EF'])('the browser does not send %j as a code', async (code) => {
    await page.getByLabel('Code from the message').fill(code);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForTimeout(200);
    expect(gate.table.row(mail.requestId)).toMatchObject({ status: 'PENDING', wrongCodes: 0 });
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test.each(['K7Q-X4M', ' k7q x4m ', 'k7qx4m', 'O0l-iL1'])('the browser lets %j through', async (code) => {
    await page.getByLabel('Code from the message').fill(code);
    expect(
      await page
        .getByLabel('Code from the message')
        .evaluate((input) => (input as unknown as { validity: { valid: boolean } }).validity.valid),
    ).toBe(true);
  });

  test('the page can be used with the keyboard, in its order', async () => {
    const order: (string | null)[] = [];
    for (let press = 0; press < 4; press++) {
      await page.keyboard.press('Tab');
      order.push(await page.locator(':focus').evaluate((element) => element.getAttribute('id') ?? element.getAttribute('value')));
    }
    expect(order).toEqual(['code', 'reason', 'APPROVED', 'REJECTED']);
  });

  test('it fits 320 pixels, takes its style, complains of nothing and fetches nothing', async () => {
    const [needed, card] = await page.evaluate(() => {
      const { document, getComputedStyle } = globalThis as unknown as {
        document: { documentElement: { scrollWidth: number }; querySelector(selector: string): object };
        getComputedStyle(element: object): { borderTopLeftRadius: string };
      };
      return [document.documentElement.scrollWidth, getComputedStyle(document.querySelector('article')).borderTopLeftRadius];
    });
    expect(needed).toBe(320);
    expect(card).toBe('12px');
    expect(complaints).toEqual([]);
  });
});
