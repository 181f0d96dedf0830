import { verifyChain } from '../../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../../lib/blocks/approval-gate/handlers/audit-record';
import { ApproverAtWork, type Assembly, LocalCloud, LocalDriver, type OpenedRequest, type Run } from '../../../local';
import application from '../../../patterns/account-opening/applicants/flagged-swapped-parts.json';
import { browserExpected, launchBrowser } from '../../support/browser';
import { synthesizeSample } from '../../support/sample';
import { warmStart } from '../../support/warm-start';

const warm = warmStart();

const REVIEWER = 'reviewer@example.com';
const TWO_DAYS = 2 * 24 * 3600;
const sample = synthesizeSample('account-opening');

let assembly: Assembly;
let cloud: LocalCloud;
let driver: LocalDriver;
let run: Run;
let opened: OpenedRequest;

beforeAll(async () => {
  assembly = (await sample).assembly;
});

/** A request that waits for its reviewer, who has the page open. */
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly, { warm }, ['AccountOpening']);
  driver = new LocalDriver(cloud);
  run = await driver.start('AccountOpening/Opening', application);
  opened = await new ApproverAtWork(driver, REVIEWER).openMail();
  expect(opened.page.status).toBe(200);
});

afterEach(() => cloud.dispose());

async function request(): Promise<Record<string, unknown>> {
  const [row] = await driver.items('AccountOpening/Review/Requests');
  return row;
}

async function expectPending(): Promise<void> {
  expect(await request()).toMatchObject({ status: 'PENDING' });
  expect(run.status).toBe('RUNNING');
  expect(cloud.calls.filter(({ operation }) => operation === 'SendTaskSuccess')).toEqual([]);
}

const writes = () =>
  cloud.calls.filter(({ service, operation }) => service === 'dynamodb' && operation !== 'GetItem' && operation !== 'Query').length;

test('a prefetch by GET and HEAD, however often, changes nothing', async () => {
  const before = [await request(), writes()];
  for (const method of ['GET', 'HEAD', 'GET', 'HEAD'] as const) {
    expect((await driver.browse({ method, url: opened.link })).status).toBe(200);
  }
  expect([await request(), writes()]).toEqual(before);
  await expectPending();
});

test('a scanner that sends the form, with every button and with guesses, decides nothing', async () => {
  for (const decision of ['APPROVED', 'REJECTED']) {
    for (const code of ['', 'AAAAAA', '000000', opened.nonce])
      expect((await opened.submit(decision, '', code)).status).toBeGreaterThanOrEqual(400);
  }
  await expectPending();
});

test('the code stands in the mail, and neither in the link nor on the page', () => {
  const code = opened.code.replace('-', '');
  for (const text of [opened.link, opened.page.body]) expect(text.toUpperCase()).not.toContain(code);
});

test('guessing locks the link, and the request goes its way', async () => {
  for (let guess = 0; guess < 10; guess++) {
    const page = await driver.browse({ url: opened.link });
    const nonce = /name="nonce" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
    await driver.browse({ method: 'POST', url: opened.link, form: { nonce, code: `00000${guess}`, decision: 'APPROVED' } });
  }
  expect((await opened.submit('APPROVED')).status).toBe(423);
  await expectPending();
  await driver.skip(TWO_DAYS);
  expect((await driver.nextMail('supervisor@example.com')).subject).toContain('Open this account?');
});

test('a form that was sent once is not taken again', async () => {
  expect((await opened.submit('APPROVED')).status).toBe(200);
  const again = await opened.submit('REJECTED');
  expect(again.status).toBe(409);
  expect(again.body).toContain(REVIEWER);
  expect(again.body).toMatch(/approved/i);
  await driver.finished(run);
  expect(run.output).toMatchObject({ status: 'OPENED' });
});

