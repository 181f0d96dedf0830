import type { MapState } from '../../../lib/asl/definition';
import { runtimeFault } from '../errors';
import { numberField } from '../states/map-fields';
import type { Visit } from '../visit';

/**
 * How many of its items may fail before a Distributed Map fails: none, unless it says so.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold
 */
export class Tolerance {
  constructor(
    readonly count: number | undefined,
    readonly percentage: number | undefined,
  ) {}

  static async of(visit: Visit<MapState>): Promise<Tolerance> {
    const count = await numberField(visit, 'ToleratedFailureCount', 'integer');
    if (count !== undefined && count < 0) throw runtimeFault('ToleratedFailureCount cannot be negative.');
    const percentage = await numberField(visit, 'ToleratedFailurePercentage', 'float');
    if (percentage !== undefined && !(percentage >= 0 && percentage <= 100)) {
      throw runtimeFault('ToleratedFailurePercentage must be between 0 and 100.');
    }
    return new Tolerance(count, percentage);
  }

  /**
   * `total` is known when all items have been read; before that a percentage can't be told. A threshold of 0 is none, as measured by others:
   * https://github.com/iwamot/sfnx/blob/main/docs/design.md#states
   */
  exceeded(failed: number, total: number | undefined): boolean {
    if (!this.count && !this.percentage) return failed > 0;
    if (this.count && failed > this.count) return true;
    return !!this.percentage && total !== undefined && total > 0 && (100 * failed) / total > this.percentage;
  }
}
