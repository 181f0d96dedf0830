import { type Markup, markup, trusted } from '../markup';
import { COLOURS, type Colour, LOOKS, type Look, type Theme, WORDS } from './colours';
import {
  type Box,
  CAPTION,
  INSET,
  LABEL,
  LABEL_LINE,
  type Layout,
  NAME,
  NAME_LINE,
  type PlacedEdge,
  type PlacedNode,
  type Point,
} from './layout';
import { END, START } from './model';
import { ICONS, MARKS } from './shapes';
import { textWidth } from './text';
import type { NodeTrace, Traces } from './traces';

export interface Drawing {
  /** What the picture shows, in a sentence. */
  readonly title: string;
  /** Colours nodes and edges by what happened. @default - nothing has happened */
  readonly traces?: Traces;
  /** Where a click on a state leads. */
  readonly link?: (stateName: string) => string | undefined;
}

const FONT = '-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif';
const CORNER = 7;
const ARROW = { length: 8, half: 4.5 };
const LEGEND_HEIGHT = 30;

/** A picture in a file of its own: nothing outside of it is needed. */
export function svgFile(layout: Layout, theme: Theme, drawing: Drawing): string {
  const colour = (name: Colour) => COLOURS[theme][name];
  const legend = drawing.traces ? legendOf(looksIn(layout, drawing.traces), layout) : undefined;
  const width = Math.max(layout.width, legend?.width ?? 0);
  const height = layout.height + (legend ? LEGEND_HEIGHT : 0);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${drawing.title}">
<title>${drawing.title}</title>
<style>${trusted(graphStyle(colour))}</style>
<rect width="${width}" height="${height}" rx="10" fill="${colour('page')}"/>
${content(layout, drawing)}${legend?.drawn}</svg>
`.text;
}

/** The same inside a page that has `graphStyle`. */
export function svgElement(layout: Layout, drawing: Drawing): Markup {
  const { width, height } = layout;
  return markup`<svg class="graph" style="--natural:${width}px" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${drawing.title}">
${content(layout, drawing)}</svg>
`;
}

export function graphStyle(colour: (name: Colour) => string): string {
  const looks = Object.entries(LOOKS).map(
    ([look, { stroke, fill }]) =>
      `.graph .${look}>rect{stroke:${colour(stroke)};fill:${colour(fill)}}.graph .${look}>.badge{fill:${colour(stroke)}}.graph .${look}>.icon{stroke:${colour(stroke)}}`,
  );
  return [
    `.graph{font-family:${FONT}}`,
    `.graph text{fill:${colour('text')};font-size:${NAME.size}px}`,
    `.graph .name{font-weight:600}`,
    `.graph .caption{fill:${colour('soft')};font-size:${CAPTION.size}px}`,
    `.graph .state>rect,.graph .end>rect{stroke-width:1.5}`,
    ...looks,
    `.graph .plain>.icon{stroke:${colour('accent')}}`,
    `.graph .unvisited>rect{stroke-dasharray:3 3;stroke:${colour('faint')}}`,
    `.graph .unvisited>.icon{stroke:${colour('faint')}}`,
    `.graph .unvisited>text,.graph .unvisited>.caption{fill:${colour('faint')}}`,
    `.graph .holder>rect{fill:${colour('group')}}`,
    `.graph .icon,.graph .mark{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}`,
    `.graph .badge{stroke:${colour('card')};stroke-width:1.5}`,
    `.graph .mark{stroke:${colour('card')};stroke-width:1.8}`,
    `.graph .count>rect{fill:${colour('card')};stroke-width:1}`,
    `.graph .count>text{font-size:10.5px;font-weight:600;text-anchor:middle}`,
    `.graph .edge path{fill:none;stroke:${colour('edge')};stroke-width:1.4}`,
    `.graph .edge polygon{fill:${colour('edge')}}`,
    `.graph .edge text{fill:${colour('soft')};font-size:${LABEL.size}px;text-anchor:middle}`,
    `.graph .catch path{stroke-dasharray:5 4}`,
    `.graph .untaken path{stroke:${colour('line')}}`,
    `.graph .untaken polygon{fill:${colour('line')}}`,
    `.graph .untaken text{fill:${colour('faint')}}`,
    `.graph .taken path{stroke:${colour('good')};stroke-width:2.2}`,
    `.graph .taken polygon{fill:${colour('good')}}`,
    `.graph .taken text{fill:${colour('text')}}`,
    `.graph .catch.taken path{stroke:${colour('warn')}}`,
    `.graph .catch.taken polygon{fill:${colour('warn')}}`,
    `.graph a{cursor:pointer}`,
    `.graph a:hover rect{stroke-width:2.5}`,
  ].join('\n');
}

/** Boxes that hold others lie below the edges, all others above; ways that were taken lie above those that were not. */
function content({ nodes, edges }: Layout, drawing: Drawing): Markup {
  const taken = (edge: PlacedEdge) => drawing.traces?.taken(edge.edge) === true;
  const [holders, leaves] = [nodes.filter(({ node }) => node.inner), nodes.filter(({ node }) => !node.inner)];
  const shapes = (each: readonly PlacedNode[]) => each.map((node) => nodeShape(node, drawing));
  const lines = [...edges.filter((edge) => !taken(edge)), ...edges.filter(taken)].map((edge) => edgeShape(edge, drawing));
  return markup`${shapes(holders)}${lines}${shapes(leaves)}`;
}

function lookOf(id: string, traces: Traces | undefined): Look {
  return traces ? (traces.node(id)?.status ?? 'unvisited') : 'plain';
}

function nodeShape(placed: PlacedNode, { traces, link }: Drawing): Markup {
  const { node, x, y, width, height, lines } = placed;
  const look = lookOf(node.id, traces);
  if (node.id === START || node.id === END) {
    return markup`<g class="end ${look}"><rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(height / 2)}"/><text class="name" x="${n(x + width / 2)}" y="${n(y + height / 2 + 4.5)}" text-anchor="middle">${node.name}</text></g>
