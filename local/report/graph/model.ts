import type { ChoiceState, Definition, State, Workflow } from '../../../lib/asl/definition';
import { parseResource } from '../../../lib/asl/resource';
import { humanDuration } from '../virtual-time';
import { catchLabel, choiceLabel, type EdgeLabel, OTHERWISE } from './edge-label';

/** A workflow as nodes and edges, before it has places. No edge leads into a Map or a Parallel, or out of it: each holds a graph. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly id: string;
  readonly type: State['Type'] | 'Start' | 'End';
  /** The state's name. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly caption: string;
  /** Where a Map's or a Parallel's branch begins, or the whole workflow. */
  readonly first: boolean;
  /** What a Map or a Parallel holds. */
  readonly inner?: Graph;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'next' | 'choice' | 'catch';
  readonly label?: EdgeLabel;
}

export const START = 'start';
export const END = 'end';

/** State names are unique in a state machine, nested ones included; Start and End are no names. */
export const idOf = (stateName: string): string => `state ${stateName}`;

/** @throws Error if a transition leads nowhere */
export function graphOf(definition: Definition): Graph {
  const { nodes, edges } = graphOfWorkflow(definition);
  const ends = Object.entries(definition.States)
    .filter(([, state]) => state.End === true || state.Type === 'Succeed')
    .map(([name]): GraphEdge => ({ from: idOf(name), to: END, kind: 'next' }));
  // A Fail is an end of its own: a workflow may have no other.
  const end = ends.length > 0 ? [pseudoNode(END, 'End')] : [];
  return {
    nodes: [pseudoNode(START, 'Start'), ...nodes.map((node) => ({ ...node, first: false })), ...end],
    edges: [{ from: START, to: idOf(definition.StartAt), kind: 'next' }, ...edges, ...ends],
  };
}

function pseudoNode(id: string, type: 'Start' | 'End'): GraphNode {
  return { id, type, name: type, caption: '', first: id === START };
}

function graphOfWorkflow(workflow: Workflow): Graph {
  const states = inOrder(workflow).map((name) => [name, workflow.States[name]] as const);
  const edges = merged(states.flatMap(([name, state]) => edgesOf(name, state)));
  for (const { from, to } of edges) {
    if (!states.some(([name]) => idOf(name) === to))
      throw new Error(`the workflow can't be drawn: ${from} goes on to ${to}, which is not there`);
  }
  return { nodes: states.map(([name, state]) => nodeOf(name, state, workflow.StartAt)), edges };
}

function nodeOf(name: string, state: State, startAt: string): GraphNode {
  const workflows = workflowsIn(state);
  const node = { id: idOf(name), type: state.Type, name, caption: captionOf(state), first: name === startAt };
  if (workflows.length === 0) return node;
  const graphs = workflows.map(graphOfWorkflow);
  return { ...node, inner: { nodes: graphs.flatMap((graph) => graph.nodes), edges: graphs.flatMap((graph) => graph.edges) } };
}

/**
 * Each state after those that lead to it, loops aside; those that nothing leads to at the end. The layout takes an edge against this
 * order for a loop.
 */
function inOrder(workflow: Workflow): string[] {
  const done: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    const state = Object.hasOwn(workflow.States, name) ? workflow.States[name] : undefined;
    if (!state || seen.has(name)) return;
    seen.add(name);
    for (const next of successors(state).reverse()) visit(next);
    done.push(name);
  };
  visit(workflow.StartAt);
  const reached = done.reverse();
  return [...reached, ...Object.keys(workflow.States).filter((name) => !seen.has(name))];
}

/** The usual way first. */
function successors(state: State): string[] {
  const choices = state.Type === 'Choice' ? [state.Default, ...state.Choices.map((rule) => rule.Next)] : [];
  const catchers = ('Catch' in state && state.Catch) || [];
  return [state.Next, ...choices, ...catchers.map((catcher) => catcher.Next)].filter((next) => next !== undefined);
}

