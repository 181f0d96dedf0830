/** What an alarm sets off when its state changes. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html */
import type { Cloud, Json } from '../../cloud-types';
import { inBackground } from '../background';
import { deliver } from '../delivery';
import type { AlarmInput } from './alarm';
import { iso, type MetricAlarm, type StateChange } from './metric-alarm';

/** As CloudWatch's notifications call them: https://docs.aws.amazon.com/general/latest/gr/rande.html */
const REGIONS: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'sa-east-1': 'South America (Sao Paulo)',
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
};
const MAX_SUBJECT = 100;

export function act(cloud: Cloud, alarm: MetricAlarm, former: StateChange): void {
  tell(cloud, alarm, former);
  if (!alarm.actionsEnabled) return;
  for (const action of actionsOn(alarm)) inBackground(perform(cloud, alarm, former, action));
}

function actionsOn({ input, current: { state } }: MetricAlarm): readonly string[] {
  if (state === 'ALARM') return input.AlarmActions ?? [];
  return (state === 'OK' ? input.OKActions : input.InsufficientDataActions) ?? [];
}

/** Topics and functions; deliver() names what else there is. What the topic's or function's policy refuses is in the record of calls. */
function perform(cloud: Cloud, alarm: MetricAlarm, former: StateChange, action: string): Promise<void> {
  if (action.split(':')[2] === 'lambda') {
    const principal = { kind: 'service', service: 'lambda.alarms.cloudwatch.amazonaws.com', sourceArn: alarm.arn } as const;
    return deliver(cloud, principal, action, { body: JSON.stringify(functionEvent(cloud, alarm, former)) });
  }
  const principal = { kind: 'service', service: 'cloudwatch.amazonaws.com', sourceArn: alarm.arn } as const;
  const region = REGIONS[cloud.region] ?? cloud.region;
  return deliver(cloud, principal, action, {
    subject: `${alarm.current.state}: "${alarm.name}" in ${region}`.slice(0, MAX_SUBJECT),
    body: JSON.stringify(notification(cloud, alarm, former, region)),
  });
}

/** As it is received; AWS has no page on it. */
function notification(cloud: Cloud, { arn, input, current, configuredAt }: MetricAlarm, former: StateChange, region: string) {
  return {
    AlarmName: input.AlarmName,
    AlarmDescription: input.AlarmDescription ?? null,
    AWSAccountId: cloud.accountId,
    AlarmConfigurationUpdatedTimestamp: iso(configuredAt),
    NewStateValue: current.state,
    NewStateReason: current.reason,
    StateChangeTime: iso(current.at),
    Region: region,
    AlarmArn: arn,
    OldStateValue: former.state,
    OKActions: input.OKActions ?? [],
    AlarmActions: input.AlarmActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
    Trigger: {
      ...(input.Metrics
        ? { Metrics: input.Metrics }
        : {
            MetricName: input.MetricName,
            Namespace: input.Namespace,
            StatisticType: input.ExtendedStatistic ? 'ExtendedStatistic' : 'Statistic',
            ...(input.ExtendedStatistic
              ? { ExtendedStatistic: input.ExtendedStatistic }
              : { Statistic: (input.Statistic ?? 'Average').toUpperCase() }),
            Unit: input.Unit ?? null,
            Dimensions: (input.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
          }),
      Period: Number(input.Period ?? 0),
      EvaluationPeriods: Number(input.EvaluationPeriods ?? 1),
      ...(input.DatapointsToAlarm !== undefined && { DatapointsToAlarm: Number(input.DatapointsToAlarm) }),
      ComparisonOperator: input.ComparisonOperator,
      Threshold: Number(input.Threshold),
      TreatMissingData: input.TreatMissingData ?? 'missing',
      EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile ?? '',
    },
  };
}

const stateOf = ({ state, reason, reasonData, at }: StateChange) => ({
  value: state,
  reason,
  ...(reasonData && { reasonData }),
  timestamp: iso(at),
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
function functionEvent(cloud: Cloud, alarm: MetricAlarm, former: StateChange) {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: cloud.accountId,
    time: iso(alarm.current.at),
    region: cloud.region,
    alarmData: {
      alarmName: alarm.name,
      state: stateOf(alarm.current),
      previousState: stateOf(former),
      configuration: configuration(alarm.input),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
function tell(cloud: Cloud, alarm: MetricAlarm, former: StateChange): void {
  cloud.emit({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      state: stateOf(alarm.current),
      previousState: stateOf(former),
      configuration: configuration(alarm.input) as Json,
    },
  });
}

function configuration(input: AlarmInput) {
  const { AlarmDescription: description, Metrics, Namespace, MetricName, Dimensions = [], Statistic, ExtendedStatistic, Period } = input;
  const dimensions = (given: AlarmInput['Dimensions'] = []) => Object.fromEntries(given.map(({ Name, Value }) => [Name, Value]));
  const metric = (namespace = '', name = '', given = Dimensions) => ({ namespace, name, dimensions: dimensions(given) });
  return {
    ...(description && { description }),
    metrics: Metrics?.map(({ Id: id, Expression: expression, MetricStat, ReturnData }) => ({
      id,
      ...(expression && { expression }),
      ...(MetricStat && {
        metricStat: {
          metric: metric(MetricStat.Metric.Namespace, MetricStat.Metric.MetricName, MetricStat.Metric.Dimensions),
          period: Number(MetricStat.Period),
          stat: MetricStat.Stat,
        },
      }),
      returnData: ReturnData === undefined || String(ReturnData) === 'true',
    })) ?? [
      {
        id: 'm1',
        metricStat: {
          metric: metric(Namespace, MetricName),
          period: Number(Period ?? 60),
          stat: Statistic ?? ExtendedStatistic ?? 'Average',
        },
        returnData: true,
      },
    ],
  };
}