`;
  }
  const trace = traces?.node(node.id);
  const icon = node.type === 'Start' || node.type === 'End' ? '' : ICONS[node.type];
  const shape = markup`<g class="state ${look}${node.inner && ' holder'}"><title>${tooltip(placed, trace, look)}</title><rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="8"/><path class="icon" transform="translate(${n(x + 11)} ${n(y + 11)})" d="${icon}"/>${lines.map(
    (line, index) => markup`<text class="name" x="${n(x + INSET.left)}" y="${n(y + INSET.top + 13 + index * NAME_LINE)}">${line}</text>`,
  )}<text class="caption" x="${n(x + INSET.left)}" y="${n(y + INSET.top + 11 + lines.length * NAME_LINE)}">${node.caption}</text>${trace && badges(placed, trace)}</g>
`;
  const target = trace && link?.(node.name);
  return target ? markup`<a href="${target}" tabindex="-1">${shape}</a>` : shape;
}

function tooltip({ node }: PlacedNode, trace: NodeTrace | undefined, look: Look): string {
  if (look === 'plain') return `${node.name} (${node.caption})`;
  return [`${node.name}: ${WORDS[look]}`, trace && trace.visits > 1 && `${trace.visits} times`, trace?.retries && retried(trace.retries)]
    .filter(Boolean)
    .join(', ');
}

export function retried(retries: number): string {
  return retries === 1 ? 'retried once' : `retried ${retries} times`;
}

/** In the upper right corner how it ended, on the lower edge how often it was entered and tried again. */
function badges({ x, y, width, height }: Box, { status, visits, retries }: NodeTrace): Markup {
  const counts = [visits > 1 && `×${visits}`, retries > 0 && `${retries} ${retries === 1 ? 'retry' : 'retries'}`]
    .filter(Boolean)
    .join(', ');
  const long = textWidth(counts, { size: 10.5, bold: true }) + 14;
  const left = x + width - long - 10;
  return markup`<circle class="badge" cx="${n(x + width - 1)}" cy="${n(y + 1)}" r="9"/><path class="mark" transform="translate(${n(x + width - 6)} ${n(y - 4)})" d="${MARKS[status]}"/>${
    counts !== '' &&
    markup`<g class="count ${status}"><rect x="${n(left)}" y="${n(y + height - 8)}" width="${n(long)}" height="16" rx="8"/><text x="${n(left + long / 2)}" y="${n(y + height + 3.7)}">${counts}</text></g>`
  }`;
}

function edgeShape({ edge, points, label }: PlacedEdge, { traces }: Drawing): Markup {
  const state = traces ? (traces.taken(edge) ? ' taken' : ' untaken') : '';
  return markup`<g class="edge ${edge.kind}${state}">${edge.label && markup`<title>${edge.label.full.slice(0, 400)}</title>`}<path d="${roundedPath(points)}"/><polygon points="${arrowHead(points)}"/>${label?.lines.map(
    (line, index) => markup`<text x="${n(label.x + label.width / 2)}" y="${n(label.y + 2 + 10.5 + index * LABEL_LINE)}">${line}</text>`,
  )}</g>
`;
}

/** Right angles with their corners rounded, up to where the arrow begins. */
function roundedPath(points: readonly Point[]): string {
  const last = points[points.length - 1];
  const line = [...points.slice(0, -1), towards(last, points[points.length - 2], ARROW.length - 2)];
  const corners = line.slice(1, -1).map((corner, index) => {
    const [before, after] = [line[index], line[index + 2]];
    const radius = Math.min(CORNER, distance(before, corner) / 2, distance(corner, after) / 2);
    const [from, to] = [towards(corner, before, radius), towards(corner, after, radius)];
    return `L${n(from.x)} ${n(from.y)}Q${n(corner.x)} ${n(corner.y)} ${n(to.x)} ${n(to.y)}`;
  });
  const end = line[line.length - 1];
  return `M${n(line[0].x)} ${n(line[0].y)}${corners.join('')}L${n(end.x)} ${n(end.y)}`;
}

function arrowHead(points: readonly Point[]): string {
  const tip = points[points.length - 1];
  const base = towards(tip, points[points.length - 2], ARROW.length);
  const [across, down] = [(base.y - tip.y) / ARROW.length, (base.x - tip.x) / ARROW.length].map((part) => part * ARROW.half);
  return `${n(tip.x)},${n(tip.y)} ${n(base.x + across)},${n(base.y - down)} ${n(base.x - across)},${n(base.y + down)}`;
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function looksIn({ nodes }: Layout, traces: Traces): Look[] {
  const present = new Set(nodes.map(({ node }) => lookOf(node.id, traces)));
  return (Object.keys(LOOKS) as Look[]).filter((look) => present.has(look));
}

function legendOf(looks: readonly Look[], { height }: Layout): { readonly drawn: Markup; readonly width: number } {
  let x = 16;
  const drawn = looks.map((look) => {
    const at = x;
    x += 24 + textWidth(WORDS[look], CAPTION) + 14;
    return markup`<g class="${look}"><rect x="${n(at)}" y="${n(height)}" width="16" height="12" rx="3" stroke-width="1.5"/><text class="caption" x="${n(at + 22)}" y="${n(height + 10)}">${WORDS[look]}</text></g>
`;
  });
  return { drawn: markup`${drawn}`, width: Math.ceil(x) };
}

/** Tenths of a pixel are enough. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
