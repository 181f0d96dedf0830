import type { ScenarioResult } from '../scenario/play';
import type { Pattern } from '../scenario/scenario';
import { unusedInAll } from './permissions';
import { timeline } from './timeline';
import { humanDuration } from './virtual-time';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

interface Row {
  readonly pattern: string;
  readonly passed: string;
  readonly transitions: string;
  readonly virtualTime: string;
  readonly unused: string;
}

/** The report that a person reads in the terminal: progress while scenarios are played, then a table. */
export class TerminalReport {
  private readonly rows: Row[] = [];
  private readonly paint: (code: number, text: string) => string;

  constructor(
    private readonly out: Output,
    private readonly options: { readonly detailed: boolean },
  ) {
    const colour = out.isTTY === true && process.env.NO_COLOR === undefined;
    this.paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  }

  begin(pattern: Pattern): void {
    this.line(`${this.bold(pattern.name)}  ${pattern.title}`);
  }

  scenario(result: ScenarioResult): void {
    const mark = result.asExpected ? this.paint(32, '✓') : this.paint(31, '✗');
    const ended = result.error === undefined ? result.status : `${result.status} ${result.error}`;
    this.line(`  ${mark} ${result.scenario.padEnd(28)} ${result.title}`);
    this.line(
      this.dim(`      ${ended} after ${humanDuration(result.virtualSeconds)} of virtual time, ${result.transitions} state transitions`),
    );
    if (this.options.detailed) this.detail(result);
    for (const problem of result.problems) this.line(this.paint(31, `      ${problem}`));
  }

  end(pattern: Pattern, results: readonly ScenarioResult[]): void {
    const unused = unusedInAll(results);
    const transitions = results.map((result) => result.transitions);
    this.rows.push({
      pattern: pattern.name,
      passed: `${results.filter((result) => result.asExpected).length} of ${results.length}`,
      transitions: range(transitions),
      virtualTime: humanDuration(Math.max(...results.map((result) => result.virtualSeconds))),
      unused: String(unused.length),
    });
    if (unused.length > 0) {
      this.line('');
      this.line(`  Granted, and not used in ${results.length === 1 ? 'this run' : 'any of these runs'}:`);
      for (const { role, actions, resources } of unused) this.line(`    ${role}: ${actions.join(', ')} on ${resources.join(', ')}`);
    }
    this.line('');
  }

  /** One row for each pattern. */
  summary(): void {
    const header: Row = {
      pattern: 'pattern',
      passed: 'as expected',
      transitions: 'transitions a run',
      virtualTime: 'longest run',
      unused: 'permissions never used',
    };
    const columns = Object.keys(header) as (keyof Row)[];
    const widths = columns.map((column) => Math.max(...[header, ...this.rows].map((row) => row[column].length)));
    const line = (row: Row) => columns.map((column, i) => row[column].padEnd(widths[i])).join('   ');
    this.line(this.dim(line(header)));
    for (const row of this.rows) this.line(line(row));
  }

  private detail(result: ScenarioResult): void {
    for (const { at, text } of timeline(result.history)) this.line(`      ${this.dim(`+${humanDuration(at)}`.padStart(12))}  ${text}`);
    if (result.output !== undefined) this.line(`      ${this.dim('output'.padStart(12))}  ${JSON.stringify(result.output)}`);
  }

  private line(text: string): void {
    this.out.write(`${text}\n`);
  }

  private bold(text: string): string {
    return this.paint(1, text);
  }

  private dim(text: string): string {
    return this.paint(2, text);
  }
}

function range(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}
