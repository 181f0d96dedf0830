import { type aws_cloudwatch as cloudwatch, aws_iam as iam, type aws_sns as sns } from 'aws-cdk-lib';

/**
 * A topic with a policy of its own, such as one that enforces TLS, no longer has the default policy that lets the account's alarms in.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function letAlarmsPublish(topic: sns.ITopic, alarms: cloudwatch.IAlarm[]): void {
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { ArnEquals: { 'aws:SourceArn': alarms.map((alarm) => alarm.alarmArn) } },
    }),
  );
}
