const { App, Duration } = require('aws-cdk-lib');
const { Template } = require('aws-cdk-lib/assertions');
const { ApproverAtWork, LocalCloud, LocalDriver } = require('stepworks/local');
const { workflowSerializer } = require('stepworks/local/jest');
const { LoanStack } = require('./loans.cjs');

const stack = new LoanStack(new App(), 'Loans');
let cloud;
beforeEach(async () => {
  cloud = await LocalCloud.fromStack(stack);
});
afterEach(() => cloud.dispose());

test('there is no AWS SDK in this project', () => {
  expect(() => require.resolve('@aws-sdk/client-dynamodb')).toThrow();
});

test('a small loan is paid', async () => {
  const run = await cloud.stateMachine('Loan').start({ amount: 100, customer: 'C1' });
  await run.finished();
  expect(run).toHaveSucceeded();
  expect(run.statesVisited.at(-1)).toBe('Pay');
  expect(cloud).toHaveDeniedNothing();
});

test('a large one waits for a person', async () => {
  const run = await cloud.stateMachine('Loan').start({ amount: 5000, customer: 'C1' });
  expect(run).toBeWaitingIn('Review');
  await cloud.clock.advance(Duration.hours(1));
  await new ApproverAtWork(new LocalDriver(cloud), 'loans@example.com').decide('APPROVED');
  await run.finished();
  expect(run).toHaveSucceeded();
});

test('an input that is wrong', async () => {
  const run = await cloud.stateMachine('Loan').start({ amount: 0 });
  await run.finished();
  expect(run).toHaveFailedWith('InvalidInput', 'customer');
  expect(run).toHaveVisited(['ValidateInput', 'InvalidInput']);
});

test('a snapshot that can be reviewed', () => {
  const text = workflowSerializer.serialize(Template.fromStack(stack).toJSON());
  expect(text).toMatch(/^state machine \w+ \(STANDARD\)/);
  expect(text).not.toMatch(/[0-9a-f]{64}/);
});
