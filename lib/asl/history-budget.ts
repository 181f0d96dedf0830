/**
 * How many events a Standard execution can write before AWS ends it at 25,000: loops, retries and large inline Maps run into that.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
import type { MapState, ParallelState, State, TaskState, Workflow } from './definition';
import { Quota } from './quotas';
import { parseResource } from './resource';

export interface HistoryBudget {
  /** Events on the longest way through the workflow, every state entered once, every retry made, and no item in any inline Map. */
  readonly events: number;
  /** Inline Maps: what each item costs, and how many items there can be. */
  readonly maps: readonly MapBudget[];
  /** States that can be entered again: a loop's cost has no bound, so it needs one of its own. */
  readonly loops: readonly LoopBudget[];
}

export interface MapBudget {
  /** Such as `/States/Each`. */
  readonly location: string;
  readonly eventsPerItem: number;
  readonly mostItems: number;
}

export interface LoopBudget {
  /** The state that leads back. */
  readonly location: string;
  readonly eventsPerRound: number;
  readonly mostRounds: number;
}

/** ExecutionStarted, and one for the end. */
const FRAME = 2;
const DEFAULT_ATTEMPTS = 3;

export function historyBudget(workflow: Workflow): HistoryBudget {
  const costs: { location: string; eventsPerItem: number }[] = [];
  const loops: { location: string; eventsPerRound: number }[] = [];
  const events = FRAME + longestWay(workflow, '', costs, loops);
  const left = Quota.HISTORY_EVENTS - events;
  const most = (cost: number) => Math.max(0, Math.floor(left / cost));
  return {
    events,
    maps: costs.map((map) => ({ ...map, mostItems: most(map.eventsPerItem) })),
    loops: loops.map((loop) => ({ ...loop, mostRounds: most(loop.eventsPerRound) })),
  };
}

type MapCosts = { location: string; eventsPerItem: number }[];
type LoopCosts = { location: string; eventsPerRound: number }[];

/** The events of the dearest way from StartAt to an end; a way back is noted as a loop and not gone. */
function longestWay(workflow: Workflow, at: string, maps: MapCosts, loops: LoopCosts): number {
  const own = new Map(
    Object.entries(workflow.States).map(([name, state]) => [name, stateEvents(state, `${at}/States/${name}`, maps, loops)]),
  );
  const known = new Map<string, number>();
  const way: string[] = [];
  const cost = (name: string): number => {
    const state = workflow.States[name];
    if (!state) return 0;
    const before = known.get(name);
    if (before !== undefined) return before;
    way.push(name);
    let rest = 0;
    for (const next of nextStates(state)) {
      const back = way.indexOf(next);
      if (back < 0) rest = Math.max(rest, cost(next));
      else loops.push({ location: `${at}/States/${name}`, eventsPerRound: way.slice(back).reduce((sum, n) => sum + (own.get(n) ?? 0), 0) });
    }
    way.pop();
    const total = (own.get(name) ?? 0) + rest;
    known.set(name, total);
    return total;
  };
  return cost(workflow.StartAt);
}

function nextStates(state: State): string[] {
  const next = state.Next === undefined ? [] : [state.Next];
  if (state.Type === 'Choice') return [...state.Choices.map((c) => c.Next), state.Default].filter((n) => n !== undefined);
  const caught = 'Catch' in state ? (state.Catch ?? []).map((c) => c.Next) : [];
  return [...next, ...caught];
}

/** Entered and exited, and what comes between, as often as Retry allows. */
function stateEvents(state: State, at: string, maps: MapCosts, loops: LoopCosts): number {
  switch (state.Type) {
    case 'Fail':
      return 1;
    case 'Task':
      return 2 + attempts(state) * taskEvents(state);
    case 'Parallel': {
      const inside = state.Branches.map((branch, i) => longestWay(branch, `${at}/Branches[${i}]`, maps, loops));
      return 2 + attempts(state) * (2 + inside.reduce((sum, n) => sum + n, 0));
    }
    case 'Map':
      return 2 + attempts(state) * mapEvents(state, at, maps, loops);
    default:
      return 2;
  }
}

function attempts(state: TaskState | ParallelState | MapState): number {
  return 1 + (state.Retry ?? []).reduce((sum, retrier) => sum + (retrier.MaxAttempts ?? DEFAULT_ATTEMPTS), 0);
}

/** Scheduled, started and ended, and submitted in between where a job or a token is waited for. */
function taskEvents(state: TaskState): number {
  const resource = parseResource(state.Resource);
  return resource?.kind === 'service' && resource.pattern !== 'request-response' ? 4 : 3;
}

/** Without its iterations: they are told by the item. The children of a Distributed Map have histories of their own. */
function mapEvents(state: MapState, at: string, maps: MapCosts, loops: LoopCosts): number {
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) return 2;
  if (processor.ProcessorConfig?.Mode === 'DISTRIBUTED') return 4;
  const inner: MapCosts = [];
  const perItem = 2 + longestWay(processor, `${at}/ItemProcessor`, inner, loops);
  maps.push({ location: at, eventsPerItem: perItem * attempts(state) }, ...inner);
  return 2;
}
