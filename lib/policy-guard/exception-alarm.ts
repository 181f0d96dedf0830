import {
  aws_cloudwatch_actions as actions,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_iam as iam,
  Names,
  type aws_stepfunctions as sfn,
  type aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../core/acknowledge-wildcards';
import { letAlarmsPublish } from '../core/let-alarms-publish';
import { SdkTask } from '../core/sdk-task';
import { thresholdAlarm } from '../core/threshold-alarm';
import { TransientRetry } from '../core/transient-retry';

const NAMESPACE = 'Stepworks/PolicyGuard';

export interface ExceptionAlarmProps {
  readonly metricName: string;
  readonly description: string;
  /** Told when the alarm goes on. */
  readonly topic: sns.ITopic;
}

/** Counts how often somebody who may wrote what is restricted: each time is reported, and an alarm is on while it happens. */
export class ExceptionAlarm extends Construct {
  public readonly metric: cloudwatch.Metric;
  public readonly alarm: cloudwatch.Alarm;
  private readonly guard = Names.uniqueResourceName(this, { maxLength: 128 });

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExceptionAlarmProps,
  ) {
    super(scope, id);
    const { description: alarmDescription, metricName, topic } = props;
    this.metric = new cloudwatch.Metric({
      namespace: NAMESPACE,
      metricName,
      dimensionsMap: { Guard: this.guard },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
    });
    this.alarm = thresholdAlarm(this, 'Alarm', {
      metric: this.metric,
      threshold: 1,
      action: new actions.SnsAction(topic),
      alarmDescription,
    });
    letAlarmsPublish(topic, [this.alarm]);
  }

  /** Counts one, and goes on whether or not it could be: what follows tells of it. */
  public counted(name: string, next: sfn.IChainable): sfn.IChainable {
    const Dimensions = [{ Name: 'Guard', Value: this.guard }];
    const count = new SdkTask(this, name, {
      call: 'cloudwatch:putMetricData',
      parameters: { Namespace: NAMESPACE, MetricData: [{ MetricName: this.props.metricName, Dimensions, Value: 1, Unit: 'Count' }] },
      outputs: '{% $states.input %}',
    });
    return count
      .addRetry({ ...TransientRetry.forLambda(), errors: ['States.ALL'] })
      .addCatch(next, { outputs: '{% $states.input %}' })
      .next(next);
  }

  /** Lets the state machine count. */
  public grantCount(role: iam.IRole): iam.Policy {
    const policy = new iam.Policy(this, 'Policy', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': NAMESPACE } },
        }),
      ],
    });
    acknowledgeWildcards(policy, 'PutMetricData names no resource; the condition keeps it to one namespace.');
    return policy;
  }
}
