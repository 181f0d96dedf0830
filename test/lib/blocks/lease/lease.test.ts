import { App, Duration, aws_dynamodb as dynamodb, aws_kms as kms, RemovalPolicy, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Lease, type LeaseHoldProps, ObservedStateMachine } from '../../../../lib';
import { nagFindings } from '../../../support/nag';
import { stateMachineOf } from '../../../support/run-definition';
import { TEN_MINUTES, World } from './support';

const whole = new World();
whole.machine('Publish', { waitAtMost: Duration.hours(1), limit: 3 });

/** Statements of a role without those that every role of its kind has. */
function statementsOf(stack: Stack, role: RegExp): unknown[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => !/logs:|xray:/.test(JSON.stringify(Action)));
}

const refTo = (stack: Stack, type: string, id: RegExp) =>
  Object.keys(Template.fromStack(stack).findResources(type)).find((key) => id.test(key));
const allow = (Action: unknown, Resource: unknown) => ({ Action, Effect: 'Allow', Resource });

describe('what it synthesizes', () => {
  const { stack } = whole;
  const template = Template.fromStack(stack);
  const table = refTo(stack, 'AWS::DynamoDB::Table', /^LeaseLeases/);
  const machine = refTo(stack, 'AWS::StepFunctions::StateMachine', /^Publish/);

  test('a table that is encrypted, can be restored, forgets by itself, finds by run, and outlives the stack', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'key', KeyType: 'HASH' },
          { AttributeName: 'slot', KeyType: 'RANGE' },
        ],
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        GlobalSecondaryIndexes: [
          {
            IndexName: 'execution',
            KeySchema: [{ AttributeName: 'execution', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['holder'] },
          },
        ],
      },
    });
  });

  test('each role may do what it does, and no more', () => {
    const rows = { 'Fn::GetAtt': [table, 'Arn'] };
    const executions = JSON.stringify({ 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: machine }] }] });
    const describes = expect.objectContaining({ Action: 'states:DescribeExecution', Effect: 'Allow' });
    expect(statementsOf(stack, /^LeaseContend/)).toEqual([allow(['dynamodb:Query', 'dynamodb:UpdateItem'], rows), describes]);
    expect(statementsOf(stack, /^LeaseRelease/)).toEqual([
      allow('dynamodb:UpdateItem', rows),
      allow('dynamodb:Query', { 'Fn::Join': ['', [rows, '/index/execution']] }),
      describes,
    ]);
    const [, description] = statementsOf(stack, /^LeaseContend/) as { Resource: object }[];
    expect(JSON.stringify(description.Resource)).toContain(`:execution:",${executions},":*"`);
    expect(statementsOf(stack, /^Publish/)).toEqual([
      allow('dynamodb:UpdateItem', {
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
            { Ref: table },
          ],
        ],
      }),
      allow('lambda:InvokeFunction', { Ref: refTo(stack, 'AWS::Lambda::Alias', /^LeaseContend/) }),
      allow('lambda:InvokeFunction', { Ref: refTo(stack, 'AWS::Lambda::Alias', /^Work/) }),
    ]);
  });

  test('every end of a run of this state machine is heard of', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [{ Ref: machine }], status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
    });
  });

  test('waiting has jitter, a cap and an end, and fits into a history', () => {
    const { States } = stateMachineOf(stack).definition as { States: { HoldContend: { Retry: object[] } } };
    expect(States.HoldContend.Retry[0]).toEqual({
      ErrorEquals: ['LeaseHeld'],
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxDelaySeconds: 60,
      MaxAttempts: 200,
      JitterStrategy: 'FULL',
    });
    const long = new World();
    expect(() => long.machine('Long', { waitAtMost: Duration.days(30) })).not.toThrow();
  });

  test('nothing that cdk-nag finds is left, with a key and without', () => {
    expect(nagFindings(stack)).toEqual([]);
    const keyed = new World();
    const lease = new Lease(keyed.stack, 'Keyed', { encryptionKey: new kms.Key(keyed.stack, 'Key', { enableKeyRotation: true }) });
    const definition = lease.hold('Hold', { key: 'k', leaseFor: TEN_MINUTES, steps: sfn.Pass.jsonata(keyed.stack, 'Step') });
    lease.grantHold(keyed.run('Machine', definition));
    keyed.machine('Other');
    expect(nagFindings(keyed.stack)).toEqual([]);
    expect(JSON.stringify(statementsOf(keyed.stack, /^Machine/))).toContain('kms:Decrypt');
  });
});

