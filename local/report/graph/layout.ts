import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import { END, type Graph, type GraphEdge, type GraphNode, START } from './model';
import { type Font, textWidth, wrap } from './text';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedNode extends Box {
  readonly node: GraphNode;
  /** The name, broken into lines. */
  readonly lines: readonly string[];
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  readonly points: readonly Point[];
  readonly label?: Box & { readonly lines: readonly string[] };
}

/** All places are measured from the picture's upper left corner. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Those that hold others come before what they hold. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export const NAME: Font = { size: 13, bold: true };
export const CAPTION: Font = { size: 11 };
export const LABEL: Font = { size: 11 };
export const NAME_LINE = 17;
export const LABEL_LINE = 14;
/** From a box's edge to its text, and the place of its icon. */
export const INSET = { left: 36, right: 20, top: 9, bottom: 9 };
const CAPTION_LINE = 15;
const WIDEST_NAME = 210;
const WIDEST_LABEL = 150;
const END_BOX = { width: 64, height: 28 };

const PADDING = 16;
/** Between the head of a Map or a Parallel and what it holds. */
const BELOW_HEAD = 12;

/**
 * Loops keep Start at the top and End at the bottom by the cycle breaking, feedback edges and layer constraints.
 * Options: https://eclipse.dev/elk/reference/options.html
 */
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '1',
  'elk.separateConnectedComponents': 'false',
  'elk.padding': `[top=${PADDING},left=${PADDING},bottom=${PADDING},right=${PADDING}]`,
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.feedbackEdges': 'true',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.spacing.nodeNode': '32',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '5',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
};
const LAYER = 'elk.layered.layering.layerConstraint';

/** Gives every node and edge of a graph its place: what a Map or a Parallel holds first, for that gives its own size. */
export async function layOut(graph: Graph): Promise<Layout> {
  const inner = new Map<GraphNode, Layout>();
  for (const node of graph.nodes) if (node.inner) inner.set(node, await layOut(node.inner));
  const input: ElkNode = {
    id: 'root',
    layoutOptions: OPTIONS,
    children: graph.nodes.map((node) => elkNode(node, inner.get(node))),
    edges: graph.edges.map(elkEdge),
  };
  const placed = await engine().layout(input);
  const nodes = graph.nodes.map((node, index) => ({ ...boxOf(placed.children?.[index]), node, lines: linesOf(node) }));
  const held = nodes.flatMap((place) => {
    const layout = inner.get(place.node);
    return layout
      ? [moved(layout, place.x + (place.width - layout.width) / 2, place.y + headOf(place.node).height + BELOW_HEAD - PADDING)]
      : [];
  });
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    nodes: [...nodes, ...held.flatMap((layout) => layout.nodes)],
    edges: [...graph.edges.map((edge, index) => placedEdge(edge, placed.edges?.[index])), ...held.flatMap((layout) => layout.edges)],
  };
}

function moved({ width, height, nodes, edges }: Layout, right: number, down: number): Layout {
  const move = <T extends Point>(point: T): T => ({ ...point, x: point.x + right, y: point.y + down });
  return {
    ...{ width, height },
    nodes: nodes.map(move),
    edges: edges.map(({ edge, points, label }) => ({ edge, points: points.map(move), ...(label && { label: move(label) }) })),
  };
}

let elk: ELK | undefined;

/** Read on first use: it is large. */
function engine(): ELK {
  elk ??= new (require('elkjs/lib/elk.bundled.js') as new () => ELK)();
  return elk;
}

function linesOf(node: GraphNode): string[] {
  return wrap(node.name, NAME, WIDEST_NAME, 3);
}

function elkNode(node: GraphNode, inner: Layout | undefined): ElkNode {
  const layer = node.first ? { [LAYER]: 'FIRST' } : node.id === END ? { [LAYER]: 'LAST' } : undefined;
  const layoutOptions = { 'elk.alignment': 'TOP', ...layer };
  if (node.id === START || node.id === END) return { id: node.id, ...END_BOX, layoutOptions };
  const { width, height } = headOf(node);
  if (!inner) return { id: node.id, width, height, layoutOptions };
  return {
    ...{ id: node.id, layoutOptions },
    width: Math.max(width, inner.width),
    height: height + BELOW_HEAD - PADDING + inner.height,
  };
}

/** What its own texts need: all of a state's box, the head of a Map's or a Parallel's. */
function headOf(node: GraphNode): { width: number; height: number } {
  const lines = linesOf(node);
  const text = Math.max(textWidth(node.caption, CAPTION), ...lines.map((line) => textWidth(line, NAME)));
  return {
    width: Math.ceil(Math.max(120, INSET.left + text + INSET.right)),
    height: INSET.top + lines.length * NAME_LINE + CAPTION_LINE + INSET.bottom,
  };
}

function labelLines(edge: GraphEdge): string[] {
  return edge.label ? wrap(edge.label.short, LABEL, WIDEST_LABEL, 2) : [];
}

function elkEdge(edge: GraphEdge, index: number): ElkExtendedEdge {
  const lines = labelLines(edge);
  const width = Math.ceil(Math.max(0, ...lines.map((line) => textWidth(line, LABEL)))) + 8;
  const labels = lines.length === 0 ? [] : [{ id: `label ${index}`, text: lines.join('\n'), width, height: lines.length * LABEL_LINE + 4 }];
  return { id: `edge ${index}`, sources: [edge.from], targets: [edge.to], labels };
}

function placedEdge(edge: GraphEdge, place: ElkExtendedEdge | undefined): PlacedEdge {
  const [section] = place?.sections ?? [];
  if (!section) throw new Error(`the edge from ${edge.from} to ${edge.to} got no place`);
  const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({ x, y }));
  const [label] = place?.labels ?? [];
  return { edge, points, ...(label && { label: { ...boxOf(label), lines: labelLines(edge) } }) };
}

function boxOf(place: Partial<Box> | undefined): Box {
  if (place?.x === undefined || place.y === undefined) throw new Error('the layout left a part without a place');
  return { x: place.x, y: place.y, width: place.width ?? 0, height: place.height ?? 0 };
}
