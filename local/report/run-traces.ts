import type { Execution } from '../engine/types';
import { type Traces, tracesOf } from './graph';
import { type StateVisit, visitsOf } from './visits';

export interface RunTraces {
  readonly visits: readonly StateVisit[];
  /** The child executions of its Distributed Maps, and theirs. */
  readonly children: readonly Execution[];
  readonly traces: Traces;
}

/** What happened in a run, in the child executions of its Distributed Maps too. */
export function tracesOfRun({ history, executions }: { history: Execution['history']; executions: readonly Execution[] }): RunTraces {
  const visits = visitsOf(history);
  const children = childrenOf(history, executions);
  const ofChildren = children.flatMap((child) => visitsOf(child.history));
  return { visits, children, traces: tracesOf(visits, ofChildren) };
}

function childrenOf(history: Execution['history'], executions: readonly Execution[]): Execution[] {
  const mapRuns = new Set(history.filter(({ type }) => type === 'MapRunStarted').map((event) => event.mapRunStartedEventDetails.mapRunArn));
  if (mapRuns.size === 0) return [];
  const children = executions.filter(({ mapRunArn }) => mapRuns.has(mapRunArn));
  return children.flatMap((child) => [child, ...childrenOf(child.history, executions)]);
}
