import type { ChoiceState, Definition, State, Workflow } from '../../../lib/asl/definition';
import { parseResource } from '../../../lib/asl/resource';
import { humanDuration } from '../virtual-time';
import { catchLabel, choiceLabel, type EdgeLabel, OTHERWISE } from './edge-label';

/** A workflow as nodes and edges, before it has places. */
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
  /** What it holds: a Map's or a Parallel's states. */
  readonly children: readonly GraphNode[];
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
  const edges: GraphEdge[] = [{ from: START, to: idOf(definition.StartAt), kind: 'next' }];
  const states = nodesOf(definition, edges);
  for (const [name, state] of Object.entries(definition.States)) {
    if (isLast(state)) edges.push({ from: idOf(name), to: END, kind: 'next' });
  }
  const nodes = [pseudoNode(START, 'Start'), ...states, pseudoNode(END, 'End')];
  checkTargets(nodes, edges);
  return { nodes, edges: merged(edges) };
}

function pseudoNode(id: string, type: 'Start' | 'End'): GraphNode {
  return { id, type, name: type, caption: '', children: [] };
}

function nodesOf(workflow: Workflow, edges: GraphEdge[]): GraphNode[] {
  return Object.entries(workflow.States).map(([name, state]) => {
    edges.push(...edgesOf(name, state));
    const children = workflowsIn(state).flatMap((inner) => nodesOf(inner, edges));
    return { id: idOf(name), type: state.Type, name, caption: captionOf(state), children };
  });
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

function isLast(state: State): boolean {
  return state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
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

function checkTargets(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): void {
  const ids = new Set(allNodes(nodes).map((node) => node.id));
  for (const { from, to } of edges) {
    if (!ids.has(to)) throw new Error(`the workflow can't be drawn: ${from} goes on to ${to}, which is not there`);
  }
}

/** Nodes and what they hold, outer ones first. */
export function allNodes(nodes: readonly GraphNode[]): GraphNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.children)]);
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
