/** Amazon CloudWatch: metrics of the run, and alarms on them. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ */

import { ApiError, type Cloud, type Service } from '../../cloud-types';
import { notImplemented } from '../errors';
import { arn } from '../identifiers';
import { page } from '../paging';
import { act } from './actions';
import { type AlarmInput, watchedBy } from './alarm';
import type { AlarmState } from './evaluate';
import { MetricAlarm, type StateChange } from './metric-alarm';
import type { Dimension, MetricId, Metrics, Sample } from './metrics';

export interface CloudWatchService extends Service {
  /** Ends the alarms. */
  dispose(): void;
}

interface MetricDatum {
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Timestamp?: Date;
  readonly Value?: number;
  readonly Values?: readonly number[];
  readonly Counts?: readonly number[];
  readonly StatisticValues?: unknown;
  readonly Unit?: string;
}

interface StatisticsInput {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly Period: number;
  readonly Statistics?: readonly string[];
  readonly ExtendedStatistics?: readonly string[];
  readonly Unit?: string;
}

/** @param measure told of each metric that an alarm watches, for what is measured only then */
export function createCloudWatch(cloud: Cloud, metrics: Metrics, measure: (id: MetricId) => void = () => {}): CloudWatchService {
  const alarms = new Map<string, MetricAlarm>();
  const changed = (alarm: MetricAlarm, former: StateChange) => act(cloud, alarm, former);
  const alarmArn = (name: string): string => arn(cloud, 'cloudwatch', `alarm:${name}`);
  const onAlarms = (action: string, names: readonly string[]) =>
    names.map((name) => ({ action: `cloudwatch:${action}`, resource: alarmArn(name) }));

  function put(input: AlarmInput): MetricAlarm {
    const former = alarms.get(input.AlarmName);
    const alarm = new MetricAlarm(cloud, metrics, alarmArn(input.AlarmName), input, watchedBy(cloud, input), changed, former);
    former?.dispose();
    if (typeof alarm.watched !== 'string') alarm.watched.metrics.forEach(measure);
    alarms.set(alarm.name, alarm);
    return alarm;
  }

  function find(name: string): MetricAlarm {
    const alarm = alarms.get(name);
    if (!alarm) throw new ApiError('ResourceNotFound', `Alarm ${name} does not exist.`, 404);
    return alarm;
  }

  /** An alarm that nobody evaluates has no state to tell. */
  function described(alarm: MetricAlarm) {
    if (typeof alarm.watched === 'string') throw notImplemented(`${alarm.watched} (alarm ${alarm.name})`);
    const { input, current, configuredAt, actionsEnabled } = alarm;
    const { Period, EvaluationPeriods = 1, DatapointsToAlarm, Threshold } = input;
    const number = (value: unknown) => (value === undefined ? undefined : Number(value));
    return {
      ...input,
      AlarmArn: alarm.arn,
      ActionsEnabled: actionsEnabled,
      OKActions: input.OKActions ?? [],
      AlarmActions: input.AlarmActions ?? [],
      InsufficientDataActions: input.InsufficientDataActions ?? [],
      Dimensions: input.Dimensions ?? [],
      Period: number(Period),
      EvaluationPeriods: number(EvaluationPeriods),
      DatapointsToAlarm: number(DatapointsToAlarm),
      Threshold: number(Threshold),
      AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
      StateValue: current.state,
      StateReason: current.reason,
      StateReasonData: current.reasonData,
      StateUpdatedTimestamp: new Date(current.at),
      StateTransitionedTimestamp: new Date(current.at),
    };
  }

  function setActions(names: readonly string[], enabled: boolean): void {
    for (const name of names) {
      const alarm = alarms.get(name);
      if (alarm) alarm.actionsEnabled = enabled;
    }
  }

  return {
    name: 'cloudwatch',
    operations: {
      PutMetricData: {
        access: ({ Namespace }) => [
          { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace ?? '' } },
        ],
        run({ Namespace, MetricData = [] }: { Namespace: string; MetricData?: readonly MetricDatum[] }) {
          if (Namespace.startsWith('AWS/')) throw invalid("The value AWS/ for parameter Namespace is invalid: it can't begin with it.");
          const all = MetricData.map((datum) => ({ datum, samples: samplesOf(datum, cloud.clock.now()) }));
          for (const { datum, samples } of all) {
            metrics.add({ namespace: Namespace, name: datum.MetricName, dimensions: datum.Dimensions ?? [] }, samples);
          }
        },
      },
      GetMetricStatistics: {
        access: () => [{ action: 'cloudwatch:GetMetricStatistics', resource: '*' }],
        run: (input: StatisticsInput) => ({ Label: input.MetricName, Datapoints: statistics(metrics, input) }),
      },
      PutMetricAlarm: {
        access: ({ AlarmName }) => onAlarms('PutMetricAlarm', [AlarmName]),
        run: (input: AlarmInput) => void put(input),
      },
      DescribeAlarms: {
        access: ({ AlarmNames }) =>
          AlarmNames?.length > 0
            ? onAlarms('DescribeAlarms', AlarmNames)
            : [{ action: 'cloudwatch:DescribeAlarms', resource: alarmArn('*') }],
        run(input: {
          AlarmNames?: readonly string[];
          AlarmNamePrefix?: string;
          StateValue?: string;
          MaxRecords?: number;
          NextToken?: string;
        }) {
          const all = [...alarms.values()].filter(
            ({ name, current }) =>
              (input.AlarmNames?.includes(name) ?? true) &&
              name.startsWith(input.AlarmNamePrefix ?? '') &&
              (input.StateValue ?? current.state) === current.state,
          );
          const { items, nextToken } = page(all, input.MaxRecords ?? 50, input.NextToken);
          return { MetricAlarms: items.map(described), CompositeAlarms: [], NextToken: nextToken };
        },
      },
      DeleteAlarms: {
        access: ({ AlarmNames }) => onAlarms('DeleteAlarms', AlarmNames),
        run({ AlarmNames }: { AlarmNames: readonly string[] }) {
          for (const alarm of AlarmNames.map(find)) {
            alarm.dispose();
            alarms.delete(alarm.name);
          }
        },
      },
      /** For a while: the next evaluation says how it is. */
      SetAlarmState: {
        access: ({ AlarmName }) => onAlarms('SetAlarmState', [AlarmName]),
        run(input: { AlarmName: string; StateValue: AlarmState; StateReason: string; StateReasonData?: string }) {
          const alarm = find(input.AlarmName);
          alarm.change({
            state: input.StateValue,
            reason: input.StateReason,
            reasonData: input.StateReasonData,
            at: cloud.clock.now(),
          });
          alarm.start();
        },
      },
      EnableAlarmActions: {
        access: ({ AlarmNames }) => onAlarms('EnableAlarmActions', AlarmNames),
        run: ({ AlarmNames }: { AlarmNames: readonly string[] }) => setActions(AlarmNames, true),
      },
      DisableAlarmActions: {
        access: ({ AlarmNames }) => onAlarms('DisableAlarmActions', AlarmNames),
        run: ({ AlarmNames }: { AlarmNames: readonly string[] }) => setActions(AlarmNames, false),
      },
    },
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CloudWatch.html */
    resources: {
      'AWS::CloudWatch::Alarm': {
        create(resource) {
          const AlarmName: string = resource.properties.AlarmName ?? resource.physicalName();
          const alarm = put({ ...(resource.properties as AlarmInput), AlarmName });
          return { ref: AlarmName, attributes: { Arn: alarm.arn } };
        },
      },
      /** It is there, but nothing evaluates it, and whoever asks for it is told so. */
      'AWS::CloudWatch::CompositeAlarm': {
        create(resource) {
          const AlarmName: string = resource.properties.AlarmName ?? resource.physicalName();
          const input = { ...(resource.properties as AlarmInput), AlarmName };
          const alarm = new MetricAlarm(cloud, metrics, alarmArn(AlarmName), input, 'composite alarms', changed);
          alarms.set(AlarmName, alarm);
          return { ref: AlarmName, attributes: { Arn: alarm.arn } };
        },
      },
    },
    dispose() {
      for (const alarm of alarms.values()) alarm.dispose();
    },
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
function samplesOf({ MetricName, Timestamp, Value, Values, Counts, StatisticValues, Unit = 'None' }: MetricDatum, now: number): Sample[] {
  if (StatisticValues !== undefined) throw notImplemented('StatisticValues of cloudwatch:PutMetricData');
  if ((Value === undefined) === (Values === undefined)) {
    throw invalid(`The parameters Value and Values are mutually exclusive, and one of them is required (metric ${MetricName}).`);
  }
  if (Values && Counts && Values.length !== Counts.length) {
    throw invalid(`The parameters Values and Counts of metric ${MetricName} must be of the same size.`);
  }
  const at = Timestamp?.getTime() ?? now;
  return (Values ?? [Value as number]).map((value, i) => ({ at, value, count: Counts?.[i] ?? 1, unit: Unit }));
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
function statistics(metrics: Metrics, input: StatisticsInput): object[] {
  const {
    Namespace: namespace,
    MetricName: name,
    Dimensions: dimensions = [],
    Period,
    Unit,
    Statistics = [],
    ExtendedStatistics = [],
  } = input;
  const step = Period * 1000;
  const start = Math.floor(input.StartTime.getTime() / step) * step;
  const found: object[] = [];
  const value = (statistic: string, from: number) => metrics.statistic({ namespace, name, dimensions }, statistic, from, from + step, Unit);
  for (let from = start; from < input.EndTime.getTime(); from += step) {
    if (value('SampleCount', from) === undefined) continue;
    found.push({
      Timestamp: new Date(from),
      ...Object.fromEntries(Statistics.map((statistic) => [statistic, value(statistic, from)])),
      ...(ExtendedStatistics.length > 0 && {
        ExtendedStatistics: Object.fromEntries(ExtendedStatistics.map((statistic) => [statistic, value(statistic, from)])),
      }),
    });
  }
  return found;
}

function invalid(message: string): ApiError {
  return new ApiError('InvalidParameterValue', message);
}
