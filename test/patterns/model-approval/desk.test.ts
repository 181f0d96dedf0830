import { type Assembly, LocalCloud, LocalDriver } from '../../../local';
import { atDesk, CY, decide, GATE, sendFromDesk } from '../../../patterns/model-approval/reviewing';
import { churn, train } from '../../../patterns/model-approval/training';
import { synthesizeSample } from '../../support/sample';
import { warmStart } from '../../support/warm-start';

const warm = warmStart();
const sample = synthesizeSample('model-approval');

let assembly: Assembly;
let cloud: LocalCloud;
let driver: LocalDriver;
beforeAll(async () => {
  assembly = (await sample).assembly;
});
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly, { warm }, ['ModelApproval']);
  driver = new LocalDriver(cloud);
  await train(driver, churn('7', 0.913));
});
afterEach(() => cloud.dispose());

const audit = () => driver.items(`${GATE}/Audit`);

test('the desk keeps what is asked, and nothing that decides', async () => {
  const kept = await atDesk(driver);
  expect(Object.keys(kept).sort()).toEqual(['approver', 'expiresAt', 'requestId', 'summary', 'summaryHash', 'title', 'ttl']);
  expect(JSON.parse(kept.summary)).toMatchObject({ Model: expect.stringContaining('churn') });
});

test('a role without the permission is refused before anything of the gate is called', async () => {
  const { requestId, summaryHash } = await atDesk(driver);
  const role = 'ModelApproval/Desk/KeepRequest/Role';
  const json = { decision: 'APPROVED', summaryHash };
  const calls = cloud.function(`${GATE}/Portal`).invocations.length;
  const answer = await driver.callApi({ api: GATE, path: `/iam-decisions/${requestId}`, json, signedBy: { role, session: CY } });
  expect(answer.status).toBe(403);
  expect(cloud.function(`${GATE}/Portal`).invocations).toHaveLength(calls);
  expect(cloud.access.denied).toMatchObject([{ role, action: 'execute-api:Invoke' }]);
  expect(await audit()).toEqual([]);
});

test('the audit says of a decision at the desk which role and session it was', async () => {
  await decide(driver, 'REJECTED', CY);
  expect(await audit()).toMatchObject([
    {
      approver: CY,
      decision: 'REJECTED',
      issuer: expect.stringMatching(/^arn:aws:iam::\d{12}:root$/),
      subject: expect.stringMatching(/:assumed-role\/.*Reviewers.*\/cy@example\.com$/),
    },
  ]);
  expect(await sendFromDesk(driver, 'APPROVED', CY)).toMatchObject({ status: 409, body: { error: 'you have decided before' } });
});

test('only an IAM user of the same name may have such a session', () => {
  const trust = cloud.find('AWS::IAM::Role', 'ModelApproval/Desk/Reviewers').properties.AssumeRolePolicyDocument;
  expect(trust).toMatchObject({
    Statement: [{ Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:RoleSessionName': `\${aws:username}` } } }],
  });
});
