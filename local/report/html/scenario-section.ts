import type { ScenarioResult } from '../../scenario/play';
import { costOf, perThousandRuns } from '../cost';
import { coverage, type Graph, graphOf, type Layout, layOut, svgElement, type Traces, WORDS } from '../graph';
import { MARKS } from '../graph/shapes';
import { type Markup, markup } from '../markup';
import { tracesOfRun } from '../run-traces';
import { humanDuration } from '../virtual-time';
import type { VisitStatus } from '../visits';
import { callsPart } from './call-tables';
import { costPart } from './cost-part';
import { labelledText, part, plural, statusSign } from './parts';
import { permissionsPart } from './permissions-part';
import { childrenSummary, otherRuns, visitList } from './visit-list';

/** Pictures of a workflow are laid out once, however many scenarios it has. */
export class Pictures {
  private readonly layouts = new Map<string, { readonly graph: Graph; readonly layout: Layout }>();

  async of(definition: NonNullable<ScenarioResult['definition']>): Promise<{ readonly graph: Graph; readonly layout: Layout }> {
    const key = JSON.stringify(definition);
    const former = this.layouts.get(key);
    if (former) return former;
    const graph = graphOf(definition);
    const picture = { graph, layout: await layOut(graph) };
    this.layouts.set(key, picture);
    return picture;
  }
}

/** All that is known of one scenario. @param id names it in the page */
export async function scenarioSection(result: ScenarioResult, id: string, pictures: Pictures): Promise<Markup> {
  const { asExpected, scenario, title, problems, status, virtualSeconds, transitions, mails } = result;
  const cost = costOf(result);
  const ended = [status, result.error].filter(Boolean).join(' ');
  return markup`<details class="scenario ${asExpected ? 'succeeded' : 'failed'}" id="${id}"${!asExpected && markup` open`}><summary>${statusSign(
    asExpected ? 'succeeded' : 'failed',
    asExpected ? 'as expected' : 'not as expected',
  )}<div class="grow"><h3>${scenario}</h3><div>${title}</div></div><div class="soft small">${ended}, ${humanDuration(virtualSeconds)}, ${plural(transitions, 'transition')}, ${perThousandRuns(cost.usd)} per 1,000 runs</div></summary>
<div class="body">
${
  problems.length > 0 &&
  markup`<div class="problems"><strong>Not as expected</strong><ul>${problems.map((problem) => markup`<li>${problem}</li>`)}</ul></div>
`
}${await runOf(result, id, pictures)}${labelledText('Error', [result.error, result.cause].filter(Boolean).join(': ') || undefined)}${
  result.output !== undefined && labelledText('Output', JSON.stringify(result.output, undefined, 2))
}${callsPart(result)}${mails.length > 0 && mailsPart(result)}${permissionsPart(result)}${costPart(cost)}</div></details>
`;
}

async function runOf(result: ScenarioResult, id: string, pictures: Pictures): Promise<Markup | undefined> {
  const { definition, history } = result;
  if (!definition) return undefined;
  const { visits, children, traces } = tracesOfRun(result);
  const { graph, layout } = await pictures.of(definition);
  const { visited, states } = coverage(graph, traces);
  const link = (state: string) => {
    const index = visits.findIndex(({ name }) => name === state);
    return index < 0 ? undefined : `#${id}.${index}`;
  };
  const summary = `${visited} of ${plural(states, 'state')} visited`;
  return markup`<div class="columns"><figure class="picture"><h4>Workflow <span class="soft small">${summary}</span></h4><div class="frame" tabindex="0" role="region" aria-label="Picture of the workflow">${svgElement(layout, { title: `The workflow in the scenario ${result.scenario}: ${summary}. The states are listed after this picture.`, traces, link })}</div>${legend(layout, traces)}</figure>
<section><h4>States, in order</h4>${visitList(visits, history[0]?.timestamp ?? 0, (index) => `${id}.${index}`)}${childrenSummary(children)}${otherRuns(result.executions, history)}</section></div>
`;
}

function legend({ nodes }: Layout, traces: Traces): Markup {
  const present = new Set(nodes.map(({ node }) => traces.node(node.id)?.status));
  const statuses = (Object.keys(MARKS) as VisitStatus[]).filter((status) => present.has(status));
  return markup`<ul class="legend soft small" aria-hidden="true">${statuses.map((status) => markup`<li>${statusSign(status, '')} ${WORDS[status]}</li>`)}${
    present.has(undefined) && markup`<li>dotted: ${WORDS.unvisited}</li>`
  }</ul>`;
}

function mailsPart({ mails }: ScenarioResult): Markup {
  return part(
    'Mails',
    plural(mails.length, 'mail'),
    mails.map(
      ({
        to,
        subject,
        body,
      }) => markup`<div class="mail"><div>To <strong>${to}</strong></div><div>${subject}</div>${labelledText('Text', body)}</div>
`,
    ),
  );
}
