import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface ThresholdAlarmProps {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly action?: cloudwatch.IAlarmAction;
  readonly alarmDescription?: string;
}

/** Raised as soon as the metric reaches the threshold within one period; no data is no reason. */
export function thresholdAlarm(scope: Construct, id: string, { action, ...props }: ThresholdAlarmProps): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, id, {
    ...props,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  if (action) alarm.addAlarmAction(action);
  return alarm;
}
