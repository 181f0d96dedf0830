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

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** As the README says. */
function hashOf(text: string): string {
  const characters = Array.from(JSON.stringify({ Text: text, Amount: 5 }));
  const parts = Array.from({ length: Math.ceil(characters.length / 5000) }, (_, part) =>
    sha256(characters.slice(part * 5000, (part + 1) * 5000).join('')),
  );
  return parts.length === 1 ? parts[0] : sha256(parts.join(''));
}

const TEXTS: [string, string][] = [
  ['a line', 'Zoë'],
  ['a part', 'x'.repeat(5_000 - 22)],
  ['a part and a character', 'x'.repeat(5_001 - 22)],
  ['two whole parts', 'x'.repeat(10_000 - 22)],
  ['as much as can be shown', 'x'.repeat(24_576 - 22)],
  ['characters of two units each', '🦊'.repeat(6_000)],
];

test.each(TEXTS)('%s is asked about, and the outcome has its hash', async (_, text) => {
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

test.each(TEXTS)('when %s expires, the outcome has the hash that the message had', async (_, text) => {
  const run = await driver.start('Desk/Payment', { text, amount: 5 });
  await driver.skip(24 * 3600);
  await driver.finished(run);
  expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
  const [entered] = cloud.execution(run.arn).history.filter(({ type }) => type === 'FailStateEntered');
  expect(JSON.parse(String(entered.stateEnteredEventDetails?.input)).approval).toEqual({
    decision: 'EXPIRED',
    at: expect.any(String),
    reason: 'nobody decided in time',
    summaryHash: hashOf(text),
  });
  expect(await driver.items('Desk/Payment/Gate/Requests')).toMatchObject([{ summaryHash: hashOf(text) }]);
});
