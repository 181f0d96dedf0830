/**
 * When the checks taken together flag the input. Whatever the rule, a check that could not be carried out flags it: an error is never
 * "not flagged".
 */
export class CheckRule {
  /** One flagged check is enough. */
  public static anyFlagged(): CheckRule {
    return CheckRule.atLeastFlagged(1);
  }

  /** Every check has to be flagged. */
  public static allFlagged(): CheckRule {
    return new CheckRule(
      (results) => `$count(${flagged(results)}) = ${results.length}`,
      () => undefined,
    );
  }

  /** At least so many checks have to be flagged. */
  public static atLeastFlagged(count: number): CheckRule {
    return new CheckRule(
      (results) => `$count(${flagged(results)}) >= ${count}`,
      (names) =>
        Number.isInteger(count) && count >= 1 && count <= names.length
          ? undefined
          : `atLeastFlagged(${count}) can't decide over ${names.length} checks: give a whole number from 1 to ${names.length}`,
    );
  }

  /** The scores of all checks together have to reach a threshold; a check without a score counts 0. */
  public static totalScore(threshold: number): CheckRule {
    return new CheckRule(
      (results) => `$sum([0, ${results.map((result) => `${result}.score`).join(', ')}]) >= ${threshold}`,
      () => (Number.isFinite(threshold) ? undefined : `totalScore(${threshold}) is no threshold: give a finite number`),
    );
  }

  private constructor(
    private readonly condition: (results: string[]) => string,
    private readonly problem: (names: string[]) => string | undefined,
  ) {}

  /**
   * A JSONata condition.
   * @param results JSONata paths of the checks' results
   * @internal
   */
  public _flags(results: string[]): string {
    const problem = this.problem(results);
    if (problem) throw new Error(problem);
    const failed = results.map((result) => `$exists(${result}.error)`).join(' or ');
    return `(${this.condition(results)}) or ${failed}`;
  }
}

function flagged(results: string[]): string {
  return `[${results.map((result) => `${result}.flagged`).join(', ')}][$]`;
}
