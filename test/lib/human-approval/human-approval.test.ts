import { App, Duration, Stack, aws_stepfunctions as sfn, aws_sns as sns } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, ApprovalTier, Approver, HumanApproval, type HumanApprovalProps, InputField, OnExpired } from '../../../lib';
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

describe('tiers', () => {
  const asks = (name: string) => ({ ...QUESTION, approver: Approver.email(`${name}@example.com`) });
  const tiers = [ApprovalTier.automatic(500), ApprovalTier.ask(10_000, asks('officer'))];
  const amount = '{% $states.input.amount %}';
  const tiered = stackWith(() => ({ amount, tiers, question: asks('board'), input: undefined }));

  /** Who is asked about this input; the rule, when nobody is. */
  async function decidesAbout(input: Record<string, unknown>): Promise<unknown> {
    const run = await runDefinition(tiered, input as never, (call) => {
      const { approver } = (call.input as { Payload: { approver: { identity: string } } }).Payload;
      return { decision: 'APPROVED', by: approver.identity, at: '2026-01-05T10:00:00.000Z', summaryHash: 'h' };
    });
    expect(run.status).toBe('SUCCEEDED');
    return (run.output as { approval: { by: string } }).approval.by;
  }

  test.each<[unknown, string]>([
    [0, 'rule'],
    [1, 'rule'],
    [499.99, 'rule'],
    [500, 'rule'],
    [500.01, 'officer@example.com'],
    [501, 'officer@example.com'],
    [10_000, 'officer@example.com'],
    [10_000.01, 'board@example.com'],
    [1e300, 'board@example.com'],
    [-0.01, 'board@example.com'],
    [-500, 'board@example.com'],
    ['500', 'board@example.com'],
    ['NaN', 'board@example.com'],
    ['', 'board@example.com'],
    [null, 'board@example.com'],
    [true, 'board@example.com'],
    [false, 'board@example.com'],
    [[5], 'board@example.com'],
    [[], 'board@example.com'],
    [[1, 2], 'board@example.com'],
    [{ value: 5 }, 'board@example.com'],
  ])('about %j decides: %s', async (given, by) => {
    expect(await decidesAbout({ amount: given })).toBe(by);
  });

  test('about an amount that is not there a person decides', async () => {
    expect(await decidesAbout({})).toBe('board@example.com');
  });

  test('what the rule approves has an outcome that says so', async () => {
    const run = await runDefinition(tiered, { amount: 500 }, () => null);
    expect(statesVisited(run.history)).toEqual(['ValidateInput', 'ChooseTier', 'ApprovedByRule']);
    expect(run.output).toEqual({
      amount: 500,
      approval: { decision: 'APPROVED', by: 'rule', at: expect.stringMatching(/^\d{4}-.*Z$/), reason: 'up to 500' },
    });
  });

  test.each([-1, '5', undefined, null])('with fields of the input, the amount %j is refused before anybody is asked', async (given) => {
    const stack = stackWith(() => ({ amount, tiers, question: asks('board') }));
    const input = (given === undefined ? {} : { amount: given }) as Record<string, number>;
    let asked = 0;
    const run = await runDefinition(stack, input, () => ++asked);
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
    expect(asked).toBe(0);
  });

  test('an expression that fails ends the run, and approves nothing', async () => {
    const stack = stackWith(() => ({ amount: '{% $number($states.input.amount) %}', tiers, question: asks('board'), input: undefined }));
    expect(await runDefinition(stack, { amount: 'many' }, () => null)).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
    });
  });

  test('each way that is approved goes on with your steps', async () => {
    const stack = stackWith((scope) => ({ amount, tiers, question: asks('board'), onApproved: sfn.Pass.jsonata(scope, 'Pay') }));
    for (const given of [5, 5000, 50_000]) {
      const run = await runDefinition(stack, { amount: given }, decides('APPROVED'));
      expect(statesVisited(run.history).at(-1)).toBe('Pay');
    }
    expect(await runDefinition(stack, { amount: 5000 }, decides('REJECTED'))).toMatchObject({
      status: 'FAILED',
      error: 'ApprovalRejected',
    });
  });

  test.each<[string, Partial<HumanApprovalProps>, string]>([
    ['tiers alone', { tiers }, 'tiers without amount: give both, or neither'],
    ['an amount alone', { amount }, 'amount without tiers'],
    ['no tiers', { amount, tiers: [] }, 'there are no tiers'],
    ['an amount that is none', { amount: '5', tiers }, "the amount '5' is no JSONata expression"],
    [
      'a tier of less than nothing',
      { amount, tiers: [ApprovalTier.automatic(-1)] },
      'tier 1 goes up to -1: give a finite number of zero or more',
    ],
    ['a tier without an end', { amount, tiers: [ApprovalTier.automatic(Number.POSITIVE_INFINITY)] }, 'goes up to Infinity'],
    ['a tier of no number', { amount, tiers: [ApprovalTier.automatic(Number.NaN)] }, 'goes up to NaN'],
    [
      'two tiers up to the same',
      { amount, tiers: [ApprovalTier.automatic(5), ApprovalTier.ask(5, QUESTION)] },
      'above the 5 of the tier before it',
    ],
    [
      'an automatic tier above a person',
      { amount, tiers: [ApprovalTier.ask(5, QUESTION), ApprovalTier.automatic(9)] },
      'tier 2 is automatic',
    ],
    [
      'outcomes apart',
      { amount, tiers: [ApprovalTier.ask(5, { ...QUESTION, outcomeField: 'other' })] },
      "outcomeField of tier 1 is 'other'",
    ],
  ])('refused: %s', (_, props, message) => {
    expect(() => stackWith(() => props)).toThrow(message);
  });
});
