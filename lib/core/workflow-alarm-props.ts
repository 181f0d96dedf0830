import type { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';

/** Alarms on a state machine: each is made when its threshold is given. */
export interface WorkflowAlarmProps {
  /** What an alarm does, such as `new SnsAction(topic)` of aws-cloudwatch-actions. */
  readonly action: cloudwatch.IAlarmAction;
  /** Failed runs within five minutes that raise the alarm. @default - no alarm */
  readonly failedThreshold?: number;
  /** Runs out of time within five minutes that raise the alarm. @default - no alarm */
  readonly timedOutThreshold?: number;
  /** Throttled state transitions within five minutes that raise the alarm. @default - no alarm */
  readonly throttledThreshold?: number;
  /** Aborted runs within five minutes that raise the alarm; Express has none. @default - no alarm */
  readonly abortedThreshold?: number;
}
