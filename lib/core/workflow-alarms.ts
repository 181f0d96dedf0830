import { type aws_cloudwatch as cloudwatch, Duration, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { thresholdAlarm } from './threshold-alarm';
import type { WorkflowAlarmProps } from './workflow-alarm-props';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
export class WorkflowAlarms extends Construct {
  constructor(scope: Construct, id: string, stateMachine: sfn.StateMachine, props: WorkflowAlarmProps) {
    super(scope, id);
    const alarms: [string, cloudwatch.Metric, number | undefined][] = [
      ['Failed', stateMachine.metricFailed(), props.failedThreshold],
      ['TimedOut', stateMachine.metricTimedOut(), props.timedOutThreshold],
      ['Throttled', stateMachine.metricThrottled(), props.throttledThreshold],
      ['Aborted', stateMachine.metricAborted(), props.abortedThreshold],
    ];
    for (const [name, metric, threshold] of alarms) {
      if (threshold === undefined) continue;
      const each = metric.with({ statistic: 'Sum', period: Duration.minutes(5) });
      thresholdAlarm(this, name, { metric: each, threshold, action: props.action });
    }
  }
}
