import { App, Duration, Stack, aws_stepfunctions as sfn, aws_sns as sns } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, Approver, HumanApproval, type HumanApprovalProps, InputField, OnExpired } from '../../../lib';
import { statesVisited } from '../../../local/engine';
import { nagFindings } from '../../support/nag';
import { runDefinition, stateMachineOf, type TaskAnswer } from '../../support/run-definition';

const QUESTION = {
  approver: Approver.email('alice@example.com'),
  summary: { Amount: '{% $states.input.amount %}' },
  expiresIn: Duration.days(1),
  onExpired: OnExpired.reject(),
};

function stackWith(props: (stack: Stack) => Partial<HumanApprovalProps> = () => ({})): Stack {
  const stack = new Stack(new App(), 'Test');
  new HumanApproval(stack, 'Payment', { question: QUESTION, input: { amount: InputField.ofNumber({ min: 0 }) }, ...props(stack) });
  return stack;
}

const decides =
  (decision: string): TaskAnswer =>
  () => ({ decision, by: 'alice@example.com', at: '2026-01-05T10:00:00.000Z', summaryHash: 'h' });

test('gives the outcome when nothing follows', async () => {
  const run = await runDefinition(stackWith(), { amount: 5 }, decides('APPROVED'));
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: { amount: 5, approval: { decision: 'APPROVED', by: 'alice@example.com' } } });
  expect(statesVisited(run.history)).toEqual(['ValidateInput', 'ApprovalQuestion', 'Approval', 'ApprovalDecided', 'ApprovalApproved']);
});

test('goes on with your steps when it is approved, and only then', async () => {
  const stack = stackWith((scope) => ({ onApproved: sfn.Pass.jsonata(scope, 'Pay') }));
  expect(statesVisited((await runDefinition(stack, { amount: 5 }, decides('APPROVED'))).history).at(-1)).toBe('Pay');
  const rejected = await runDefinition(stack, { amount: 5 }, decides('REJECTED'));
  expect(rejected).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected', cause: 'the decision is REJECTED, by alice@example.com' });
});

test('asks nobody about bad input', async () => {
  let asked = 0;
  const run = await runDefinition(stackWith(), { amount: -1 }, () => {
    asked++;
    return null;
  });
  expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause: 'amount: is less than 0' });
  expect(asked).toBe(0);
});

test('is Standard, limited in time, and reports failures to a topic', () => {
  const stack = stackWith((scope) => ({
    notificationTopic: new sns.Topic(scope, 'Topic', { enforceSSL: true }),
    timeout: Duration.days(3),
  }));
  expect(stateMachineOf(stack)).toMatchObject({ type: 'STANDARD', definition: { TimeoutSeconds: 3 * 24 * 3600 } });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { EventPattern: { source: ['aws.states'] } });
  expect(nagFindings(stack)).toEqual([]);
});

test('several can share a gate, which may answer each of them', () => {
  const stack = new Stack(new App(), 'Test');
  const gate = new ApprovalGate(stack, 'Gate');
  new HumanApproval(stack, 'One', { question: QUESTION, gate });
  new HumanApproval(stack, 'Two', { question: QUESTION, gate });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 2);
  template.resourceCountIs('AWS::SNS::Subscription', 1);
});
