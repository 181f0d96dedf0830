/** An alarm that runs. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html */
import type { Cloud } from '../../cloud-types';
import { inBackground } from '../background';
import { isTrue } from '../identifiers';
import type { AlarmInput, ComparisonOperator, TreatMissingData, Watched } from './alarm';
import { type AlarmState, COMPARISONS, rangeOf, stateOf } from './evaluate';
import type { Metrics } from './metrics';

/** "If the period is a minute or longer, an alarm is evaluated every minute", else every ten seconds. */
const [MINUTE_MS, SHORT_MS] = [60_000, 10_000];

export interface StateChange {
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData?: string;
  readonly at: number;
}

export class MetricAlarm {
  actionsEnabled: boolean;
  current: StateChange;
  readonly configuredAt: number;
  private running = false;
  private readonly ended = new AbortController();
  private readonly unwatch: readonly (() => void)[];

  /**
   * @param watched what it watches, or what the local cloud doesn't know of it: then it stays as it is
   * @param onChange actions follow a change of state, and nothing else
   */
  constructor(
    private readonly cloud: Cloud,
    private readonly metrics: Metrics,
    readonly arn: string,
    readonly input: AlarmInput,
    readonly watched: Watched | string,
    private readonly onChange: (alarm: MetricAlarm, former: StateChange) => void,
    former?: MetricAlarm,
  ) {
    this.actionsEnabled = input.ActionsEnabled === undefined || isTrue(input.ActionsEnabled);
    this.configuredAt = cloud.clock.now();
    this.current = former?.current ?? {
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      at: this.configuredAt,
    };
    this.unwatch = typeof watched === 'string' ? [] : watched.metrics.map((id) => metrics.watch(id, () => this.start()));
    this.start();
  }

  get name(): string {
    return this.input.AlarmName;
  }

  dispose(): void {
    this.ended.abort();
    for (const unwatch of this.unwatch) unwatch();
  }

  /** Looks at the metric for as long as there is anything to be seen: an alarm without data sets no timers. */
  start(): void {
    if (this.running || typeof this.watched === 'string') return;
    this.running = true;
    inBackground(this.run(this.watched));
  }

  private async run(watched: Watched): Promise<void> {
    const interval = watched.periodMs >= MINUTE_MS ? MINUTE_MS : SHORT_MS;
    try {
      for (let data = true; data; ) {
        await this.cloud.clock.sleepUntil((Math.floor(this.cloud.clock.now() / interval) + 1) * interval, this.ended.signal);
        data = this.evaluate(watched);
      }
    } catch (error) {
      if (!this.ended.signal.aborted) throw error;
    } finally {
      this.running = false;
    }
  }

  /** Whether there was any data. */
  private evaluate(watched: Watched): boolean {
    const periods = Number(this.input.EvaluationPeriods ?? 1);
    const threshold = Number(this.input.Threshold);
    const needed = Number(this.input.DatapointsToAlarm ?? periods);
    const operator = this.input.ComparisonOperator as ComparisonOperator;
    const now = this.cloud.clock.now();
    const points = Array.from({ length: rangeOf(periods) }, (_, i) => {
      const from = now - (rangeOf(periods) - i) * watched.periodMs;
      return { from, value: watched.value(this.metrics, from, from + watched.periodMs) };
    });
    const breaching = points.map(({ value }) => (value === undefined ? undefined : COMPARISONS[operator].test(value, threshold)));
    const state = stateOf(breaching, periods, needed, (this.input.TreatMissingData ?? 'missing') as TreatMissingData);
    const real = points.filter((point): point is { from: number; value: number } => point.value !== undefined);
    if (state !== undefined && state !== this.current.state) {
      const recent = real.slice(-periods);
      this.change({
        state,
        at: now,
        reason: reasonFor(state, recent, threshold, operator, this.input.TreatMissingData),
        reasonData: JSON.stringify({
          version: '1.0',
          queryDate: iso(now),
          statistic: this.input.Statistic,
          period: watched.periodMs / 1000,
          recentDatapoints: recent.map(({ value }) => value),
          threshold,
          evaluatedDatapoints: recent.map(({ from, value }) => ({ timestamp: iso(from), value })),
        }),
      });
    }
    return real.length > 0;
  }

  change(next: StateChange): void {
    const former = this.current;
    this.current = next;
    if (former.state !== next.state) this.onChange(this, former);
  }
}

export const iso = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** "Threshold Crossed: 1 datapoint [3.0 (05/01/26 09:00:00)] was greater than or equal to the threshold (1.0)." */
function reasonFor(
  state: AlarmState,
  recent: readonly { readonly from: number; readonly value: number }[],
  threshold: number,
  operator: ComparisonOperator,
  treatment: string | undefined,
): string {
  const how = (count: number) => `${count} ${count === 1 ? 'datapoint' : 'datapoints'}`;
  if (state === 'INSUFFICIENT_DATA') return 'Insufficient Data: no datapoints were received for the evaluation range.';
  if (recent.length === 0) {
    const as = state === 'ALARM' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: no datapoints were received and the missing ones were treated as [${as}] (${treatment}).`;
  }
  const shown = recent.map(({ from, value }) => `${decimal(value)} (${day(from)})`).join(', ');
  const was = `${recent.length === 1 ? 'was' : 'were'}${state === 'OK' ? ' not' : ''}`;
  return `Threshold Crossed: ${how(recent.length)} [${shown}] ${was} ${COMPARISONS[operator].words} the threshold (${decimal(threshold)}).`;
}

const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** 05/01/26 09:00:00: the day first. */
function day(at: number): string {
  const [, year, month, date, time] = /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(at).toISOString()) ?? [];
  return `${date}/${month}/${year} ${time}`;
}
