import type { Definition, State, Workflow } from '../../../lib/asl/definition';
import { graphOf, type Layout, layOut } from '../../../local/report/graph';
import { type Box, CAPTION, INSET, NAME_LINE, type Point } from '../../../local/report/graph/layout';
import { allNodes, END, type Graph, type GraphEdge, idOf, START } from '../../../local/report/graph/model';
import { seededRandom } from '../../../local/seeded-random';
import { anyDefinition, NESTED } from './definitions';

function allEdges(graph: Graph): GraphEdge[] {
  return [...graph.edges, ...graph.nodes.flatMap((node) => (node.inner ? allEdges(node.inner) : []))];
}

/** The ways of a definition by another reading of it: every `Next` and `Default`, wherever it stands. */
function waysIn(workflow: Workflow): string[] {
  return Object.entries(workflow.States).flatMap(([name, state]) => {
    const { Branches, ItemProcessor, Iterator, ...own } = state as State & {
      Branches?: Workflow[];
      ItemProcessor?: Workflow;
      Iterator?: Workflow;
    };
    const targets = [...JSON.stringify(own).matchAll(/"(Next|Default)":"([^"]*)"/g)].map(
      ([, , target]) => `${idOf(name)} → ${idOf(target)}`,
    );
    const inner = [...(Branches ?? []), ItemProcessor, Iterator].filter((each) => each !== undefined);
    return [...targets, ...inner.flatMap(waysIn)];
  });
}

function namesIn(workflow: Workflow): string[] {
  return Object.entries(workflow.States).flatMap(([name, state]) => {
    const { Branches = [], ItemProcessor, Iterator } = state as { Branches?: Workflow[]; ItemProcessor?: Workflow; Iterator?: Workflow };
    return [name, ...[...Branches, ItemProcessor, Iterator].filter((each) => each !== undefined).flatMap(namesIn)];
  });
}

function expectComplete(definition: Definition): void {
  const graph = graphOf(definition);
  expect(
    allNodes(graph)
      .map((node) => node.id)
      .filter((id) => id !== START && id !== END)
      .sort(),
  ).toEqual(namesIn(definition).map(idOf).sort());
  const drawn = allEdges(graph)
    .filter(({ from, to }) => from !== START && to !== END)
    .map(({ from, to }) => `${from} → ${to}`);
  expect([...new Set(drawn)].sort()).toEqual([...new Set(waysIn(definition))].sort());
}

