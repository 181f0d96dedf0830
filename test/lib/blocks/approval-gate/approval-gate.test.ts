import { createHash } from 'node:crypto';
import {
  App,
  Duration,
  aws_kms as kms,
  aws_lambda as lambda,
  RemovalPolicy,
  Stack,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  type ApprovalChannelConfig,
  ApprovalGate,
  type ApprovalStepProps,
  Approver,
  HandlerFunction,
  ObservedStateMachine,
  OnExpired,
} from '../../../../lib';
import { statesVisited } from '../../../../local/engine';
import { StatesError } from '../../../../local/engine/types';
import { nagFindings } from '../../../support/nag';
import { runDefinition, stateMachineOf, type TaskAnswer } from '../../../support/run-definition';

const question: ApprovalStepProps = {
  approver: Approver.email('alice@example.com'),
  summary: { Amount: '{% $states.input.amount %}', Kind: 'invoice' },
  expiresIn: Duration.days(2),
  onExpired: OnExpired.reject(),
};

function stackWith(props: (stack: Stack) => Partial<ApprovalStepProps> = () => ({})): Stack {
  const stack = new Stack(new App(), 'Test');
  const gate = new ApprovalGate(stack, 'Gate');
  const definition = gate.step('Review', { ...question, ...props(stack) }).next(sfn.Pass.jsonata(stack, 'Pay'));
  gate.grantTaskResponse(new ObservedStateMachine(stack, 'Workflow', { definition }).stateMachine);
  return stack;
}

const decides =
  (decision: string): TaskAnswer =>
  () => ({ decision, by: 'alice@example.com', at: '2026-01-05T10:00:00.000Z', summaryHash: 'h' });

const neverDecides: TaskAnswer = () => undefined;

const DAY = 24 * 3600 * 1000;

