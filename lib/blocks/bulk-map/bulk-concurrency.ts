import type { Duration } from 'aws-cdk-lib';
import { Quota } from '../../asl/quotas';

/** Of a function's reserved concurrency: what is left is for retries and for children that start before others have quite ended. */
const SHARE = 0.9;

/**
 * How many children of a `BulkMap` run at once. It is derived from what is downstream, because the map itself would go up to 10,000
 * and be throttled.
 */
export class BulkConcurrency {
  /** So many, from 1 to 10,000. */
  public static of(children: number): BulkConcurrency {
    return new BulkConcurrency(children, `of(${children})`);
  }

  /**
   * For work that is one call of a function: nine tenths of the function's reserved concurrency, rounded down, and at least 1.
   * @param reservedConcurrentExecutions as the function has them
   */
  public static ofReserved(reservedConcurrentExecutions: number): BulkConcurrency {
    assertPositive('ofReserved', reservedConcurrentExecutions);
    return new BulkConcurrency(
      Math.max(1, Math.floor(SHARE * reservedConcurrentExecutions)),
      `ofReserved(${reservedConcurrentExecutions})`,
    );
  }

  /**
   * For something that takes so many calls a second: by Little's law the rate times the time that one child takes, rounded down, and at
   * least 1. 50 a second and 400 ms give 20.
   * @param perSecond how many children may end in a second
   * @param duration how long one child takes; the shortest time that is usual, since faster children make more calls
   */
  public static ofRate(perSecond: number, duration: Duration): BulkConcurrency {
    assertPositive('ofRate', perSecond);
    const children = Math.max(1, Math.floor((perSecond * duration.toMilliseconds()) / 1000));
    return new BulkConcurrency(Math.min(children, Quota.DISTRIBUTED_MAP_CONCURRENCY), `ofRate(${perSecond}, ${duration.toHumanString()})`);
  }

  private constructor(
    /** @internal */
    public readonly _children: number,
    name: string,
  ) {
    if (!Number.isInteger(_children) || _children < 1 || _children > Quota.DISTRIBUTED_MAP_CONCURRENCY) {
      throw new Error(
        `concurrency ${name} gives ${_children} children at once: from 1 to ${Quota.DISTRIBUTED_MAP_CONCURRENCY} are possible`,
      );
    }
  }
}

function assertPositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new Error(`concurrency ${name}(${value}) is not above 0: give what is downstream`);
}
