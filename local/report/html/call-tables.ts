import type { ApiCall } from '../../cloud-types';
import type { ScenarioResult } from '../../scenario/play';
import { callsOf, Names, outcomeOf } from '../calls';
import { type Markup, markup, type Part } from '../markup';
import { humanDuration } from '../virtual-time';
import { part, plural, table } from './parts';

const MOST_ROWS = 200;
const MOST_TARGETS = 3;

const COLUMNS = [{ head: 'Call' }, { head: 'By', long: true }, { head: 'On', long: true }, { head: 'Outcome' }];

/** One call, or several of a kind. */
interface Row {
  readonly call: string;
  readonly by: string;
  readonly outcome: ReturnType<typeof outcomeOf>;
  readonly targets: readonly string[];
  readonly at: number;
  readonly count: number;
}

/** Who called what, and what came of it; work on a schedule in a table of its own. */
export function callsPart(result: ScenarioResult): Markup {
  const names = new Names(result.resources);
  const { ofTheRun, bySchedule } = callsOf(result);
  const start = result.calls[0]?.at ?? 0;
  const rows = neighboursTogether(ofTheRun.map((call) => rowOf(call, names)));
  const left = rows.length - MOST_ROWS;
  const denied = result.calls.filter((call) => outcomeOf(call).kind === 'denied').length;
  return part(
    'AWS calls',
    [plural(result.calls.length, 'call'), denied > 0 && `${denied} denied`].filter(Boolean).join(', '),
    markup`${table(
      'AWS calls',
      [...COLUMNS, { head: 'When', numeric: true }],
      rows.slice(0, MOST_ROWS).map((row) => [...cellsOf(row), `+${humanDuration((row.at - start) / 1000)}`]),
    )}${
      left > 0 && markup`<p class="soft small">${plural(left, 'more row')} left out</p>`
    }${bySchedule.length > 0 && scheduledTable(bySchedule, names)}`,
  );
}

function rowOf(call: ApiCall, names: Names): Row {
  return {
    call: `${call.service}:${call.operation}`,
    by: names.caller(call.principal),
    outcome: outcomeOf(call),
    targets: [names.target(call)],
    at: call.at,
    count: 1,
  };
}

function cellsOf({ call, by, outcome, targets, count }: Row): Part[] {
  const left = targets.length - MOST_TARGETS;
  return [
    markup`<code>${call}</code>${count > 1 && ` ×${count.toLocaleString('en')}`}`,
    by,
    `${targets.slice(0, MOST_TARGETS).join(', ')}${left > 0 ? `, and ${plural(left, 'other')}` : ''}`,
    outcome.kind === 'done' ? outcome.text : markup`<span class="word ${outcome.kind}">${outcome.text}</span>`,
  ];
}

function neighboursTogether(rows: readonly Row[]): Row[] {
  const together: Row[] = [];
  for (const row of rows) {
    const last = together.at(-1);
    if (last && kindOf(last) === kindOf(row)) together[together.length - 1] = both(last, row);
    else together.push(row);
  }
  return together;
}

function kindOf({ call, by, outcome }: Row): string {
  return JSON.stringify([call, by, outcome.text]);
}

function both(first: Row, second: Row): Row {
  return { ...first, targets: [...new Set([...first.targets, ...second.targets])], count: first.count + second.count };
}

function scheduledTable(calls: readonly ApiCall[], names: Names): Markup {
  const rows = new Map<string, Row>();
  for (const row of calls.map((call) => rowOf(call, names))) {
    const former = rows.get(kindOf(row));
    rows.set(kindOf(row), former ? both(former, row) : row);
  }
  return markup`<h4>On a schedule, while the run went on</h4>
${table('Calls on a schedule', COLUMNS, [...rows.values()].map(cellsOf))}`;
}