test('a table can be supplied', () => {
  const stack = new Stack(new App(), 'Test');
  const table = dynamodb.Table.fromTableName(stack, 'Mine', 'mine');
  expect(new Lease(stack, 'Lease', { table }).table).toBe(table);
  Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 0);
  expect(() => new Lease(stack, 'Other', { table, removalPolicy: RemovalPolicy.RETAIN })).toThrow(
    /removalPolicy would change nothing: the leases are in the table that is supplied/,
  );
});

test('the table goes with the stack only by the property and the context flag', () => {
  const policyOf = (context: object) => {
    const stack = new Stack(new App({ context: { ...context } }), 'Test');
    new Lease(stack, 'Lease', { removalPolicy: RemovalPolicy.DESTROY });
    return Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'))[0].DeletionPolicy;
  };
  expect(policyOf({})).toBe('Retain');
  expect(policyOf({ 'stepworks:removeData': true })).toBe('Delete');
});

test('the same lease in one definition twice, in another state machine, and with another lease', () => {
  const world = new World();
  const other = new Lease(world.stack, 'Second');
  const pass = (id: string) => sfn.Pass.jsonata(world.stack, id);
  const hold = (lease: Lease, name: string, id: string) => lease.hold(name, { key: 'k', leaseFor: TEN_MINUTES, steps: pass(id) });
  const first = world.run(
    'One',
    hold(world.lease, 'A', 'A1')
      .next(hold(world.lease, 'B', 'B1'))
      .next(hold(other, 'C', 'C1')),
  );
  other.grantHold(first);
  world.run('Two', hold(world.lease, 'A', 'A2'));
  expect(nagFindings(world.stack)).toEqual([]);
});

describe('what it refuses', () => {
  test('steps that no state machine may run', () => {
    const world = new World();
    new ObservedStateMachine(world.stack, 'Machine', {
      definition: world.lease.hold('Hold', { key: 'k', leaseFor: TEN_MINUTES, steps: sfn.Pass.jsonata(world.stack, 'Step') }),
    });
    expect(() => Template.fromStack(world.stack)).toThrow(/has the steps 'Hold' but no state machine may run them: call grantHold/);
  });

  test('an Express workflow', () => {
    const world = new World();
    const definition = world.lease.hold('Hold', { key: 'k', leaseFor: TEN_MINUTES, steps: sfn.Pass.jsonata(world.stack, 'Step') });
    const { stateMachine } = new ObservedStateMachine(world.stack, 'Machine', { definition });
    expect(() => world.lease.grantHold(stateMachine)).toThrow(/is an Express workflow.*set its stateMachineType to STANDARD/);
  });

  test.each<[string, string, Partial<LeaseHoldProps>, RegExp]>([
    ['a name that is no variable', 'a b', {}, /its name becomes part of a variable's/],
    ['no key', 'Hold', { key: '' }, /key is empty or too long/],
    ['a long key', 'Hold', { key: 'k'.repeat(2049) }, /key is empty or too long/],
    ['a limit of none', 'Hold', { limit: 0 }, /limit is 0: give a whole number from 1 to 1000/],
    ['half a lease', 'Hold', { limit: 1.5 }, /limit is 1.5/],
    ['a moment', 'Hold', { leaseFor: Duration.seconds(1) }, /leaseFor is 1 second: give whole seconds from 60 to 31536000/],
    ['a wait of years', 'Hold', { waitAtMost: Duration.days(400) }, /waitAtMost is 400 days: give whole seconds from 1 to 2592000/],
    ['several at once', 'Hold', { key: '', limit: 0 }, /key is empty.*limit is 0/],
  ])('%s', (_, name, props, message) => {
    const { stack, lease } = new World();
    const steps = sfn.Pass.jsonata(stack, 'Step');
    expect(() => lease.hold(name, { key: 'k', leaseFor: TEN_MINUTES, steps, ...props })).toThrow(message);
  });
});
