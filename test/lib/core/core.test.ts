import {
  App,
  Duration,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  Stack,
  aws_stepfunctions as sfn,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { HandlerFunction, ObservedStateMachine, type ObservedStateMachineProps } from '../../../lib';
import { handlerAsset } from '../../../lib/core/handler-asset';
import { nagFindings } from '../../support/nag';

function stackWith(props: (stack: Stack) => Partial<ObservedStateMachineProps>): Stack {
  const stack = new Stack(new App(), 'Test');
  new ObservedStateMachine(stack, 'Workflow', { definition: sfn.Pass.jsonata(stack, 'Only'), ...props(stack) });
  return stack;
}

describe('ObservedStateMachine', () => {
  test('tells the topic of every Standard run that did not succeed, from outside', () => {
    const stack = stackWith((scope) => ({
      stateMachineType: sfn.StateMachineType.STANDARD,
      notificationTopic: new sns.Topic(scope, 'Topic', { enforceSSL: true }),
    }));
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [{ Ref: Match.stringLikeRegexp('StateMachine') }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      Targets: [Match.objectLike({ Arn: { Ref: Match.stringLikeRegexp('Topic') }, DeadLetterConfig: Match.anyValue() })],
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('alarms stand in for the events that Express does not emit', () => {
    const stack = stackWith((scope) => ({ notificationTopic: new sns.Topic(scope, 'Topic', { enforceSSL: true }) }));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Events::Rule', 0);
    for (const MetricName of ['ExecutionsFailed', 'ExecutionsTimedOut']) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName,
        Threshold: 1,
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: Match.stringLikeRegexp('Topic') }],
      });
    }
    expect(nagFindings(stack)).toEqual([]);
  });

  test('creates nothing to tell nobody', () => {
    const template = Template.fromStack(stackWith(() => ({})));
    template.resourceCountIs('AWS::Events::Rule', 0);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.resourceCountIs('AWS::SQS::Queue', 0);
  });

  test('an alarm for each threshold that is given, with the action', () => {
    const template = Template.fromStack(
      stackWith((scope) => ({
        alarms: { action: new SnsAction(new sns.Topic(scope, 'Topic')), failedThreshold: 3, throttledThreshold: 10 },
      })),
    );
    template.resourceCountIs('AWS::CloudWatch::Alarm', 2);
    for (const [MetricName, Threshold] of [
      ['ExecutionsFailed', 3],
      ['ExecutionThrottled', 10],
    ]) {
      const AlarmActions = [{ Ref: Match.stringLikeRegexp('Topic') }];
      template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName, Threshold, Statistic: 'Sum', Period: 300, AlarmActions });
    }
  });

  test('depends on the policy that holds the permissions of log delivery', () => {
    const template = Template.fromStack(stackWith(() => ({})));
    const [policyId] = Object.keys(
      template.findResources('AWS::IAM::Policy', { Properties: { PolicyDocument: { Statement: [Match.objectLike({ Resource: '*' })] } } }),
    );
    template.hasResource('AWS::StepFunctions::StateMachine', { DependsOn: Match.arrayWith([policyId]) });
  });

  test("a user's later `*` is not covered by the acknowledgement", () => {
    const stack = new Stack(new App(), 'Test');
    const { role } = new ObservedStateMachine(stack, 'Workflow', { definition: sfn.Pass.jsonata(stack, 'Only') });
    role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
    expect(nagFindings(stack).join()).toContain('AwsSolutions-IAM5[Resource::*]');
  });

  test('uses the role and the log group that are given', () => {
    const stack = stackWith((scope) => ({
      role: new iam.Role(scope, 'MyRole', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') }),
      logGroup: new logs.LogGroup(scope, 'MyLogs'),
    }));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 1);
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  test('a wait without a limit cannot be built, a task without one is warned of', () => {
    const stack = new Stack(new App(), 'Test');
    const Arguments = { QueueUrl: 'https://q', MessageBody: 'm' };
    const task = (id: string, Resource: string) => new sfn.CustomState(stack, id, { stateJson: { Type: 'Task', Resource, Arguments } });
    const inside = sfn.Parallel.jsonata(stack, 'Inside').branch(task('Ask', 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'));
    expect(() => new ObservedStateMachine(stack, 'Waits', { definition: inside })).toThrow(/'Ask' would wait for others for ever/);
    const calls = new ObservedStateMachine(stack, 'Calls', { definition: task('Send', 'arn:aws:states:::sqs:sendMessage') });
    expect(calls.node.metadata.map((entry) => entry.data)).toEqual([expect.stringMatching(/'Send' has no time limit/)]);
  });

  test.each<[string, (stack: Stack) => sfn.IChainable, RegExp]>([
    [
      'a state name that is too long',
      (stack) => sfn.Pass.jsonata(stack, 'A'.repeat(81)),
      /INVALID_STATE_NAME: .* exceeds the 80-character limit/,
    ],
    [
      'a broken expression',
      (stack) => sfn.Pass.jsonata(stack, 'B', { outputs: '{% $sum( %}' }),
      /INVALID_JSONATA_EXPRESSION: .* at \/States\/B\/Output/,
    ],
    [
      'JSONPath in a JSONata workflow',
      (stack) => new sfn.Pass(stack, 'C', { inputPath: '$.x' }),
      /field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at \/States\/C/,
    ],
  ])('refuses at synthesis what AWS would refuse at deployment: %s', (_, definition, message) => {
    const stack = new Stack(new App(), 'Test');
    expect(() => new ObservedStateMachine(stack, 'Workflow', { definition: definition(stack) })).toThrow(message);
  });

  test('refuses a task that may take longer than the run', () => {
    const stack = new Stack(new App(), 'Test');
    const definition = new sfn.CustomState(stack, 'Ask', {
      stateJson: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Arguments: { QueueUrl: 'https://q', MessageBody: '{% $states.context.Task.Token %}' },
        TimeoutSeconds: 7200,
      },
    });
    expect(() => new ObservedStateMachine(stack, 'Workflow', { definition, timeout: Duration.hours(1) })).toThrow(
      /the task 'Ask' may take 7200 s, but the run ends after 3600 s/,
    );
  });

  test('warns of a variable that nothing assigns', () => {
    const stack = new Stack(new App(), 'Test');
    const definition = sfn.Pass.jsonata(stack, 'Only', { outputs: '{% $nobody %}' });
    const { node } = new ObservedStateMachine(stack, 'Workflow', { definition });
    expect(node.metadata.map(({ data }) => data)).toEqual([expect.stringMatching(/'\$nobody' is not defined anywhere/)]);
  });

  test('refuses an Express workflow that waits for others', () => {
    const stack = new Stack(new App(), 'Test');
    const wait = new sfn.CustomState(stack, 'Wait', {
      stateJson: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', TimeoutSeconds: 60 },
    });
    expect(() => new ObservedStateMachine(stack, 'Workflow', { definition: wait, stateMachineType: sfn.StateMachineType.EXPRESS })).toThrow(
      /can't wait for others, as the task arn:aws:states:::sqs:sendMessage\.waitForTaskToken does: make the workflow STANDARD/,
    );
  });
});

describe('HandlerFunction', () => {
  const stack = new Stack(new App(), 'Test');
  new HandlerFunction(stack, 'Handler', { code: lambda.Code.fromInline('//'), timeout: Duration.seconds(5) });

  test('is traced, on ARM, with a log group of its own and an alias', () => {
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 5,
      MemorySize: 256,
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp('Logs') } },
    });
    template.hasResourceProperties('AWS::Lambda::Alias', { Name: 'live' });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('its role may write its logs and traces, and nothing else', () => {
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap((p) => p.Properties.PolicyDocument.Statement);
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching('Logs'), 'Arn'] },
      },
      { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
    ]);
  });
});

test('a handler that is not bundled is an error that names the command', () => {
  expect(() => handlerAsset('lib/nowhere/nothing')).toThrow(/'lib\/nowhere\/nothing' has not been bundled: run 'npm run bundle'/);
});
