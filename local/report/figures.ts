import type { ScenarioResult } from '../scenario/play';
import type { Pattern } from '../scenario/scenario';
import { costOf, perThousandRuns } from './cost';
import { unusedInAll } from './permissions';
import { humanDuration } from './virtual-time';

/** A pattern's row in an overview. */
export interface PatternFigures {
  readonly pattern: string;
  /** "16 of 17" scenarios. */
  readonly asExpected: string;
  /** "5 to 12" */
  readonly transitions: string;
  readonly longest: string;
  /** Estimated, per 1,000 runs. */
  readonly cost: string;
  /** How many permissions no scenario used; "not checked" where access was off. */
  readonly unused: string;
}

export function figuresOf(pattern: Pattern, results: readonly ScenarioResult[]): PatternFigures {
  const costs = results.map((result) => costOf(result).usd).sort((a, b) => a - b);
  const transitions = results.map((result) => result.transitions).sort((a, b) => a - b);
  return {
    pattern: pattern.name,
    asExpected: `${results.filter((result) => result.asExpected).length} of ${results.length}`,
    transitions: range(transitions.map(String)),
    longest: humanDuration(Math.max(...results.map((result) => result.virtualSeconds))),
    cost: range(costs.map(perThousandRuns)),
    unused: results.some(({ accessMode }) => accessMode === 'off') ? 'not checked' : String(unusedInAll(results).length),
  };
}

/** @param ordered the least first */
function range(ordered: readonly string[]): string {
  const [least, most] = [ordered[0], ordered[ordered.length - 1]];
  return least === most ? least : `${least} to ${most}`;
}
