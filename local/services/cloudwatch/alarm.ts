import type { Cloud } from '../../cloud-types';
import { isTrue } from '../identifiers';
import { type Expression, parseExpression } from './expression';
import type { Dimension, MetricId, Metrics } from './metrics';

export type ComparisonOperator =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';
export type TreatMissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, and the properties of AWS::CloudWatch::Alarm. */
export interface AlarmInput {
  readonly AlarmName: string;
  readonly AlarmDescription?: string;
  readonly ActionsEnabled?: boolean | string;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Unit?: string;
  readonly Period?: number | string;
  readonly Metrics?: readonly MetricQuery[];
  readonly EvaluationPeriods?: number | string;
  readonly DatapointsToAlarm?: number | string;
  readonly Threshold?: number | string;
  readonly ThresholdMetricId?: string;
  readonly ComparisonOperator: string;
  readonly TreatMissingData?: string;
  readonly EvaluateLowSampleCountPercentile?: string;
}

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions?: readonly Dimension[] };
    readonly Period: number | string;
    readonly Stat: string;
    readonly Unit?: string;
  };
  readonly Period?: number | string;
  readonly ReturnData?: boolean | string;
}

/** What an alarm looks at: a value for each period. */
export interface Watched {
  readonly metrics: readonly MetricId[];
  readonly periodMs: number;
  value(metrics: Metrics, from: number, to: number): number | undefined;
}

/** What the alarm watches, or what the local cloud doesn't know of it. */
export function watchedBy(cloud: Cloud, input: AlarmInput): Watched | string {
  if (input.ThresholdMetricId !== undefined) return 'alarms on anomaly detection';
  if (!/^(Greater|Less)Than(OrEqualTo)?Threshold$/.test(input.ComparisonOperator)) return `the comparison ${input.ComparisonOperator}`;
  if (!input.Metrics) {
    const { Namespace: namespace = '', MetricName: name = '', Dimensions: dimensions = [], Unit } = input;
    const statistic = input.Statistic ?? input.ExtendedStatistic ?? 'Average';
    return single({ namespace, name, dimensions }, statistic, Number(input.Period ?? 60) * 1000, Unit);
  }
  const returned = input.Metrics.find(({ ReturnData }) => ReturnData === undefined || isTrue(ReturnData));
  return returned ? query(cloud, input.Metrics, returned, []) : 'alarms without a metric that returns data';
}

const single = (id: MetricId, statistic: string, periodMs: number, unit?: string): Watched => ({
  metrics: [id],
  periodMs,
  value: (metrics, from, to) => metrics.statistic(id, statistic, from, to, unit),
});

function query(cloud: Cloud, all: readonly MetricQuery[], wanted: MetricQuery, above: readonly string[]): Watched | string {
  const { MetricStat, Expression: text = '' } = wanted;
  if (MetricStat) {
    const { Namespace: namespace, MetricName: name, Dimensions: dimensions = [] } = MetricStat.Metric;
    return single({ namespace, name, dimensions }, MetricStat.Stat, Number(MetricStat.Period) * 1000, MetricStat.Unit);
  }
  const expression: Expression | undefined = parseExpression(text);
  const unknown = `the metric math expression "${text}"`;
  if (!expression || above.includes(wanted.Id)) return unknown;
  const ids = all.filter(({ Id }) => new RegExp(`\\b${Id}\\b`).test(text));
  const parts = new Map<string, Watched>();
  for (const part of ids) {
    const read = query(cloud, all, part, [...above, wanted.Id]);
    if (typeof read === 'string') return read;
    parts.set(part.Id, read);
  }
  const watched = [...parts.values()];
  if (watched.length === 0) return unknown;
  return {
    metrics: watched.flatMap(({ metrics }) => metrics),
    periodMs: Math.max(...watched.map(({ periodMs }) => periodMs)),
    value: (metrics, from, to) => expression((id) => parts.get(id)?.value(metrics, from, to)),
  };
}