describe('the steps', () => {
  test('approval goes on, with the outcome beside the input', async () => {
    const run = await runDefinition(stackWith(), { amount: 5 }, decides('APPROVED'));
    expect(run.status).toBe('SUCCEEDED');
    expect(run.output).toEqual({
      amount: 5,
      approval: { decision: 'APPROVED', by: 'alice@example.com', at: '2026-01-05T10:00:00.000Z', summaryHash: 'h' },
    });
    expect(statesVisited(run.history)).toEqual(['ReviewQuestion', 'Review', 'ReviewDecided', 'ReviewApproved', 'Pay']);
  });

  test.each(['REJECTED', 'approved', '', 'MAYBE'])('the decision %j does not go on', async (decision) => {
    const run = await runDefinition(stackWith(), {}, decides(decision));
    expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
  });

  test('an answer without a decision does not go on', async () => {
    const run = await runDefinition(stackWith(), {}, () => ({ by: 'alice@example.com' }));
    expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
  });

  test('rejection takes the way that the user gives', async () => {
    const stack = stackWith((scope) => ({ onRejected: sfn.Pass.jsonata(scope, 'Complain') }));
    const run = await runDefinition(stack, {}, decides('REJECTED'));
    expect(statesVisited(run.history)).toEqual(['ReviewQuestion', 'Review', 'ReviewDecided', 'Complain']);
    expect(run.output).toMatchObject({ approval: { decision: 'REJECTED', by: 'alice@example.com' } });
  });

  test('expiry counts as rejection, with an outcome that says so', async () => {
    const run = await runDefinition(stackWith(), { amount: 5 }, neverDecides);
    expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected', cause: 'the decision is EXPIRED' });
    expect((run.stopDate ?? 0) - run.startDate).toBe(2 * DAY);
  });

  test('expiry goes to the next approver, and the next', async () => {
    const asked: string[] = [];
    const stack = stackWith(() => ({
      onExpired: OnExpired.escalate({
        approver: Approver.email('bob@example.com'),
        expiresIn: Duration.days(1),
        onExpired: OnExpired.escalate({
          approver: Approver.email('carol@example.com'),
          expiresIn: Duration.hours(1),
          onExpired: OnExpired.reject(),
        }),
      }),
    }));
    const run = await runDefinition(stack, { amount: 5 }, (call, clock) => {
      const { identity } = (call.input as { Payload: { approver: { identity: string } } }).Payload.approver;
      asked.push(identity);
      return identity === 'carol@example.com' ? decides('APPROVED')(call, clock) : undefined;
    });
    expect(asked).toEqual(['alice@example.com', 'bob@example.com', 'carol@example.com']);
    expect(run.status).toBe('SUCCEEDED');
    expect((run.stopDate ?? 0) - run.startDate).toBe(3 * DAY + 1);
  });

  test('expiry takes the way that the user gives', async () => {
    const stack = stackWith((scope) => ({ onExpired: OnExpired.continueWith(sfn.Pass.jsonata(scope, 'Remind')) }));
    const run = await runDefinition(stack, { amount: 5 }, neverDecides);
    expect(statesVisited(run.history)).toEqual(['ReviewQuestion', 'Review', 'Remind']);
    expect(run.output).toMatchObject({ amount: 5, approval: { decision: 'EXPIRED', reason: 'nobody decided in time' } });
  });

  test('the approver is asked with the token, the shown summary and its hash', async () => {
    let payload: Record<string, unknown> = {};
    await runDefinition(stackWith(), { amount: 5 }, (call, clock) => {
      payload = (call.input as { Payload: Record<string, unknown> }).Payload;
      expect(payload.taskToken).toBe(call.taskToken);
      return decides('APPROVED')(call, clock);
    });
    const summary = { Amount: 5, Kind: 'invoice' };
    expect(payload).toMatchObject({
      step: 'Review',
      title: 'Review',
      summary,
      summaryHash: createHash('sha256').update(JSON.stringify(summary)).digest('hex'),
      approver: { identity: 'alice@example.com', channel: { type: 'email' } },
      expiresInSeconds: 172_800,
    });
  });

  test('several are asked together', async () => {
    let payload: Record<string, unknown> = {};
    const quorum = Approver.quorum(2, [Approver.email('alice@example.com'), Approver.email('bob@example.com')]);
    const stack = stackWith(() => ({ approver: quorum }));
    await runDefinition(stack, { amount: 5 }, (call, clock) => {
      payload = (call.input as { Payload: Record<string, unknown> }).Payload;
      return decides('APPROVED')(call, clock);
    });
    const channel = { type: 'email', target: expect.stringContaining('GateMail') };
    expect(payload.quorum).toEqual({
      needed: 2,
      approvers: ['alice@example.com', 'bob@example.com'].map((identity) => ({ identity, channel })),
    });
    expect(payload).not.toHaveProperty('approver');
    Template.fromStack(stack).resourceCountIs('AWS::SNS::Subscription', 2);
  });

  test.each<[string, unknown, unknown]>([
    ['{% $states.input.by %}', 'dan@example.com', 'dan@example.com'],
    ['{% $states.input.by %}', undefined, null],
    ['{% $states.input.by %}', 7, null],
    ['dan@example.com', undefined, 'dan@example.com'],
  ])('the requester %j, for %j, is told as %j', async (requester, by, expected) => {
    let payload: Record<string, unknown> = {};
    const input = (by === undefined ? {} : { by }) as Record<string, string>;
    await runDefinition(
      stackWith(() => ({ requester })),
      input,
      (call, clock) => {
        payload = (call.input as { Payload: Record<string, unknown> }).Payload;
        return decides('APPROVED')(call, clock);
      },
    );
    expect(payload.requester).toBe(expected);
  });

  test('a retried task asks under the same key, with a new token', async () => {
    const asked: { key: string; token?: string }[] = [];
    const run = await runDefinition(stackWith(), {}, (call, clock) => {
      const { requestKey } = (call.input as { Payload: { requestKey: string } }).Payload;
      asked.push({ key: requestKey, token: call.taskToken });
      if (asked.length === 1) throw new StatesError('Lambda.TooManyRequestsException');
      return decides('APPROVED')(call, clock);
    });
    expect(run.status).toBe('SUCCEEDED');
    expect(asked[1].key).toBe(asked[0].key);
    expect(asked[1].token).not.toBe(asked[0].token);
  });

  test('each item of a map in a map is asked about under a key of its own', async () => {
    const stack = new Stack(new App(), 'Test');
    const gate = new ApprovalGate(stack, 'Gate');
    const items = sfn.ProvideItems.jsonata('{% [{ "n": 1 }, { "n": 2 }] %}');
    const inner = sfn.Map.jsonata(stack, 'Inner', { items });
    inner.itemProcessor(gate.step('Review', { ...question, summary: { Item: '{% $states.input.n %}' } }));
    const outer = sfn.Map.jsonata(stack, 'Outer', { items }).itemProcessor(inner);
    gate.grantTaskResponse(new ObservedStateMachine(stack, 'Workflow', { definition: outer }).stateMachine);
    const keys = new Set<string>();
    const run = await runDefinition(stack, {}, (call, clock) => {
      keys.add((call.input as { Payload: { requestKey: string } }).Payload.requestKey);
      return decides('APPROVED')(call, clock);
    });
    expect(run.status).toBe('SUCCEEDED');
    expect(keys.size).toBe(4);
  });

  test('wait for two days and no longer, and for nothing without a limit', () => {
    const { definition } = stateMachineOf(stackWith());
    expect(definition).toMatchObject({ TimeoutSeconds: 90 * 24 * 3600, States: { Review: { TimeoutSeconds: 172_800 } } });
  });
});

