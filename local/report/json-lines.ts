import type { ScenarioResult } from '../scenario/play';
import type { Pattern } from '../scenario/scenario';

/** A scenario's result as one line of JSON. */
export function jsonLine(pattern: Pattern, result: ScenarioResult): string {
  return JSON.stringify({ pattern: pattern.name, scenario: result.scenario, ...outcome(result) });
}

/** The same of a run that belongs to no scenario. */
export function appJsonLine(stateMachine: string, result: ScenarioResult): string {
  return JSON.stringify({ stateMachine, ...outcome(result) });
}

function outcome(result: ScenarioResult) {
  const { asExpected, status, output, error, cause, transitions, virtualSeconds, statesVisited, deniedCalls, unusedPermissions, problems } =
    result;
  return {
    asExpected,
    status,
    ...(status === 'SUCCEEDED' ? { output } : { error, cause }),
    transitions,
    virtualSeconds,
    statesVisited,
    deniedCalls,
    unusedPermissions,
    problems,
  };
}
