import {
  App,
  Duration,
  aws_dynamodb as dynamodb,
  aws_iam as iam,
  aws_kms as kms,
  RemovalPolicy,
  Stack,
  aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Ledger, type LedgerOnceProps, type LedgerProps, ObservedStateMachine } from '../../../../lib';
import { nagFindings } from '../../../support/nag';
import { stateMachineOf } from '../../../support/run-definition';

const { STANDARD } = sfn.StateMachineType;
const TEN_MINUTES = Duration.minutes(10);

class World {
  readonly stack = new Stack(new App(), 'Test');
  readonly ledger: Ledger;

  constructor(props?: LedgerProps) {
    this.ledger = new Ledger(this.stack, 'Ledger', props);
  }

  once(name: string, id: string, props: Partial<LedgerOnceProps> = {}): sfn.StateMachineFragment {
    return this.ledger.once(name, { key: 'k', leaseFor: TEN_MINUTES, steps: sfn.Pass.jsonata(this.stack, id), ...props });
  }

  machine(id: string, definition: sfn.IChainable, stateMachineType = STANDARD): sfn.StateMachine {
    const { stateMachine } = new ObservedStateMachine(this.stack, id, { definition, stateMachineType });
    this.ledger.grantRun(stateMachine);
    return stateMachine;
  }
}

function statementsOf(stack: Stack, role: RegExp): { Action: unknown; Resource: unknown }[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => !/logs:|xray:/.test(JSON.stringify(Action)));
}
const idOf = (stack: Stack, type: string, id: RegExp) =>
  Object.keys(Template.fromStack(stack).findResources(type)).find((key) => id.test(key));
const allow = (Action: unknown, Resource: unknown) => ({ Action, Effect: 'Allow', Resource });

describe('what it synthesizes', () => {
  const world = new World();
  world.machine('One', world.once('Charge', 'Pay', { waitAtMost: Duration.hours(1), result: '{% $states.input.a %}' }));
  world.machine('Two', world.once('Charge', 'Pay2'));
  const { stack } = world;

  test('a table that is encrypted, can be restored, forgets by itself, and outlives the stack; and no function', () => {
    const template = Template.fromStack(stack);
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'key', KeyType: 'HASH' },
          { AttributeName: 'step', KeyType: 'RANGE' },
        ],
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    });
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('the state machines may read and write items, and ask about the runs of both', () => {
    const table = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':dynamodb:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          ':table/',
          { Ref: idOf(stack, 'AWS::DynamoDB::Table', /./) },
        ],
      ],
    };
    for (const role of [/^OneRole/, /^TwoRole/]) {
      const statements = statementsOf(stack, role);
      expect(statements).toHaveLength(4);
      expect(statements).toContainEqual(allow('dynamodb:UpdateItem', table));
      expect(statements).toContainEqual(allow('dynamodb:GetItem', table));
      const asked = statements
        .filter(({ Action }) => Action === 'states:DescribeExecution')
        .map(({ Resource }) => JSON.stringify(Resource));
      for (const machine of [/^One/, /^Two/]) {
        const ref = { Ref: idOf(stack, 'AWS::StepFunctions::StateMachine', machine) };
        const executions = `:execution:",${JSON.stringify({ 'Fn::Select': [6, { 'Fn::Split': [':', ref] }] })},":*"`;
        expect(asked.filter((resource) => resource.includes(executions))).toHaveLength(1);
      }
    }
  });

  test('nothing that cdk-nag finds is left, with a key and without', () => {
    expect(nagFindings(stack)).toEqual([]);
    const keyed = new Stack(new App(), 'Test');
    const ledger = new Ledger(keyed, 'Ledger', { encryptionKey: new kms.Key(keyed, 'Key', { enableKeyRotation: true }) });
    const definition = ledger.once('Charge', { key: 'k', leaseFor: TEN_MINUTES, steps: sfn.Pass.jsonata(keyed, 'Pay') });
    ledger.grantRun(new ObservedStateMachine(keyed, 'Machine', { definition, stateMachineType: STANDARD }).stateMachine);
    ledger.grantRead(new iam.Role(keyed, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    expect(nagFindings(keyed)).toEqual([]);
    expect(JSON.stringify(statementsOf(keyed, /^MachineRole/))).toContain('kms:GenerateDataKey');
    expect(statementsOf(keyed, /^Reader/)).toEqual([
      allow(['dynamodb:GetItem', 'dynamodb:Query'], { 'Fn::GetAtt': [idOf(keyed, 'AWS::DynamoDB::Table', /./), 'Arn'] }),
      allow('kms:Decrypt', { 'Fn::GetAtt': [idOf(keyed, 'AWS::KMS::Key', /./), 'Arn'] }),
    ]);
  });

  test('an Express workflow is not asked about, since it could not be', () => {
    const express = new World();
    express.machine('Machine', express.once('Charge', 'Pay'), sfn.StateMachineType.EXPRESS);
    expect(stateMachineOf(express.stack).type).toBe('EXPRESS');
    expect(statementsOf(express.stack, /^MachineRole/).map(({ Action }) => Action)).toEqual(['dynamodb:UpdateItem', 'dynamodb:GetItem']);
  });
});