describe('what it synthesizes', () => {
  const template = Template.fromStack(stackWith());

  test('a table that is encrypted, can be restored, forgets by itself and outlives the stack', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    });
  });

  test('an audit that is encrypted, can be restored and exported, forgets nothing and outlives the stack', () => {
    const [[, { DeletionPolicy, Properties }]] = Object.entries(template.findResources('AWS::DynamoDB::Table')).filter(([id]) =>
      id.startsWith('GateAudit'),
    );
    expect({ DeletionPolicy, ...Properties }).toEqual({
      DeletionPolicy: 'Retain',
      AttributeDefinitions: [
        { AttributeName: 'chain', AttributeType: 'S' },
        { AttributeName: 'sequence', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'chain', KeyType: 'HASH' },
        { AttributeName: 'sequence', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });

  test.each([
    ['the property and the context flag', RemovalPolicy.DESTROY, true, 'Delete'],
    ['the property alone', RemovalPolicy.DESTROY, undefined, 'Retain'],
    ['the context flag alone', undefined, true, 'Retain'],
  ])('deletes the requests with the stack by %s: %s, %s → %s', (_, removalPolicy, removeData, expected) => {
    const stack = new Stack(new App({ context: { 'stepworks:removeData': removeData } }), 'Test');
    const gate = new ApprovalGate(stack, 'Gate', { removalPolicy });
    Template.fromStack(stack).allResources('AWS::DynamoDB::Table', { DeletionPolicy: expected });
    expect(gate.node.metadata.map(({ data }) => data)).toEqual(
      removalPolicy && !removeData ? [expect.stringMatching(/the data is retained: set the context stepworks:removeData/)] : [],
    );
  });

  test('the signing key stays in KMS', () => {
    template.hasResource('AWS::KMS::Key', { Properties: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } });
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function'))) {
      expect(Object.keys(Properties.Environment.Variables).sort()).toEqual(expect.arrayContaining(['TABLE_NAME']));
      expect(JSON.stringify(Properties.Environment)).not.toMatch(/secret|password/i);
    }
  });

  test('each handler may do what it does, and the answer goes to this state machine only', () => {
    const statements = Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([logicalId]) => logicalId.startsWith('Gate') && logicalId.includes('DefaultPolicy'))
      .map(([logicalId, policy]) => [
        /^Gate(Notify|Show|Respond|Sweep)/.exec(logicalId)?.[1],
        policy.Properties.PolicyDocument.Statement.filter((s: { Action: unknown }) => !JSON.stringify(s.Action).includes('logs:')),
      ]);
    const table = { 'Fn::GetAtt': [expect.stringMatching('GateRequests'), 'Arn'] };
    const audit = { 'Fn::GetAtt': [expect.stringMatching('GateAudit'), 'Arn'] };
    const key = { 'Fn::GetAtt': [expect.stringMatching('GateSigningKey'), 'Arn'] };
    const machine = { Ref: expect.stringMatching('WorkflowStateMachine') };
    expect(Object.fromEntries(statements)).toEqual({
      Notify: [
        { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: table },
        { Effect: 'Allow', Action: 'kms:GenerateMac', Resource: key },
        { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: expect.stringMatching('GateMail') } },
      ],
      Show: [
        { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: table },
        { Effect: 'Allow', Action: 'kms:GenerateMac', Resource: key },
      ],
      Respond: [
        { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'], Resource: table },
        { Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:Query'], Resource: audit },
        { Effect: 'Allow', Action: 'kms:GenerateMac', Resource: key },
        { Effect: 'Allow', Action: 'states:SendTaskSuccess', Resource: machine },
      ],
      Sweep: [
        { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: table },
        { Effect: 'Allow', Action: 'dynamodb:Query', Resource: { 'Fn::Join': ['', [table, '/index/unanswered']] } },
        { Effect: 'Allow', Action: 'states:SendTaskSuccess', Resource: machine },
      ],
    });
  });

  test('who opens the link calls the function that may only look, and who sends the form the other', () => {
    const integrations = template.findResources('AWS::ApiGatewayV2::Integration');
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties: { RouteKey, Target } }) => {
      const { IntegrationUri } = integrations[Target['Fn::Join'][1][1].Ref].Properties;
      return [RouteKey, /Gate(Show|Respond)Live/.exec(JSON.stringify(IntegrationUri))?.[1]];
    });
    expect(Object.fromEntries(routes)).toEqual({ 'GET /{link}': 'Show', 'HEAD /{link}': 'Show', 'POST /{link}': 'Respond' });
  });

  test('with a customer managed key, the function that may only look may only decrypt', () => {
    const stack = new Stack(new App(), 'Test');
    const encryptionKey = new kms.Key(stack, 'Own');
    new ApprovalGate(stack, 'Gate', { encryptionKey });
    const actionsOf = (name: string) =>
      Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
        .filter(([logicalId]) => logicalId.startsWith(`Gate${name}`))
        .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement)
        .filter(({ Resource }) => JSON.stringify(Resource).includes('Own'))
        .flatMap(({ Action }) => Action);
    expect(actionsOf('Show')).toEqual(['kms:Decrypt']);
    expect(actionsOf('Respond')).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:Encrypt']));
  });

  describe('with reminders', () => {
    const stack = stackWith(() => ({ reminders: [Duration.hours(4), Duration.minutes(30)] }));
    const withReminders = Template.fromStack(stack);
    const group = { Ref: expect.stringMatching('GateReminders') };
    const role = { 'Fn::GetAtt': [expect.stringMatching('GateReminderRole'), 'Arn'] };
    const notify = { Ref: expect.stringMatching('GateNotifyLive') };

    test('the state says when, and what their schedules are made of', () => {
      expect(stateMachineOf(stack).definition).toMatchObject({
        States: {
          Review: {
            Arguments: { Payload: { reminders: { beforeSeconds: [14_400, 1800], groupName: expect.stringMatching('GateReminders') } } },
          },
        },
      });
    });

    test('schedules may be made in their own group, by who tells approvers, and may call nothing else', () => {
      const [policy] = Object.values(
        withReminders.findResources('AWS::IAM::Policy', { Properties: { PolicyName: Match.stringLikeRegexp('GateReminderPolicy') } }),
      );
      expect(policy.Properties).toMatchObject({
        Roles: [{ Ref: expect.stringMatching('GateNotifyRole') }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'scheduler:CreateSchedule',
              Resource: { 'Fn::Join': ['', expect.arrayContaining([group, '/*'])] },
            },
            {
              Effect: 'Allow',
              Action: 'iam:PassRole',
              Resource: role,
              Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
            },
          ],
        },
      });
      const [called] = Object.values(
        withReminders.findResources('AWS::IAM::Policy', { Properties: { PolicyName: Match.stringLikeRegexp('GateReminderRole') } }),
      );
      expect(called.Properties.PolicyDocument.Statement).toEqual([{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: notify }]);
    });

    test('only schedules of the group may use the role', () => {
      withReminders.hasResourceProperties('AWS::IAM::Role', {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { Service: 'scheduler.amazonaws.com' },
              Condition: { StringEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('GateReminders'), 'Arn'] } } },
            },
          ],
        },
      });
    });

    test('nothing that cdk-nag finds is left unacknowledged', () => {
      expect(nagFindings(stackWith(() => ({ reminders: [Duration.hours(4)] })))).toEqual([]);
    });

    test('without them there is none of this', () => {
      template.resourceCountIs('AWS::Scheduler::ScheduleGroup', 0);
    });
  });

  test('one filtered subscription for each approver', () => {
    const stack = stackWith(() => ({
      onExpired: OnExpired.escalate({
        approver: Approver.email('bob@example.com'),
        expiresIn: Duration.days(1),
        onExpired: OnExpired.escalate({ approver: question.approver, expiresIn: Duration.days(1), onExpired: OnExpired.reject() }),
      }),
    }));
    const subscriptions = Object.values(Template.fromStack(stack).findResources('AWS::SNS::Subscription')).map((s) => s.Properties);
    expect(subscriptions).toEqual(
      ['alice@example.com', 'bob@example.com'].map((address) =>
        expect.objectContaining({ Protocol: 'email', Endpoint: address, FilterPolicy: { approver: [address] } }),
      ),
    );
  });

  test('a page that is throttled, logged without its links, and open on three routes only', () => {
    const stage = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'))[0].Properties;
    expect(stage.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 });
    expect(stage.AccessLogSettings.Format).not.toMatch(/path|uri|link/i);
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map((route) => route.Properties.RouteKey);
    expect(routes.sort()).toEqual(['GET /{link}', 'HEAD /{link}', 'POST /{link}']);
  });

  test('nothing that cdk-nag finds is left unacknowledged', () => {
    expect(nagFindings(stackWith())).toEqual([]);
  });
});

