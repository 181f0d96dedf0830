/** From data points to a state. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
import type { ComparisonOperator, TreatMissingData } from './alarm';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export const COMPARISONS: Readonly<
  Record<ComparisonOperator, { readonly words: string; test(value: number, threshold: number): boolean }>
> = {
  GreaterThanThreshold: { words: 'greater than', test: (value, threshold) => value > threshold },
  GreaterThanOrEqualToThreshold: { words: 'greater than or equal to', test: (value, threshold) => value >= threshold },
  LessThanThreshold: { words: 'less than', test: (value, threshold) => value < threshold },
  LessThanOrEqualToThreshold: { words: 'less than or equal to', test: (value, threshold) => value <= threshold },
};

/** The evaluation range: how much further back than the evaluation periods. AWS's tables show five points for three periods. */
const FURTHER_BACK = 2;

export const rangeOf = (evaluationPeriods: number): number => evaluationPeriods + FURTHER_BACK;

/**
 * @param points of the evaluation range, the oldest first: whether each is breaching; undefined where there is no data
 * @returns undefined where the state stays as it is
 */
export function stateOf(
  points: readonly (boolean | undefined)[],
  evaluationPeriods: number,
  datapointsToAlarm: number,
  treatment: TreatMissingData,
): AlarmState | undefined {
  const real = points.filter((point) => point !== undefined);
  const missing = evaluationPeriods - real.length;
  const breaching = real.slice(-evaluationPeriods).filter(Boolean).length;
  const either = (alarm: boolean): AlarmState => (alarm ? 'ALARM' : 'OK');
  if (missing <= 0) return either(breaching >= datapointsToAlarm);
  switch (treatment) {
    case 'breaching':
      return either(breaching + missing >= datapointsToAlarm);
    case 'notBreaching':
      return either(breaching >= datapointsToAlarm);
    case 'missing':
      if (real.length === 0) return 'INSUFFICIENT_DATA';
      return either(breaching >= datapointsToAlarm || breaching === real.length);
    case 'ignore':
      if (breaching >= datapointsToAlarm) return 'ALARM';
      return breaching < real.length ? 'OK' : undefined;
  }
}
