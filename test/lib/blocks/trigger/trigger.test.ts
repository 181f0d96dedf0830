import {
  App,
  aws_cloudwatch_actions as actions,
  Duration,
  aws_kms as kms,
  aws_lambda as lambda,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_sqs as sqs,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HandlerFunction, ObservedStateMachine, Trigger, type TriggerProps, TriggerSource } from '../../../../lib';
import { nagFindings } from '../../../support/nag';

const EVENT = TriggerSource.eventPattern({ source: ['shop'] });
const KEY = ['$.detail.orderId'];

class World {
  readonly stack = new Stack(new App(), 'Test');

  machine(definition: sfn.IChainable = sfn.Pass.jsonata(this.stack, 'Pass'), id = 'Machine'): sfn.StateMachine {
    return new ObservedStateMachine(this.stack, id, { definition, stateMachineType: sfn.StateMachineType.STANDARD }).stateMachine;
  }
}

function stackWith(props: Partial<TriggerProps> = {}): Stack {
  const world = new World();
  new Trigger(world.stack, 'Trigger', { stateMachine: world.machine(), source: EVENT, businessKey: KEY, ...props });
  return world.stack;
}

function statementsOf(stack: Stack, role: RegExp): unknown[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => !/logs:|xray:/.test(JSON.stringify(Action)));
}
const idOf = (stack: Stack, type: string, id: RegExp) =>
  Object.keys(Template.fromStack(stack).findResources(type)).find((key) => id.test(key));

describe('what it synthesizes', () => {
  const stack = stackWith();
  const template = Template.fromStack(stack);

  test('the starter may read the queue, start this workflow, and give events up', () => {
    const arn = (id: RegExp) => ({ 'Fn::GetAtt': [idOf(stack, 'AWS::SQS::Queue', id), 'Arn'] });
    const allow = (Action: unknown, Resource: unknown) => ({ Action, Effect: 'Allow', Resource });
    expect(statementsOf(stack, /^TriggerStart/)).toEqual([
      allow('states:StartExecution', { Ref: idOf(stack, 'AWS::StepFunctions::StateMachine', /^Machine/) }),
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn(/^TriggerQueue/)),
      allow('sqs:SendMessage', arn(/^TriggerDeadLetters/)),
    ]);
  });

  test('events wait as long as they can, and are tried ten times', () => {
    template.hasResource('AWS::SQS::Queue', {
      Properties: {
        MessageRetentionPeriod: 1_209_600,
        VisibilityTimeout: 180,
        RedrivePolicy: {
          maxReceiveCount: 10,
          deadLetterTargetArn: { 'Fn::GetAtt': [idOf(stack, 'AWS::SQS::Queue', /DeadLetters/), 'Arn'] },
        },
      },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [{ DeadLetterConfig: { Arn: { 'Fn::GetAtt': [idOf(stack, 'AWS::SQS::Queue', /DeadLetters/), 'Arn'] } } }],
    });
  });

  test('objects are told apart by prefix and suffix together', () => {
    const patternOf = (prefix?: string, suffix?: string) => {
      const world = new World();
      const bucket = new s3.Bucket(world.stack, 'Bucket');
      new Trigger(world.stack, 'Trigger', {
        stateMachine: world.machine(),
        source: TriggerSource.objectCreated(bucket, { prefix, suffix }),
      });
      const rule = Object.values(Template.fromStack(world.stack).findResources('AWS::Events::Rule'))[0];
      return rule.Properties.EventPattern.detail.object?.key;
    };
    expect(patternOf()).toBeUndefined();
    expect(patternOf('in/')).toEqual([{ prefix: 'in/' }]);
    expect(patternOf(undefined, '.csv')).toEqual([{ suffix: '.csv' }]);
    expect(patternOf('in*/', '.csv')).toEqual([{ wildcard: 'in\\*/*.csv' }]);
  });

  test('no alarm without a threshold', () => {
    const thresholds = (alarms: object) => {
      const world = new World();
      const action = new actions.SnsAction(new sns.Topic(world.stack, 'Topic'));
      const stateMachine = world.machine();
      new Trigger(world.stack, 'Trigger', { stateMachine, source: EVENT, businessKey: KEY, alarms: { action, ...alarms } });
      const found = Template.fromStack(world.stack).findResources('AWS::CloudWatch::Alarm');
      return Object.values(found).map(({ Properties }) => [Properties.MetricName, Properties.Threshold]);
    };
    expect(thresholds({})).toEqual([]);
    expect(thresholds({ deadLetterThreshold: 3, oldestEventThreshold: Duration.minutes(5) })).toEqual([
      ['ApproximateNumberOfMessagesVisible', 3],
      ['ApproximateAgeOfOldestMessage', 300],
    ]);
  });

  test('nothing that cdk-nag finds is left', () => {
    expect(nagFindings(stack)).toEqual([]);
    const world = new World();
    const stateMachine = world.machine();
    const bucket = new s3.Bucket(world.stack, 'Bucket', { enforceSSL: true, serverAccessLogsPrefix: 'logs/' });
    const schedule = TriggerSource.schedule(scheduler.ScheduleExpression.rate(Duration.hours(1)));
    new Trigger(world.stack, 'Hourly', { stateMachine, source: schedule });
    new Trigger(world.stack, 'OnObject', { stateMachine, source: TriggerSource.objectCreated(bucket, { prefix: 'in/' }) });
    expect(nagFindings(world.stack)).toEqual([]);
  });

  test('queues can be supplied, encrypted ones too', () => {
    const world = new World();
    const key = new kms.Key(world.stack, 'Key');
    const queue = new sqs.Queue(world.stack, 'Mine', { encryptionMasterKey: key, visibilityTimeout: Duration.minutes(3) });
    const deadLetterQueue = new sqs.Queue(world.stack, 'Dead', { encryptionMasterKey: key });
    const stateMachine = world.machine();
    const trigger = new Trigger(world.stack, 'Trigger', { stateMachine, source: EVENT, businessKey: KEY, queue, deadLetterQueue });
    expect([trigger.queue, trigger.deadLetterQueue]).toEqual([queue, deadLetterQueue]);
    Template.fromStack(world.stack).resourceCountIs('AWS::SQS::Queue', 2);
    expect(JSON.stringify(statementsOf(world.stack, /^TriggerStart/))).toContain('kms:GenerateDataKey');
  });

  test('two for one workflow', () => {
    const world = new World();
    const stateMachine = world.machine();
    for (const id of ['A', 'B']) new Trigger(world.stack, id, { stateMachine, source: EVENT, businessKey: KEY });
    expect(nagFindings(world.stack)).toEqual([]);
  });
});

