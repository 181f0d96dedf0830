import {
  aws_cloudwatch_actions as actions,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_events as events,
  aws_stepfunctions as sfn,
  type aws_sns as sns,
  aws_sqs as sqs,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { letAlarmsPublish } from './let-alarms-publish';

/**
 * Tells a topic of every run that failed, timed out or was aborted. From outside the state machine, because nothing inside it sees
 * everything: `States.ALL` does not catch `States.Runtime`, a state machine's own time-out, or a stop.
 *
 * Standard workflows emit status events, one message for each run; Express workflows emit none, so two alarms stand in for them.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export class FailureNotification extends Construct {
  constructor(scope: Construct, id: string, stateMachine: sfn.StateMachine, topic: sns.ITopic) {
    super(scope, id);
    if (stateMachine.stateMachineType === sfn.StateMachineType.EXPRESS) {
      const alarms = [stateMachine.metricFailed(), stateMachine.metricTimedOut()].map((metric) => {
        const alarm = new cloudwatch.Alarm(this, metric.metricName, {
          metric: metric.with({ period: Duration.minutes(1), statistic: 'Sum' }),
          threshold: 1,
          evaluationPeriods: 1,
          comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        });
        alarm.addAlarmAction(new actions.SnsAction(topic));
        return alarm;
      });
      letAlarmsPublish(topic, alarms);
      return;
    }
    const deadLetterQueue = new sqs.Queue(this, 'DeadLetters', { enforceSSL: true, retentionPeriod: Duration.days(14) });
    acknowledge(deadLetterQueue, 'AwsSolutions-SQS3', 'It is the dead-letter queue of the notification itself.');
    acknowledge(deadLetterQueue, 'Serverless-SQSRedrivePolicy', 'It is the dead-letter queue of the notification itself.');
    new events.Rule(this, 'Rule', {
      description: 'Runs that failed, timed out or were aborted',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [stateMachine.stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [new targets.SnsTopic(topic, { deadLetterQueue, retryAttempts: 10, maxEventAge: Duration.hours(2) })],
    });
  }
}
