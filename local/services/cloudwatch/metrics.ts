/** What was measured. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
import { ApiError } from '../../cloud-types';

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

/** A value that was measured `count` times. */
export interface Sample {
  readonly at: number;
  readonly value: number;
  readonly count: number;
  readonly unit: string;
}

/** "Metrics expire after 15 months". */
const KEPT_MS = 455 * 24 * 3600 * 1000;

/** The metrics of the account and region. */
export class Metrics {
  /** In the order of time. */
  readonly #series = new Map<string, Sample[]>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What a service says of itself, now. */
  record(namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number, unit = 'Count'): void {
    const id = { namespace, name, dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) };
    this.add(id, [{ at: this.#now(), value, count: 1, unit }]);
  }

  add(id: MetricId, samples: readonly Sample[]): void {
    const key = keyOf(id);
    const series = this.#series.get(key) ?? [];
    this.#series.set(key, series);
    const inOrder = (series.at(-1)?.at ?? 0) <= Math.min(...samples.map(({ at }) => at));
    series.push(...samples);
    if (!inOrder) series.sort((a, b) => a.at - b.at);
    while (series[0]?.at < this.#now() - KEPT_MS) series.shift();
    for (const wake of this.#watchers.get(key) ?? []) wake();
  }

  /** Tells of every new sample, until what it gives is called. */
  watch(id: MetricId, wake: () => void): () => void {
    const key = keyOf(id);
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(wake));
    return () => watchers.delete(wake);
  }

  /** Undefined where nothing was measured from `from` until before `to`. */
  statistic(id: MetricId, statistic: string, from: number, to: number, unit?: string): number | undefined {
    const series = this.#series.get(keyOf(id)) ?? [];
    const samples = series.slice(firstAt(series, from), firstAt(series, to)).filter((sample) => unit === undefined || sample.unit === unit);
    return samples.length === 0 ? undefined : aggregate(samples, statistic);
  }
}

/** The index of the first sample that isn't before `at`. */
function firstAt(series: readonly Sample[], at: number): number {
  let [low, high] = [0, series.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (series[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, dimensions.map(({ Name, Value }) => [Name, Value]).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function aggregate(samples: readonly Sample[], statistic: string): number {
  const values = samples.map(({ value }) => value);
  const count = samples.reduce((total, sample) => total + sample.count, 0);
  const sum = samples.reduce((total, sample) => total + sample.value * sample.count, 0);
  switch (statistic) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    default:
      return percentile(samples, count, percentageOf(statistic));
  }
}

/** Of "p99.9". */
function percentageOf(statistic: string): number {
  const percentage = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
  if (percentage === undefined)
    throw new ApiError('InvalidParameterValue', `The value ${statistic} for parameter Statistic is not supported.`);
  return Number(percentage);
}

/** The value below which this part of the samples lies, between two of them in proportion. */
function percentile(samples: readonly Sample[], count: number, percentage: number): number {
  const sorted = [...samples].sort((a, b) => a.value - b.value);
  const rank = (percentage / 100) * (count - 1);
  const valueAt = (index: number): number => {
    let seen = 0;
    for (const { value, count: times } of sorted) {
      seen += times;
      if (index < seen) return value;
    }
    return sorted[sorted.length - 1].value;
  };
  const [low, high] = [valueAt(Math.floor(rank)), valueAt(Math.ceil(rank))];
  return low + (high - low) * (rank - Math.floor(rank));
}