describe('a definition as a graph', () => {
  test('has every state and every way, nested ones too', () => {
    expectComplete(NESTED);
    expect(allNodes(graphOf(NESTED))).toHaveLength(18);
  });

  test('has an End where a workflow ends without failing, and none where it always fails', () => {
    const edges = graphOf(NESTED).edges.filter(({ from, to }) => from === START || to === END);
    expect(edges.map(({ from, to }) => [from, to])).toEqual([
      [START, idOf('Read')],
      [idOf('Done'), END],
    ]);
    const failing = graphOf({ StartAt: 'No', States: { No: { Type: 'Fail' } } });
    expect(failing.nodes.map(({ id }) => id)).toEqual([START, idOf('No')]);
  });

  test('says what each state is', () => {
    const captions = Object.fromEntries(allNodes(graphOf(NESTED)).map(({ name, caption }) => [name, caption]));
    expect(captions).toMatchObject({
      Read: 'S3 listObjectsV2',
      Sleep: 'Wait 2 h',
      'Each page': 'Distributed Map',
      Both: 'Parallel, 2 branches',
      Inner: 'Map',
      Copy: 'Lambda invoke',
      Note: 'SNS publish, until answered',
      Failed: 'Fail: ReadFailed',
    });
  });

  test.each([
    [{ Variable: '$.count', NumericGreaterThan: 0 }, 'count > 0'],
    [{ Variable: '$.a.b', StringEquals: 'x' }, 'a.b = "x"'],
    [{ Variable: '$.a', NumericLessThanEqualsPath: '$.b' }, 'a ≤ b'],
    [{ Variable: '$.a', IsPresent: true }, 'a is present'],
    [{ Variable: '$.a', IsNull: false }, 'a is not null'],
    [{ Variable: '$.a', StringMatches: 'x*' }, 'a is like "x*"'],
    [{ Not: { Variable: '$.a', BooleanEquals: true } }, 'not a = true'],
    [{ Or: [{ Variable: '$.a', IsNull: true }, { And: [{ Variable: '$.b', IsNull: true }] }] }, 'a is null or (b is null)'],
    [{ Condition: '{% $states.input.amount >\n 10 %}' }, 'amount > 10'],
    [{ Condition: `{% ${'$states.input.amount + '.repeat(20)}1 > 0 %}` }, 'condition'],
    [{ Condition: '{% $states.input.amount > 10 %}', Comment: 'too dear' }, 'too dear'],
  ])('a rule %j is labelled %j', (rule, label) => {
    const choice = { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' };
    const States = { Which: choice, Yes: { Type: 'Succeed' }, No: { Type: 'Succeed' } };
    const { edges } = graphOf({ StartAt: 'Which', States } as unknown as Definition);
    expect(edges.filter(({ kind }) => kind === 'choice').map((edge) => edge.label?.short)).toEqual([label, 'otherwise']);
  });

  test('several ways between two states are one edge with both labels', () => {
    const rules = [1, 2].map((value) => ({ Variable: '$.a', NumericEquals: value, Next: 'Yes' }));
    const { edges } = graphOf({
      StartAt: 'Which',
      States: { Which: { Type: 'Choice', Choices: rules, Default: 'Yes' }, Yes: { Type: 'Succeed' } },
    });
    expect(edges.filter(({ kind }) => kind === 'choice').map((edge) => edge.label?.short)).toEqual(['a = 1 or a = 2 or otherwise']);
  });

  test('a catcher names its errors, the full list where there is room', () => {
    const label = allEdges(graphOf(NESTED)).find(({ from, kind }) => from === idOf('Read') && kind === 'catch')?.label;
    expect(label).toEqual({ short: 'S3.NoSuchBucket, Timeout, 1 more', full: 'S3.NoSuchBucket, States.Timeout, S3.SlowDown' });
  });

  test('states come after those that lead to them, whatever the order of the definition', () => {
    const names = graphOf(NESTED).nodes.map(({ name }) => name);
    const ways = [
      ['Start', 'Read'],
      ['Read', 'Any?'],
      ['Any?', 'Sleep'],
      ['Any?', 'Each page'],
      ['Each page', 'Done'],
      ['Each page', 'Failed'],
    ];
    expect(ways.filter(([from, to]) => names.indexOf(from) > names.indexOf(to))).toEqual([]);
  });

  test('a way to a state that is not there is told', () => {
    const States = { A: { Type: 'Pass', Next: 'B' } } as const;
    expect(() => graphOf({ StartAt: 'A', States })).toThrow('state A goes on to state B, which is not there');
  });
});

const SLACK = 0.5;
const right = (box: Box) => box.x + box.width;
const bottom = (box: Box) => box.y + box.height;
const overlap = (a: Box, b: Box) => a.x < right(b) - SLACK && b.x < right(a) - SLACK && a.y < bottom(b) - SLACK && b.y < bottom(a) - SLACK;
const holds = (outer: Box, inner: Box) =>
  outer.x <= inner.x + SLACK &&
  outer.y <= inner.y + SLACK &&
  right(inner) <= right(outer) + SLACK &&
  bottom(inner) <= bottom(outer) + SLACK;
const onBorder = (box: Box, { x, y }: Point) =>
  holds(box, { x, y, width: 0, height: 0 }) &&
  [x - box.x, right(box) - x, y - box.y, bottom(box) - y].some((distance) => Math.abs(distance) < SLACK);

/** Nothing lies on anything else, what is held lies inside, edges lead from border to border and through no state. */
function expectClear({ nodes, edges, width, height }: Layout): void {
  const byId = new Map(nodes.map((node) => [node.node.id, node]));
  const picture = { x: 0, y: 0, width, height };
  const inside = (outer: string, inner: string) =>
    allNodes(byId.get(outer)?.node.inner ?? { nodes: [], edges: [] }).some(({ id }) => id === inner);
  const problems: string[] = [];
  for (const node of nodes) {
    const { id, inner } = node.node;
    if (!holds(picture, node)) problems.push(`${id} is outside of the picture`);
    for (const held of inner?.nodes ?? []) if (!holds(node, byId.get(held.id) as Box)) problems.push(`${held.id} is outside of ${id}`);
    const texts = node.y + INSET.top + node.lines.length * NAME_LINE + CAPTION.size;
    for (const held of inner?.nodes ?? []) if ((byId.get(held.id) as Box).y < texts) problems.push(`${held.id} is on the name of ${id}`);
    for (const other of nodes) {
      if (other === node || inside(id, other.node.id) || inside(other.node.id, id)) continue;
      if (overlap(node, other)) problems.push(`${id} overlaps ${other.node.id}`);
    }
  }
  for (const { edge, points, label } of edges) {
    const way = `${edge.from} → ${edge.to}`;
    const [from, to] = [byId.get(edge.from) as Box, byId.get(edge.to) as Box];
    if (!onBorder(from, points[0])) problems.push(`${way} does not begin at its state`);
    if (!onBorder(to, points[points.length - 1])) problems.push(`${way} does not end at its state`);
    for (const node of nodes) {
      const { id } = node.node;
      if (inside(id, edge.from)) continue;
      if (label && overlap(node, label)) problems.push(`the label of ${way} is on ${id}`);
      points.slice(1).forEach((end, index) => {
        const start = points[index];
        const segment = {
          x: Math.min(start.x, end.x),
          y: Math.min(start.y, end.y),
          width: Math.abs(start.x - end.x),
          height: Math.abs(start.y - end.y),
        };
        const shrunk = { x: node.x + 1, y: node.y + 1, width: node.width - 2, height: node.height - 2 };
        if (overlap(shrunk, { ...segment, width: segment.width + 2 * SLACK, height: segment.height + 2 * SLACK }))
          problems.push(`${way} runs through ${id}`);
      });
    }
  }
  const labels = edges.flatMap(({ label }) => (label ? [label] : []));
  for (const [index, label] of labels.entries()) {
    for (const other of labels.slice(index + 1))
      if (overlap(label, other)) problems.push(`two labels overlap: ${label.lines} and ${other.lines}`);
  }
  expect(problems).toEqual([]);
}

describe('a layout', () => {
  test('leaves everything clear', async () => {
    const layout = await layOut(graphOf(NESTED));
    expect(layout.nodes).toHaveLength(18);
    expectClear(layout);
  });

  test('Start is above all others, and the workflow runs downwards', async () => {
    const { nodes } = await layOut(graphOf(NESTED));
    const top = (id: string) => nodes.find(({ node }) => node.id === id)?.y ?? Number.NaN;
    for (const { node, y } of nodes) if (node.id !== START) expect(y).toBeGreaterThan(top(START));
    expect([idOf('Read'), idOf('Any?'), idOf('Each page'), idOf('Done'), END].map(top)).toEqual(
      [idOf('Read'), idOf('Any?'), idOf('Each page'), idOf('Done'), END].map(top).sort((a, b) => a - b),
    );
    // The loop inside of the inner Map begins where the Map does.
    expect(top(idOf('Tag'))).toBeLessThan(top(idOf('Tagged?')));
  });

  test('is the same every time', async () => {
    expect(await layOut(graphOf(NESTED))).toEqual(await layOut(graphOf(NESTED)));
  });

  test.each(Array.from({ length: 25 }, (_, seed) => seed))('any definition (%i) is drawn whole and clear', async (seed) => {
    const definition = anyDefinition(seededRandom(seed + 1));
    expectComplete(definition);
    expectClear(await layOut(graphOf(definition)));
  });
});
