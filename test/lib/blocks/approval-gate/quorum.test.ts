import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Approver, HumanApproval, OnExpired } from '../../../../lib';
import { verifyChain } from '../../../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../../../lib/blocks/approval-gate/handlers/audit-record';
import { ApproverAtWork, type Assembly, LocalCloud, LocalDriver, loadAssembly, type Run } from '../../../../local';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

const NAMES = ['ann@example.com', 'bob@example.com', 'cy@example.com'];
const outdir = mkdtempSync(join(tmpdir(), 'stepworks-quorum-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

let assembly: Assembly;
beforeAll(async () => {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Board');
  new HumanApproval(stack, 'Payment', {
    question: {
      approver: Approver.quorum(2, NAMES.map(Approver.email)),
      summary: { Amount: '{% $states.input.amount %}' },
      expiresIn: Duration.days(2),
      requester: '{% $states.input.requestedBy %}',
      reminders: [Duration.hours(3)],
      onExpired: OnExpired.escalate({
        approver: Approver.email('boss@example.com'),
        expiresIn: Duration.days(1),
        onExpired: OnExpired.reject(),
      }),
    },
  });
  app.synth();
  assembly = await loadAssembly(outdir);
});

let cloud: LocalCloud;
let driver: LocalDriver;
let run: Run;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly, { warm });
  driver = new LocalDriver(cloud);
  run = await driver.start('Board/Payment', { amount: 5, requestedBy: 'dan@example.com' });
});
afterEach(() => cloud.dispose());

const open = (name: string) => new ApproverAtWork(driver, name).openMail();
const answers = () => cloud.calls.filter(({ operation, error }) => operation === 'SendTaskSuccess' && !error).length;

test('two of three approve, and the workflow gets both votes', async () => {
  const [ann, bob, cy] = [await open(NAMES[0]), await open(NAMES[1]), await open(NAMES[2])];
  expect(ann.page.body).toContain('3 people are asked, and 2 of them have to approve.');
  expect((await ann.submit('APPROVED', 'seen')).status).toBe(200);
  expect([run.status, answers()]).toEqual(['RUNNING', 0]);
  expect((await cy.submit('APPROVED')).status).toBe(200);
  await driver.finished(run);
  expect(run).toMatchObject({
    status: 'SUCCEEDED',
    output: { approval: { decision: 'APPROVED', by: NAMES[2], votes: [{ by: NAMES[0], reason: 'seen' }, { by: NAMES[2] }] } },
  });
  expect((await bob.submit('REJECTED')).status).toBe(409);
  const audit = (await driver.items('Board/Payment/Gate/Audit')) as unknown as AuditRecord[];
  expect(verifyChain(audit)).toMatchObject({ records: 2, head: expect.any(String) });
});

test('three votes at the same time settle it once, and the third is told so', async () => {
  const opened = [await open(NAMES[0]), await open(NAMES[1]), await open(NAMES[2])];
  const pages = await Promise.all(opened.map((page) => page.submit('REJECTED')));
  expect(pages.map(({ status }) => status).sort()).toEqual([200, 200, 409]);
  await driver.finished(run);
  expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
  expect(answers()).toBe(1);
});

test('too few votes in time go to the next, whose decision it is', async () => {
  await (await open(NAMES[0])).submit('APPROVED');
  await driver.skip(2 * 24 * 3600);
  await new ApproverAtWork(driver, 'boss@example.com').decide('APPROVED');
  await driver.finished(run);
  expect(run.output).toMatchObject({ approval: { decision: 'APPROVED', by: 'boss@example.com' } });
  expect((run.output as { approval: object }).approval).not.toHaveProperty('votes');
});

test('who has not voted is reminded in time, once, and the schedules are gone then', async () => {
  const opened = await open(NAMES[1]);
  await opened.submit('APPROVED');
  await driver.skip(45 * 3600 - 1);
  const before = (await driver.mails()).length;
  await driver.skip(60);
  const reminders = (await driver.mails()).slice(before);
  expect(reminders.map(({ to }) => to).sort()).toEqual([NAMES[0], NAMES[2]]);
  for (const { subject } of reminders) expect(subject).toBe('Reminder: approval needed: Approval');
  await open(NAMES[0]);
  await new ApproverAtWork(driver, NAMES[0]).decide('APPROVED');
  await driver.finished(run);
  expect(run.status).toBe('SUCCEEDED');
  expect(await cloud.call({ service: 'scheduler', operation: 'ListSchedules', input: {}, principal: { kind: 'operator' } })).toMatchObject({
    Schedules: [],
  });
});

test('the requester is not asked, and the others are enough', async () => {
  const own = await driver.start('Board/Payment', { amount: 7, requestedBy: 'Cy@example.com' });
  const asked = (await driver.mails()).map(({ to }) => to);
  expect(asked.sort()).toEqual([...NAMES, NAMES[0], NAMES[1]].sort());
  expect(own.status).toBe('RUNNING');
});

test('a run that does not say who asked for it asks nobody', async () => {
  const before = (await driver.mails()).length;
  const unknown = await driver.start('Board/Payment', { amount: 7 });
  await driver.finished(unknown);
  expect(unknown).toMatchObject({
    status: 'FAILED',
    error: 'InvalidApprovalRequest',
    cause: expect.stringContaining('requester is not a text'),
  });
  expect(await driver.mails()).toHaveLength(before);
});

test('where nobody but the requester would decide, the next is asked at once', async () => {
  const app = new App({ outdir: join(outdir, 'own') });
  new HumanApproval(new Stack(app, 'Own'), 'Payment', {
    question: {
      approver: Approver.email(NAMES[0]),
      requester: '{% $states.input.requestedBy %}',
      summary: { Amount: '5' },
      expiresIn: Duration.days(2),
      onExpired: OnExpired.escalate({
        approver: Approver.email('boss@example.com'),
        expiresIn: Duration.days(1),
        onExpired: OnExpired.reject(),
      }),
    },
  });
  app.synth();
  const other = await LocalCloud.deploy(await loadAssembly(join(outdir, 'own')));
  try {
    const onOther = new LocalDriver(other);
    const byAnn = await onOther.start('Own/Payment', { requestedBy: NAMES[0] });
    const byBoss = await onOther.start('Own/Payment', { requestedBy: 'boss@example.com' });
    await new ApproverAtWork(onOther, 'boss@example.com').decide('APPROVED');
    await onOther.finished(byAnn);
    expect(byAnn).toMatchObject({ status: 'SUCCEEDED', output: { approval: { by: 'boss@example.com' } } });
    // Ann lets it expire, and the boss may not approve it either.
    await onOther.finished(byBoss);
    expect(byBoss).toMatchObject({ status: 'FAILED', error: 'ApproverIsRequester' });
  } finally {
    await other.dispose();
  }
});
