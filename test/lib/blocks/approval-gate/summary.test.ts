import { createHash } from 'node:crypto';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Approver, HumanApproval, OnExpired } from '../../../../lib';
import { ApproverAtWork, type Assembly, LocalCloud, LocalDriver, loadAssembly } from '../../../../local';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();
const REVIEWER = 'ann@example.com';

let assembly: Assembly;
let cloud: LocalCloud;
let driver: LocalDriver;

beforeAll(async () => {
  const app = new App();
  const stack = new Stack(app, 'Desk');
  new HumanApproval(stack, 'Payment', {
    question: {
      approver: Approver.email(REVIEWER),
      summary: { Text: '{% $states.input.text %}', Amount: '{% $states.input.amount %}' },
      expiresIn: Duration.days(1),
      onExpired: OnExpired.reject(),
    },
  });
  assembly = await loadAssembly(app.synth().directory);
});
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly, { warm });
  driver = new LocalDriver(cloud);
});
afterEach(() => cloud.dispose());

const hashOf = (text: string) =>
  createHash('sha256')
    .update(JSON.stringify({ Text: text, Amount: 5 }))
    .digest('hex');

test.each<[string, string]>([
  ['a line', 'Zoë'],
  ['what Step Functions hashes at the most', 'x'.repeat(10_000 - 22)],
  ['one character more than Step Functions hashes', 'x'.repeat(10_001 - 22)],
  ['as much as can be shown', 'x'.repeat(24_576 - 22)],
  ['characters of two units each', '🦊'.repeat(6_000)],
])('%s is asked about, and the outcome has the hash of its JSON text', async (_, text) => {
  const run = await driver.start('Desk/Payment', { text, amount: 5 });
  expect((await new ApproverAtWork(driver, REVIEWER).decide('APPROVED')).status).toBe(200);
  await driver.finished(run);
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: { approval: { decision: 'APPROVED', summaryHash: hashOf(text) } } });
});

test('one byte more is refused by its name', async () => {
  const run = await driver.start('Desk/Payment', { text: 'x'.repeat(24_577 - 22), amount: 5 });
  await driver.finished(run);
  expect(run).toMatchObject({
    status: 'FAILED',
    error: 'InvalidApprovalRequest',
    cause: expect.stringContaining('summary has more than 24576 bytes'),
  });
  expect(await driver.mails()).toEqual([]);
});

test.each([
  ['a short summary', 'x', hashOf('x')],
  ['a summary of more than 5,000 characters', 'x'.repeat(5_000), undefined],
])('when %s expires, the outcome has the hash %#', async (_, text, summaryHash) => {
  const run = await driver.start('Desk/Payment', { text, amount: 5 });
  await driver.skip(24 * 3600);
  await driver.finished(run);
  expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
  const [entered] = cloud.execution(run.arn).history.filter(({ type }) => type === 'FailStateEntered');
  expect(JSON.parse(String(entered.stateEnteredEventDetails?.input)).approval).toEqual({
    decision: 'EXPIRED',
    at: expect.any(String),
    reason: 'nobody decided in time',
    ...(summaryHash !== undefined && { summaryHash }),
  });
});
