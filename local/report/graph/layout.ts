import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import type { Graph, GraphEdge, GraphNode } from './model';
import { END, START } from './model';
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
  readonly children: readonly PlacedNode[];
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

/**
 * Loops keep Start at the top and End at the bottom by the cycle breaking, feedback edges and layer constraints; an edge into a Map or
 * a Parallel, and those inside, are laid out together by `INCLUDE_CHILDREN`. Options: https://eclipse.dev/elk/reference/options.html
 */
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.feedbackEdges': 'true',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.edgeLabels.inline': 'false',
};
const SPACING = {
  'elk.spacing.nodeNode': '32',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '5',
  'elk.layered.spacing.nodeNodeBetweenLayers': '40',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
};

/** Gives every node and edge of a graph its place. */
export async function layOut(graph: Graph): Promise<Layout> {
  const input: ElkNode = {
    id: 'root',
    layoutOptions: { ...OPTIONS, ...SPACING },
    children: graph.nodes.map(elkNode),
    edges: graph.edges.map(elkEdge),
  };
  const placed = await (await engine()).layout(input);
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    nodes: graph.nodes.map((node, index) => placedNode(node, placed.children?.[index])),
    edges: graph.edges.map((edge, index) => placedEdge(edge, placed.edges?.[index])),
  };
}

let elk: Promise<ELK> | undefined;

/** Read on first use: it is large. */
function engine(): Promise<ELK> {
  elk ??= import('elkjs/lib/elk.bundled.js').then(({ default: Elk }) => new Elk());
  return elk;
}

function linesOf(node: GraphNode): string[] {
  return wrap(node.name, NAME, WIDEST_NAME, 3);
}

function elkNode(node: GraphNode): ElkNode {
  if (node.id === START || node.id === END) {
    return { id: node.id, ...END_BOX, layoutOptions: { 'elk.layered.layering.layerConstraint': node.id === START ? 'FIRST' : 'LAST' } };
  }
  const { width, height } = ownSize(node);
  if (node.children.length === 0) return { id: node.id, width, height };
  return {
    id: node.id,
    children: node.children.map(elkNode),
    layoutOptions: {
      ...SPACING,
      'elk.padding': `[top=${height + 12},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${height})`,
    },
  };
}

/** What its own texts need: all of a state's box, the head of a Map's or a Parallel's. */
function ownSize(node: GraphNode): { width: number; height: number } {
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

function placedNode(node: GraphNode, place: ElkNode | undefined): PlacedNode {
  return {
    ...boxOf(place),
    node,
    lines: linesOf(node),
    children: node.children.map((child, index) => placedNode(child, place?.children?.[index])),
  };
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
