import type { ApiCall } from '../../cloud-types';
import type { ScenarioResult } from '../../scenario/play';
import { callsOf, Names, outcomeOf } from '../calls';
import { type Markup, markup, type Part } from '../markup';
import { humanDuration } from '../virtual-time';
import { part, plural, table } from './parts';

const MOST_ROWS = 200;

interface Row {
  readonly key: string;
  readonly cells: readonly Part[];
  readonly at: number;
  readonly count: number;
}

/** Who called what, and what came of it; work on a schedule in a table of its own. */
export function callsPart(result: ScenarioResult): Markup {
  const names = new Names(result.resources);
  const { ofTheRun, bySchedule } = callsOf(result);
  const start = result.calls[0]?.at ?? 0;
  const rows = ofTheRun.map((call) => rowOf(call, names)).reduce<Row[]>(withNeighbours, []);
  const left = rows.length - MOST_ROWS;
  const denied = result.calls.filter((call) => outcomeOf(call).kind === 'denied').length;
  return part(
    'AWS calls',
    [plural(result.calls.length, 'call'), denied > 0 && `${denied} denied`].filter(Boolean).join(', '),
    markup`${table('AWS calls', [{ head: 'Call' }, { head: 'By' }, { head: 'On' }, { head: 'Outcome' }, { head: 'When' }], withTimes(rows.slice(0, MOST_ROWS), start))}${
      left > 0 && markup`<p class="soft small">${plural(left, 'more row')} left out</p>`
    }${bySchedule.length > 0 && scheduledTable(bySchedule, names)}`,
  );
}

function withTimes(rows: readonly Row[], start: number): Part[][] {
  return rows.map(({ cells: [call, ...others], at, count }) => [
    markup`<code>${call}</code>${count > 1 && ` ×${count}`}`,
    ...others,
    `+${humanDuration((at - start) / 1000)}`,
  ]);
}

function rowOf(call: ApiCall, names: Names): Row {
  const { kind, text } = outcomeOf(call);
  const plain = [`${call.service}:${call.operation}`, names.caller(call.principal), names.target(call)];
  const outcome = markup`<span class="${kind === 'done' ? '' : `word ${kind}`}">${text}</span>`;
  return { key: JSON.stringify([...plain, text]), cells: [...plain, outcome], at: call.at, count: 1 };
}

/** The same again and again is one row. */
function withNeighbours(rows: Row[], row: Row): Row[] {
  const last = rows.at(-1);
  if (last?.key === row.key) rows[rows.length - 1] = { ...last, count: last.count + 1 };
  else rows.push(row);
  return rows;
}

function scheduledTable(calls: readonly ApiCall[], names: Names): Markup {
  const rows = new Map<string, Row>();
  for (const row of calls.map((call) => rowOf(call, names))) rows.set(row.key, { ...row, count: (rows.get(row.key)?.count ?? 0) + 1 });
  return markup`<h4>On a schedule, while the run went on</h4>
${table(
  'Calls on a schedule',
  [{ head: 'Call' }, { head: 'By' }, { head: 'On' }, { head: 'Outcome' }, { head: 'Times', numeric: true }],
  [...rows.values()].map(({ cells: [call, ...others], count }) => [markup`<code>${call}</code>`, ...others, count.toLocaleString('en')]),
)}`;
}
