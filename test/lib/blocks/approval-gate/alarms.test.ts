import {
  App,
  aws_cloudwatch_actions as actions,
  Duration,
  Stack,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, Approver, HumanApproval, OnExpired } from '../../../../lib';
import { ApproverAtWork, LocalCloud, LocalDriver } from '../../../../local';

const OPERATOR = 'operator@example.com';

function gateWith(threshold?: number): Stack {
  const stack = new Stack(new App(), 'Desk');
  const topic = new sns.Topic(stack, 'Topic');
  topic.addSubscription(new subscriptions.EmailSubscription(OPERATOR));
  const gate = new ApprovalGate(stack, 'Gate', { alarms: { action: new actions.SnsAction(topic), sweepFailedThreshold: threshold } });
  const question = {
    approver: Approver.email('ann@example.com'),
    summary: { A: 'b' },
    expiresIn: Duration.days(1),
    onExpired: OnExpired.reject(),
  };
  new HumanApproval(stack, 'Payment', { gate, question });
  return stack;
}

test('the alarm counts the sweeper’s errors within an hour', () => {
  const template = Template.fromStack(gateWith(4));
  template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
  template.hasResource('AWS::CloudWatch::Alarm', {
    Properties: {
      MetricName: 'Errors',
      Namespace: 'AWS/Lambda',
      Dimensions: [
        {
          Name: 'FunctionName',
          Value: { Ref: [...Object.keys(template.findResources('AWS::Lambda::Function'))].find((id) => id.startsWith('GateSweep')) },
        },
      ],
      Statistic: 'Sum',
      Period: 3600,
      Threshold: 4,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Object.keys(template.findResources('AWS::SNS::Topic')).find((id) => id.startsWith('Topic')) }],
    },
  });
});

test('there is none without a threshold', () => {
  Template.fromStack(gateWith()).resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

describe('a decision that doesn’t get to Step Functions', () => {
  let cloud: LocalCloud;
  let driver: LocalDriver;
  const told = async () => (await driver.mails()).filter(({ to, subject }) => to === OPERATOR && subject.startsWith('ALARM'));

  beforeEach(async () => {
    cloud = await LocalCloud.fromStack(gateWith(4));
    driver = new LocalDriver(cloud);
    await driver.start('Desk/Payment', {});
  });
  afterEach(() => cloud.dispose());

  test('raises the alarm when sweeps fail again and again', async () => {
    await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'AccessDeniedException', times: 1000 });
    expect((await new ApproverAtWork(driver, 'ann@example.com').decide('APPROVED')).status).toBe(202);
    await driver.skip(2 * 3600);
    expect(await told()).toHaveLength(1);
  });

  test('raises none when the first sweep mends it', async () => {
    await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'AccessDeniedException', times: 2 });
    expect((await new ApproverAtWork(driver, 'ann@example.com').decide('APPROVED')).status).toBe(202);
    await driver.skip(2 * 3600);
    expect(await told()).toEqual([]);
    expect((await driver.runs('Desk/Payment'))[0].status).toBe('SUCCEEDED');
  });
});