test.each<[string, (link: string) => string]>([
  ['another id', (link) => link.replace(/([\w-])(?=[\w-]+\.[\w]+\.[\w-]+$)/, (first) => (first === 'A' ? 'B' : 'A'))],
  ['a later expiry', (link) => link.replace(/\.([0-9a-z]+)\.(?=[\w-]+$)/, (_, at) => `.${(Number.parseInt(at, 36) + 1000).toString(36)}.`)],
  ['another signature', (link) => link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
  ['no signature', (link) => link.replace(/[^.]+$/, '')],
  ['something else altogether', (link) => link.replace(/[^/]+$/, '..%2f..%2fetc')],
])('a link with %s leads nowhere', async (_, tamper) => {
  const url = tamper(opened.link);
  expect(url).not.toBe(opened.link);
  for (const method of ['GET', 'POST'] as const) {
    const form = method === 'POST' ? { nonce: opened.nonce, code: opened.code, decision: 'APPROVED' } : undefined;
    expect((await driver.browse({ method, url, form })).status).toBe(404);
  }
  await expectPending();
});

test('of two decisions at the same time one counts, and the other is told so', async () => {
  const answers = await Promise.all([opened.submit('APPROVED'), opened.submit('REJECTED')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(cloud.calls.filter(({ operation, error }) => operation === 'SendTaskSuccess' && !error)).toHaveLength(1);
  await driver.finished(run);
  expect(run.output).toMatchObject({ status: answers[0].status === 200 ? 'OPENED' : 'REFUSED' });
});

test.each([
  ['a millisecond before the expiry', -0.001, 200, 'OPENED'],
  ['at the expiry', 0, 410, undefined],
  ['a millisecond after it', 0.001, 410, undefined],
])('a decision %s', async (_, offset, status, outcome) => {
  await driver.skip(TWO_DAYS + offset);
  expect((await opened.submit('APPROVED')).status).toBe(status);
  if (outcome) await driver.finished(run);
  expect(run.output).toEqual(outcome ? expect.objectContaining({ status: outcome }) : undefined);
  expect((await request()).status).toBe(outcome ? 'APPROVED' : 'PENDING');
});

test('what is changed in the audit, or cut off its end, is found', async () => {
  await opened.submit('REJECTED', 'no such person');
  await driver.finished(run);
  await driver.start('AccountOpening/Opening', { ...application, applicationId: 'APP-2' });
  await new ApproverAtWork(driver, REVIEWER).decide('APPROVED');
  const audit = (await driver.items('AccountOpening/Review/Audit')) as unknown as AuditRecord[];
  const head = audit.find(({ sequence }) => sequence === 2)?.hash ?? '';
  expect(verifyChain(audit, head)).toEqual({ records: 2, head });
  const forged = audit.map((record) => (record.sequence === 1 ? { ...record, decision: 'APPROVED' } : record));
  expect(verifyChain(forged).broken).toMatchObject({ record: '1', problem: expect.stringContaining('it was changed') });
  const cut = audit.filter(({ sequence }) => sequence === 1);
  expect(verifyChain(cut, head).broken).toMatchObject({ record: '2' });
});

describe('a crash between deciding and answering', () => {
  beforeEach(async () => {
    await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'InternalFailure', statusCode: 500, times: 3 });
    expect((await opened.submit('APPROVED')).status).toBe(202);
    expect(run.status).toBe('RUNNING');
    expect(await request()).toMatchObject({ status: 'APPROVED', unanswered: 'true' });
  });

  test('is healed by a later click, which decides nothing else', async () => {
    expect((await opened.submit('REJECTED')).status).toBe(409);
    await driver.finished(run);
    expect(run.output).toMatchObject({ status: 'OPENED', decidedBy: REVIEWER });
    expect(await request()).not.toHaveProperty('unanswered');
  });

  test('is healed by the sweeper', async () => {
    await driver.skip(3600);
    expect(run.output).toMatchObject({ status: 'OPENED', decidedBy: REVIEWER });
    expect(await request()).not.toHaveProperty('unanswered');
  });
});

test('an answer that arrives although its reply was lost is not counted as late', async () => {
  await driver.fail({
    service: 'sfn',
    operation: 'SendTaskSuccess',
    error: 'InternalFailure',
    statusCode: 500,
    afterEffect: true,
    times: 3,
  });
  await opened.submit('APPROVED');
  await driver.finished(run);
  await driver.skip(2 * 3600);
  expect(run.output).toMatchObject({ status: 'OPENED', decidedBy: REVIEWER });
  expect(await request()).toMatchObject({ status: 'APPROVED' });
});

test('a decision after the run was stopped is recorded as too late', async () => {
  const operator = { kind: 'operator' } as const;
  await cloud.call({ service: 'sfn', operation: 'StopExecution', input: { executionArn: run.arn }, principal: operator });
  expect((await opened.submit('APPROVED')).body).not.toMatch(/has been approved/i);
  expect(await request()).toMatchObject({ status: 'WITHDRAWN', lateDecision: { decision: 'APPROVED' } });
});

test('the task token is in no log, link, page or mail, and neither are code and link in a log', async () => {
  const { taskToken } = await request();
  expect(String(taskToken).length).toBeGreaterThan(100);
  await opened.submit('APPROVED', '', 'WRONGG');
  const page = await driver.browse({ url: opened.link });
  const nonce = /name="nonce" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
  await driver.browse({ method: 'POST', url: opened.link, form: { nonce, code: opened.code, decision: 'APPROVED' } });
  await driver.skip(3600);
  const logs = JSON.stringify([cloud.functionLogs, cloud.accessLogs]);
  const shown = JSON.stringify([opened.link, opened.page, page, await driver.mails()]);
  expect(cloud.functionLogs.length).toBeGreaterThan(3);
  expect(cloud.accessLogs.length).toBeGreaterThan(3);
  expect(logs + shown).not.toContain(taskToken);
  for (const secret of [opened.code, opened.code.replace('-', ''), opened.nonce, nonce, opened.link.split('.').at(-1) ?? ''])
    expect(logs).not.toContain(secret);
});

(browserExpected ? test : test.skip)('a person approves in a real browser, from the link in the mail', async () => {
  const browser = await launchBrowser();
  try {
    await cloud.clock.busy(async () => {
      const page = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
      await page.goto(opened.link);
      await page.getByLabel(/code/i).fill(opened.code.toLowerCase());
      await page.getByLabel(/reason/i).fill('Passport seen <b>in person</b>');
      await page.getByRole('button', { name: 'Approve' }).click();
      expect(await page.textContent('h1')).toMatch(/approved/i);
    });
  } finally {
    await browser.close();
  }
  await driver.finished(run);
  expect(run.output).toMatchObject({ status: 'OPENED', decidedBy: REVIEWER });
});
