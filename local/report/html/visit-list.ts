import type { Execution } from '../../engine/types';
import { retried } from '../graph/draw';
import { type Markup, markup } from '../markup';
import { humanDuration } from '../virtual-time';
import type { StateVisit, VisitError } from '../visits';
import { labelledJson, labelledText, plural, statusSign } from './parts';

/** More than a reader looks through. */
const MOST_VISITS = 300;
const MOST_FAILURES = 5;

/** Every state that was visited, in order, with what went in and what came out. */
export function visitList(visits: readonly StateVisit[], startedAt: number, idOf: (index: number) => string): Markup {
  const shown = visits.slice(0, MOST_VISITS);
  const left = visits.length - shown.length;
  return markup`<ol class="visits">
${shown.map((visit, index) => visitItem(visit, startedAt, idOf(index)))}</ol>${left > 0 && markup`<p class="soft small">${plural(left, 'more visit')} left out</p>`}`;
}

function visitItem(visit: StateVisit, startedAt: number, id: string): Markup {
  const { name, type, status, enteredAt, exitedAt, retries, errors } = visit;
  const lasted = exitedAt === undefined ? 0 : (exitedAt - enteredAt) / 1000;
  const facts = [retries > 0 && retried(retries), lasted >= 0.5 && `took ${humanDuration(lasted)}`].filter(Boolean).join(', ');
  return markup`<li id="${id}" style="--depth:${depthOf(visit)}"><details><summary>${statusSign(status)}<span class="name">${name} <span class="soft small">${type}</span></span><span class="facts">${facts}${facts !== '' && ', '}at +${humanDuration((enteredAt - startedAt) / 1000)}</span></summary><div class="inside">
${errors.map((error) => labelledText(`Error at +${humanDuration((error.at - startedAt) / 1000)}`, errorText(error)))}${labelledJson('Input', visit.input)}${labelledJson('Sent to the service', visit.sent)}${labelledJson('Output', visit.output)}</div></details></li>
`;
}

function errorText({ error, cause, of }: VisitError): string {
  return of ? `${of.name} failed` : [error, cause].filter(Boolean).join(': ');
}

function depthOf(visit: StateVisit): number {
  let depth = 0;
  for (let parent = visit.parent; parent; parent = parent.parent) depth++;
  return depth;
}

/** The runs that a scenario started besides the one that it judges. */
export function otherRuns(executions: readonly Execution[], judged: Execution['history']): Markup | undefined {
  const others = executions.filter(({ mapRunArn, history }) => mapRunArn === undefined && history !== judged);
  if (others.length === 0) return undefined;
  const ends = others.map(({ machine, status, error }) => `${machine.name} ${status}${error === undefined ? '' : ` ${error}`}`);
  return markup`<p class="soft small">Shown is the run that the scenario judges. There ${others.length === 1 ? 'was' : 'were'} ${plural(others.length, 'other')} too: ${ends.slice(0, MOST_FAILURES).join(', ')}${others.length > MOST_FAILURES && ', …'}</p>
`;
}

/** What became of the child executions of Distributed Maps. */
export function childrenSummary(children: readonly Execution[]): Markup | undefined {
  if (children.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const { status } of children) counts.set(status, (counts.get(status) ?? 0) + 1);
  const failed = children.filter(({ status }) => status === 'FAILED' || status === 'TIMED_OUT');
  return markup`<h4>Child executions of Distributed Maps</h4>
<p>${[...counts].map(([status, count]) => `${count.toLocaleString('en')} ${status}`).join(', ')}</p>
${failed.slice(0, MOST_FAILURES).map(({ input, error, cause }) => markup`${labelledText('Failed', [error, cause].filter(Boolean).join(': '))}${labelledJson('With the input', input)}`)}${failed.length > MOST_FAILURES && markup`<p class="soft small">and ${plural(failed.length - MOST_FAILURES, 'more failure')}</p>`}`;
}
