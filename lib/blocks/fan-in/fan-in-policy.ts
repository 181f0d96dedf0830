/** What becomes of branches that fail. */
export class FanInPolicy {
  /** All branches are waited for, and all have to succeed. The cause names every one that failed. */
  public static all(): FanInPolicy {
    return new FanInPolicy('all');
  }

  /** All branches are waited for, and so many have to succeed; 0 takes whatever there is. What failed stands in the outcome. */
  public static atLeast(count: number): FanInPolicy {
    return new FanInPolicy(count);
  }

  /** The first branch that fails ends the others, and is the error. Step Functions stops their jobs as far as it can. */
  public static failFast(): FanInPolicy {
    return new FanInPolicy('failFast');
  }

  private constructor(private readonly least: number | 'all' | 'failFast') {}

  /**
   * How many branches have to succeed; undefined where the first failure ends it.
   * @internal
   */
  public _least(branches: number): number | undefined {
    const { least } = this;
    if (least === 'failFast') return undefined;
    if (least === 'all') return branches;
    if (!Number.isInteger(least) || least < 0 || least > branches) {
      throw new Error(`atLeast(${least}) can't decide over ${branches} branches: give a whole number from 0 to ${branches}`);
    }
    return least;
  }
}