test('twice in one definition, with status, and with another ledger', () => {
  const world = new World();
  const other = new Ledger(world.stack, 'Second');
  const definition = world
    .once('A', 'A1')
    .next(world.once('B', 'B1', { waitAtMost: Duration.hours(1) }))
    .next(other.once('C', { key: 'k', leaseFor: TEN_MINUTES, steps: sfn.Pass.jsonata(world.stack, 'C1') }))
    .next(world.ledger.status('Look', { key: 'k', step: 'A' }))
    .next(world.ledger.status('LookAgain', { key: 'k', step: 'B', outcomeField: 'b' }));
  other.grantRun(world.machine('Machine', definition));
  expect(nagFindings(world.stack)).toEqual([]);
});

test('a table can be supplied', () => {
  const stack = new Stack(new App(), 'Test');
  const table = dynamodb.Table.fromTableName(stack, 'Mine', 'mine');
  expect(new Ledger(stack, 'Ledger', { table }).table).toBe(table);
  Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 0);
  expect(() => new Ledger(stack, 'Other', { table, removalPolicy: RemovalPolicy.RETAIN })).toThrow(
    /removalPolicy would change nothing: the items are in the table that is supplied/,
  );
});

test('the table goes with the stack only by the property and the context flag', () => {
  const policyOf = (context: object) => {
    const stack = new Stack(new App({ context: { ...context } }), 'Test');
    new Ledger(stack, 'Ledger', { removalPolicy: RemovalPolicy.DESTROY });
    return Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'))[0].DeletionPolicy;
  };
  expect(policyOf({})).toBe('Retain');
  expect(policyOf({ 'stepworks:removeData': true })).toBe('Delete');
});

describe('what it refuses', () => {
  test('steps that no state machine may run', () => {
    const world = new World();
    world.once('Charge', 'Pay');
    expect(() => Template.fromStack(world.stack)).toThrow(/has the steps 'Charge' but no state machine may run them: call grantRun/);
  });

  test.each<[string, string, Partial<LedgerOnceProps>, RegExp]>([
    ['a name that is no variable', 'a b', {}, /its name becomes part of a variable's/],
    ['no key', 'Charge', { key: '' }, /key is empty or too long/],
    ['a result that is no expression', 'Charge', { result: 'receipt' }, /result "receipt" is no JSONata expression/],
    ['no step', 'Charge', { step: '' }, /step is empty/],
    ['a moment', 'Charge', { leaseFor: Duration.seconds(1) }, /leaseFor is 1 second: give whole seconds from 60 to 31536000/],
    ['an hour', 'Charge', { keepFor: Duration.hours(1) }, /keepFor is 1 hour: give whole seconds from 86400/],
    ['a wait of years', 'Charge', { waitAtMost: Duration.days(400) }, /waitAtMost is 400 days/],
    ['several at once', 'Charge', { key: '', step: '' }, /key is empty.*step is empty/],
  ])('%s', (_, name, props, message) => {
    expect(() => new World().once(name, 'Pay', props)).toThrow(message);
  });

  test('a status without a key, or with a field that is none', () => {
    const { ledger } = new World();
    expect(() => ledger.status('Look', { key: '', step: 'A' })).toThrow(/key is empty/);
    expect(() => ledger.status('Look', { key: 'k', step: 'A', outcomeField: 'a b' })).toThrow(
      /outcomeField 'a b' of 'Look' is no field name/,
    );
  });
});