function workflowsIn(state: State): readonly Workflow[] {
  if (state.Type === 'Parallel') return state.Branches;
  if (state.Type !== 'Map') return [];
  const processor = state.ItemProcessor ?? state.Iterator;
  return processor ? [processor] : [];
}

function edgesOf(name: string, state: State): GraphEdge[] {
  const from = idOf(name);
  const next: GraphEdge[] = state.Next === undefined ? [] : [{ from, to: idOf(state.Next), kind: 'next' }];
  const catchers = ('Catch' in state && state.Catch) || [];
  return [
    ...next,
    ...(state.Type === 'Choice' ? choicesOf(from, state) : []),
    ...catchers.map((catcher): GraphEdge => ({ from, to: idOf(catcher.Next), kind: 'catch', label: catchLabel(catcher) })),
  ];
}

function choicesOf(from: string, { Choices, Default }: ChoiceState): GraphEdge[] {
  const rules = Choices.flatMap((rule, index): GraphEdge[] =>
    rule.Next === undefined ? [] : [{ from, to: idOf(rule.Next), kind: 'choice', label: choiceLabel(rule, index, Choices.length) }],
  );
  return Default === undefined ? rules : [...rules, { from, to: idOf(Default), kind: 'choice', label: OTHERWISE }];
}

/** Several ways from one state to another are drawn as one. */
function merged(edges: readonly GraphEdge[]): GraphEdge[] {
  const byEnds = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to, edge.kind]);
    const former = byEnds.get(key);
    byEnds.set(key, former?.label && edge.label ? { ...edge, label: both(former.label, edge.label) } : edge);
  }
  return [...byEnds.values()];
}

function both(first: EdgeLabel, second: EdgeLabel): EdgeLabel {
  return { short: `${first.short} or ${second.short}`, full: `${first.full}\nor ${second.full}` };
}

/** Nodes and what they hold, outer ones first. */
export function allNodes({ nodes }: Graph): GraphNode[] {
  return nodes.flatMap((node) => [node, ...(node.inner ? allNodes(node.inner) : [])]);
}

function captionOf(state: State): string {
  switch (state.Type) {
    case 'Task':
      return taskCaption(state.Resource);
    case 'Parallel':
      return `Parallel, ${state.Branches.length} ${state.Branches.length === 1 ? 'branch' : 'branches'}`;
    case 'Map':
      return (state.ItemProcessor ?? state.Iterator)?.ProcessorConfig?.Mode === 'DISTRIBUTED' ? 'Distributed Map' : 'Map';
    case 'Wait':
      return typeof state.Seconds === 'number' ? `Wait ${humanDuration(state.Seconds)}` : 'Wait';
    case 'Fail':
      return state.Error && !state.Error.startsWith('{%') && state.Error.length <= 30 ? `Fail: ${state.Error}` : 'Fail';
    default:
      return state.Type;
  }
}

const SERVICES: Readonly<Record<string, string>> = {
  apigateway: 'API Gateway',
  codebuild: 'CodeBuild',
  dynamodb: 'DynamoDB',
  elasticmapreduce: 'EMR',
  events: 'EventBridge',
  http: 'HTTP',
  mediaconvert: 'MediaConvert',
  sagemaker: 'SageMaker',
  states: 'Step Functions',
};
const ABBREVIATIONS = new Set(['ecs', 'eks', 'emr', 'iam', 'kms', 's3', 'sfn', 'sns', 'sqs', 'ssm', 'sts']);
const PATTERNS = { 'request-response': '', sync: ', until done', waitForTaskToken: ', until answered' };

function taskCaption(resource: string): string {
  const parsed = parseResource(resource);
  if (parsed?.kind === 'lambda') return 'Lambda function';
  if (parsed?.kind === 'activity') return 'Activity';
  if (!parsed) return 'Task';
  const service = parsed.resourceType.replace(/^aws-sdk:/, '');
  const title = SERVICES[service] ?? (ABBREVIATIONS.has(service) ? service.toUpperCase() : service[0].toUpperCase() + service.slice(1));
  return `${title} ${parsed.resource.replace(/\..*/, '')}${PATTERNS[parsed.pattern]}`;
}
