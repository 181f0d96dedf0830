import { App, Duration, Stack } from 'aws-cdk-lib';
import { Approver, HumanApproval, OnExpired } from '../../../../lib';
import { ApproverAtWork, type Assembly, LocalCloud, LocalDriver, loadAssembly, type Mail } from '../../../../local';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();
const REVIEWER = 'ann@example.com';
const NEVER = new Promise<never>(() => {});

let assembly: Assembly;
let cloud: LocalCloud;
let driver: LocalDriver;

beforeAll(async () => {
  const app = new App();
  const stack = new Stack(app, 'Desk');
  new HumanApproval(stack, 'Payment', {
    question: {
      approver: Approver.email(REVIEWER),
      summary: { Amount: '{% $states.input.amount %}' },
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

/** Cuts the function off at its first call of an operation, after that had its effect, so many times. */
function cutOff(operation: string, as: 'crash' | 'timeout', times: number): void {
  let left = times;
  cloud.intercept(async ({ service, operation: name, origin }, run) => {
    const answer = await run();
    if (`${service}:${name}` !== operation || origin?.kind !== 'client' || left === 0) return answer;
    left--;
    cloud.interrupt(origin.traceId ?? '', as);
    return NEVER;
  });
}

/** What a mail lets its reader decide with. */
const key = ({ body }: Mail) => [/https?:\/\/\S+/, /^ {4}[0-9A-Z]{3}-[0-9A-Z]{3}$/m].map((part) => part.exec(body)?.[0]).join(' ');

test.each<['crash' | 'timeout', string, number]>([
  ['crash', 'dynamodb:UpdateItem', 1],
  ['crash', 'sns:Publish', 3],
  ['timeout', 'sns:Publish', 3],
])('a %s of the function that tells the approver, at %s, is made good', async (as, at, mails) => {
  cutOff(at, as, 2);
  const run = await driver.start('Desk/Payment', { amount: 5 });
  await driver.skip(120);
  expect(await driver.mails()).toHaveLength(mails);
  expect(new Set((await driver.mails()).map(key)).size).toBe(1);
  expect((await new ApproverAtWork(driver, REVIEWER).decide('APPROVED')).status).toBe(200);
  await driver.finished(run);
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: { approval: { by: REVIEWER } } });
  expect(await driver.items('Desk/Payment/Gate/Audit')).toHaveLength(1);
});

test('a function that crashes again and again ends the run', async () => {
  cutOff('dynamodb:UpdateItem', 'crash', 100);
  const run = await driver.start('Desk/Payment', { amount: 5 });
  await driver.skip(600);
  expect(run).toMatchObject({ status: 'FAILED', error: 'Runtime.ExitError' });
  expect(cloud.invocations).toHaveLength(7);
});
