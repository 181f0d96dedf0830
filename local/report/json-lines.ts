import { placeholdersIn } from '../assembly';
import type { ScenarioResult } from '../scenario/play';
import type { Pattern } from '../scenario/scenario';
import { coverageOf } from './coverage';

/** A scenario's result as one line of JSON. */
export function jsonLine(pattern: Pattern, result: ScenarioResult): string {
  return JSON.stringify({ pattern: pattern.name, scenario: result.scenario, ...outcome(result) });
}

/** The same of a run that belongs to no scenario. */
export function appJsonLine(stateMachine: string, result: ScenarioResult): string {
  const placeholders = placeholdersIn(result.resources).map(({ value, ...placeholder }) => placeholder);
  return JSON.stringify({ stateMachine, ...outcome(result), placeholders });
}

function outcome(result: ScenarioResult) {
  const { asExpected, status, output, error, cause, transitions, virtualSeconds, statesVisited, problems } = result;
  const { accessMode, deniedCalls, unusedPermissions, widePermissions } = result;
  return {
    asExpected,
    status,
    ...(status === 'SUCCEEDED' ? { output } : { error, cause }),
    transitions,
    virtualSeconds,
    statesVisited,
    accessMode,
    deniedCalls,
    unusedPermissions,
    widePermissions,
    coverage: coverageOf([result]).figures,
    problems,
  };
}
