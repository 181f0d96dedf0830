import type { ScenarioResult } from '../scenario/play';
import type { Pattern } from '../scenario/scenario';

/** A scenario's result as one line of JSON. */
export function jsonLine(pattern: Pattern, result: ScenarioResult): string {
  const {
    scenario,
    asExpected,
    status,
    output,
    error,
    cause,
    transitions,
    virtualSeconds,
    statesVisited,
    deniedCalls,
    unusedPermissions,
    problems,
  } = result;
  return JSON.stringify({
    pattern: pattern.name,
    scenario,
    asExpected,
    status,
    ...(status === 'SUCCEEDED' ? { output } : { error, cause }),
    transitions,
    virtualSeconds,
    statesVisited,
    deniedCalls,
    unusedPermissions,
    problems,
  });
}
