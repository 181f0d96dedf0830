import type { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';

/** Alarms on an approval gate: each is made when its threshold is given. */
export interface ApprovalAlarmProps {
  /** What an alarm does, such as `new SnsAction(topic)` of aws-cloudwatch-actions. */
  readonly action: cloudwatch.IAlarmAction;
  /**
   * Failures of the sweeper within an hour that raise the alarm: decisions that don't get to Step Functions, while runs wait that somebody has
   * decided about. A sweep that fails is tried three times, so 1 tells of each failure, and 4, with sweeps every half hour, of what a second one didn't mend either.
   * @default - no alarm
   */
  readonly sweepFailedThreshold?: number;
}
