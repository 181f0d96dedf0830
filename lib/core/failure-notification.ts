import {
  aws_cloudwatch_actions as actions,
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
import { thresholdAlarm } from './threshold-alarm';

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
        const each = metric.with({ period: Duration.minutes(1), statistic: 'Sum' });
        return thresholdAlarm(this, metric.metricName, { metric: each, threshold: 1, action: new actions.SnsAction(topic) });
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
