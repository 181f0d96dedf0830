import type { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';

/** Alarms on a trigger: each is made when its threshold is given. */
export interface TriggerAlarmProps {
  /** What an alarm does, such as `new SnsAction(topic)` of aws-cloudwatch-actions. */
  readonly action: cloudwatch.IAlarmAction;
  /** Events in the dead-letter queue that raise the alarm: they started nothing, and nobody tries them again. @default - no alarm */
  readonly deadLetterThreshold?: number;
  /** How long the oldest event may have waited before the alarm is raised. @default - no alarm */
  readonly oldestEventThreshold?: Duration;
}
