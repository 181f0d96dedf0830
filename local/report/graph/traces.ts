import type { StateVisit, VisitStatus } from '../visits';
import { allNodes, END, type Graph, type GraphEdge, idOf, START } from './model';

/** What a run did to the nodes and edges of its workflow. */
export interface Traces {
  /** Undefined for a node that was not visited. */
  node(id: string): NodeTrace | undefined;
  taken(edge: GraphEdge): boolean;
}

export interface NodeTrace {
  readonly status: VisitStatus;
  readonly visits: number;
  readonly retries: number;
}

/** Of several visits the worst is shown. */
const WORST_FIRST: readonly VisitStatus[] = ['failed', 'caught', 'aborted', 'running', 'succeeded'];

/** @param ofChildren what happened in the child executions of Distributed Maps */
export function tracesOf(visits: readonly StateVisit[], ofChildren: readonly StateVisit[] = []): Traces {
  const nodes = new Map<string, NodeTrace>();
  const ways = new Set<string>();
  for (const visit of [...visits, ...ofChildren]) {
    const id = idOf(visit.name);
    nodes.set(id, added(nodes.get(id), visit));
    if (visit.next !== undefined) ways.add(wayOf(id, idOf(visit.next), visit.status === 'caught'));
  }
  const outer = visits.filter((visit) => visit.parent === undefined);
  if (outer.length > 0) {
    nodes.set(START, { status: 'succeeded', visits: 1, retries: 0 });
    ways.add(wayOf(START, idOf(outer[0].name), false));
    const last = outer[outer.length - 1];
    if (last.next === undefined && last.status === 'succeeded') {
      ways.add(wayOf(idOf(last.name), END, false));
      nodes.set(END, { status: last.status, visits: 1, retries: 0 });
    }
  }
  return { node: (id) => nodes.get(id), taken: ({ from, to, kind }) => ways.has(wayOf(from, to, kind === 'catch')) };
}

function added(former: NodeTrace | undefined, { status, retries }: StateVisit): NodeTrace {
  if (!former) return { status, visits: 1, retries };
  const worst = WORST_FIRST.find((candidate) => candidate === status || candidate === former.status) ?? status;
  return { status: worst, visits: former.visits + 1, retries: former.retries + retries };
}

function wayOf(from: string, to: string, caught: boolean): string {
  return JSON.stringify([from, to, caught]);
}

/** "8 of 12 states visited", for those who don't see the picture. */
export function coverage(graph: Graph, traces: Traces): { readonly visited: number; readonly states: number } {
  const states = allNodes(graph).filter((node) => node.id !== START && node.id !== END);
  return { visited: states.filter((node) => traces.node(node.id)).length, states: states.length };
}