describe('channels of the user', () => {
  const channelOf = (config: (stack: Stack) => ApprovalChannelConfig) => (stack: Stack) => ({
    approver: Approver.viaChannel('team', { bind: () => config(stack) }),
  });

  test.each<[string, (stack: Stack) => ApprovalChannelConfig, string, string]>([
    ['topic', (stack) => ({ topic: new sns.Topic(stack, 'T') }), 'sns', 'sns:Publish'],
    ['queue', (stack) => ({ queue: new sqs.Queue(stack, 'Q') }), 'sqs', 'sqs:SendMessage'],
    [
      'function',
      (stack) => ({ function: new HandlerFunction(stack, 'F', { code: lambda.Code.fromInline('//') }).alias }),
      'lambda',
      'lambda:InvokeFunction',
    ],
  ])('a %s', (_, config, type, action) => {
    const stack = stackWith(channelOf(config));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SNS::Subscription', 0);
    expect(stateMachineOf(stack).definition).toMatchObject({
      States: { Review: { Arguments: { Payload: { approver: { identity: 'team', channel: { type } } } } } },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('GateNotify'),
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: action })]) },
    });
  });

  test.each<[string, (stack: Stack) => ApprovalChannelConfig]>([
    ['none', () => ({})],
    ['topic and queue', (stack) => ({ topic: new sns.Topic(stack, 'T'), queue: new sqs.Queue(stack, 'Q') })],
  ])('that give %s are refused', (given, config) => {
    expect(() => stackWith(channelOf(config))).toThrow(`exactly one of topic, queue and function, but gave ${given}`);
  });

  test('are bound once for each gate', () => {
    let bound = 0;
    stackWith((stack) => {
      const channel = {
        bind: () => {
          bound++;
          return { queue: new sqs.Queue(stack, 'Q') };
        },
      };
      const escalation = { approver: Approver.viaChannel('b', channel), expiresIn: Duration.days(1), onExpired: OnExpired.reject() };
      return { approver: Approver.viaChannel('a', channel), onExpired: OnExpired.escalate(escalation) };
    });
    expect(bound).toBe(1);
  });
});

