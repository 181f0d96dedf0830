import { widerThanUsed } from '../access';
import type { ScenarioResult } from '../scenario/play';
import type { Pattern } from '../scenario/scenario';
import { coverageOf } from './coverage';
import { figuresOf, type PatternFigures } from './figures';
import { deniedText, unusedInAll, unusedText, wideText } from './permissions';
import { timeline } from './timeline';
import { humanDuration } from './virtual-time';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const HEADER: PatternFigures = {
  pattern: 'pattern',
  asExpected: 'as expected',
  transitions: 'transitions a run',
  longest: 'longest run',
  cost: 'cost of 1,000 runs, about',
  unused: 'permissions never used',
};

/** The report that a person reads in the terminal: progress while scenarios are played, then a table. */
export class TerminalReport {
  private readonly rows: PatternFigures[] = [];
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
    if (result.accessMode === 'warn')
      for (const denied of result.deniedCalls) this.line(this.paint(33, `      warning: ${deniedText(denied)}`));
  }

  end(pattern: Pattern, results: readonly ScenarioResult[]): void {
    const unused = unusedInAll(results);
    const wide = widerThanUsed(results.flatMap((result) => result.wildcardUses));
    const coverage = coverageOf(results);
    this.rows.push(figuresOf(pattern, results));
    this.line(`  coverage: ${coverage.text}`);
    if (this.options.detailed) {
      this.list(
        `Never taken in ${results.length === 1 ? 'this run' : 'these runs'}:`,
        coverage.neverTaken.map(({ name }) => name),
      );
    }
    this.list(`Granted, and not used in ${results.length === 1 ? 'this run' : 'any of these runs'}:`, unused.map(unusedText));
    this.list(`Wider than ${results.length === 1 ? 'this run' : 'these runs'} used:`, wide.map(wideText));
    this.line('');
  }

  private list(title: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.line('');
    this.line(`  ${title}`);
    for (const line of lines) this.line(`    ${line}`);
  }

  /** One row for each pattern. */
  summary(): void {
    const columns = Object.keys(HEADER) as (keyof PatternFigures)[];
    const widths = columns.map((column) => Math.max(...[HEADER, ...this.rows].map((row) => row[column].length)));
    const line = (row: PatternFigures) => columns.map((column, i) => row[column].padEnd(widths[i])).join('   ');
    this.line(this.dim(line(HEADER)));
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