describe('a workflow that would start itself', () => {
  /** Runs of the workflow may write these objects, by themselves or through a function. */
  function writing(keys: string, through: 'role' | 'function' | 'function without a role', props: Partial<TriggerProps> = {}): Stack {
    const world = new World();
    const bucket = new s3.Bucket(world.stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
    const handler = new HandlerFunction(world.stack, 'Writer', { code: lambda.Code.fromInline('//') });
    const invoke = tasks.LambdaInvoke.jsonata(world.stack, 'Write', { lambdaFunction: handler.alias });
    const stateMachine = world.machine(through === 'role' ? undefined : invoke);
    const source = TriggerSource.objectCreated(bucket, { prefix: 'in/', suffix: '.csv' });
    new Trigger(world.stack, 'Trigger', { stateMachine, source, ...props });
    bucket.grantPut(through === 'role' ? stateMachine.role : handler.role, keys);
    return world.stack;
  }

  test.each<[string, 'role' | 'function']>([
    ['*', 'role'],
    ['in/*', 'role'],
    ['in/done.csv', 'role'],
    ['i*', 'function'],
    ['in/deeper/*', 'function'],
    ['*.csv', 'function'],
  ])('by writing %s through its %s does not synthesize', (keys, through) => {
    expect(() => Template.fromStack(writing(keys, through))).toThrow(
      /runs would start runs for ever: Test\/(Machine|Writer)\/Role may write/,
    );
  });

  test.each<[string, 'role' | 'function']>([
    ['out/*', 'role'],
    ['in/done.txt', 'role'],
    ['in/*.json', 'function'],
  ])('writing %s through its %s is fine', (keys, through) => {
    expect(() => Template.fromStack(writing(keys, through))).not.toThrow();
  });

  test('may, if the user says so', () => {
    expect(() => Template.fromStack(writing('*', 'role', { mayTriggerItself: true }))).not.toThrow();
  });
});

describe('what it refuses', () => {
  test('an Express workflow', () => {
    const world = new World();
    const { stateMachine } = new ObservedStateMachine(world.stack, 'Machine', { definition: sfn.Pass.jsonata(world.stack, 'Pass') });
    expect(() => new Trigger(world.stack, 'Trigger', { stateMachine, source: EVENT, businessKey: KEY })).toThrow(
      /is an Express workflow, which takes the same name again.*set its stateMachineType to STANDARD/,
    );
  });

  test.each<[string, Partial<TriggerProps>, RegExp]>([
    ['an event without a key', { businessKey: undefined }, /an event needs a businessKey/],
    ['an empty key', { businessKey: [] }, /an event needs a businessKey/],
    ['a key that is no path', { businessKey: ['orderId'] }, /'orderId' in businessKey is no path/],
    ['a key that is everything', { businessKey: ['$'] }, /'\$' in businessKey is no path/],
    ['a key that may be many', { businessKey: ['$..id'] }, /is no path/],
    ['an input that is no path', { input: { a: '$.[' } }, /'\$\.\[' of the input field 'a' is no path/],
    ['a prefix that no name may have', { namePrefix: 'a b' }, /namePrefix 'a b' has to be/],
    ['a moment', { maxAge: Duration.seconds(1) }, /maxAge is 1 second: give a minute or more/],
    ['one at a time', { maxConcurrency: 1 }, /maxConcurrency is 1: give a whole number from 2 to 1000/],
    ['no attempt', { maxAttempts: 0 }, /maxAttempts is 0: give a whole number from 1 to 1000/],
  ])('%s', (_, props, message) => {
    expect(() => stackWith(props)).toThrow(message);
  });
});