describe('what it refuses', () => {
  test('a gate that is tied to no state machine', () => {
    const app = new App();
    const stack = new Stack(app, 'Test');
    const gate = new ApprovalGate(stack, 'Gate');
    new ObservedStateMachine(stack, 'Workflow', { definition: gate.step('Review', question) });
    expect(() => app.synth()).toThrow(/has the steps 'Review' but may not answer any state machine: call grantTaskResponse/);
  });

  test.each<[string, Partial<ApprovalStepProps>, RegExp]>([
    ['an empty summary', { summary: {} }, /summary of the approval step 'Review' is empty/],
    [
      'no time to decide',
      { expiresIn: Duration.seconds(0) },
      /expiresIn of the approval step 'Review' is 0 seconds?: give whole seconds, from one minute/,
    ],
    ['a time that Step Functions does not take', { expiresIn: Duration.days(1200) }, /to 99999999 seconds/],
    [
      'a reminder as early as the question',
      { reminders: [Duration.days(2)] },
      /comes 2 days before the expiry: give whole seconds, from one minute to less than the 2 days/,
    ],
    ['a reminder in the last minute', { reminders: [Duration.seconds(59)] }, /comes 59 seconds before the expiry/],
    ['a reminder twice', { reminders: [Duration.hours(1), Duration.minutes(60)] }, /has the reminder 1 hour before the expiry twice/],
    ['eleven reminders', { reminders: [...Array(11)].map((_, index) => Duration.minutes(index + 1)) }, /has 11 reminders: 10 are the most/],
    ['an outcome field that is no name', { outcomeField: 'a b' }, /outcomeField 'a b' .* is no field name/],
  ])('%s', (_, props, message) => {
    expect(() => stackWith(() => props)).toThrow(message);
  });

  test('an approver without an address or identity', () => {
    expect(() => Approver.email('alice')).toThrow(/'alice' is no mail address/);
    expect(() => Approver.viaChannel('', { bind: () => ({}) })).toThrow(/identity is empty/);
  });

  const [ALICE, BOB] = [Approver.email('alice@example.com'), Approver.email('bob@example.com')];
  test.each<[string, number, Approver[], string]>([
    ['one member', 1, [ALICE], 'has 1 members, not 2 to 20'],
    ['too many members', 1, [...Array(21)].map((_, i) => Approver.email(`a${i}@example.com`)), 'has 21 members'],
    ['more approvals than members', 3, [ALICE, BOB], 'needs 3 approvals, not a whole number from 1 to its 2 members'],
    ['no approvals', 0, [ALICE, BOB], 'needs 0 approvals'],
    ['half an approval', 1.5, [ALICE, BOB], 'needs 1.5 approvals'],
    ['somebody twice', 1, [ALICE, BOB, Approver.email('Alice@Example.com')], "has 'Alice@Example.com' twice: a person has one vote"],
    ['a quorum inside', 1, [Approver.quorum(1, [ALICE, BOB]), Approver.email('c@example.com')], 'has a quorum among its members'],
  ])('a quorum with %s', (_, needed, members, problem) => {
    expect(() => Approver.quorum(needed, members)).toThrow(problem);
  });

  test('the same step twice in one state machine', () => {
    const stack = new Stack(new App(), 'Test');
    const gate = new ApprovalGate(stack, 'Gate');
    const definition = gate.step('Review', question).next(gate.step('Review', question));
    expect(() => new ObservedStateMachine(stack, 'Workflow', { definition })).toThrow(/State with name 'ReviewQuestion' occurs in both/);
  });
});
