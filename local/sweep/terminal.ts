import type { Pattern } from '../scenario/scenario';
import type { FaultResult } from './player';
import type { SweepOutcome } from './sweep';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const HEAD = ['pattern', 'played', 'held', 'ways never taken', 'permissions never used'] as const;

/** The table of faults, as they are played, and a row for each pattern in the end. */
export class SweepTerminal {
  private readonly rows: string[][] = [];
  private readonly paint: (code: number, text: string) => string;

  constructor(private readonly out: Output) {
    const colour = out.isTTY === true && process.env.NO_COLOR === undefined;
    this.paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  }

  begin({ name, title }: Pattern): void {
    this.line(`${this.paint(1, name)}  ${title}`);
  }

  result({ scenario, fault, at, outcome, held, problems }: FaultResult): void {
    const mark = held ? this.paint(32, '✓') : this.paint(31, '✗');
    this.line(`  ${mark} ${fault.padEnd(9)}  ${at.padEnd(52)} ${outcome.padEnd(44)} ${this.paint(2, scenario)}`);
    for (const problem of problems) this.line(this.paint(31, `      ${problem}`));
  }

  end({ name }: Pattern, { results, coverage, unusedPermissions, problems }: SweepOutcome): void {
    this.line(`  coverage: ${coverage.all.text}`);
    this.line(this.paint(2, `  by the scenarios alone: ${coverage.scenarios.text}`));
    for (const problem of problems) this.line(this.paint(31, `  ${problem}`));
    this.line('');
    const held = results.filter((result) => result.held).length;
    const figures = [results.length, held, coverage.all.neverTaken.length, unusedPermissions.length];
    this.rows.push([name, ...figures.map(String)]);
  }

  /** One row for each pattern. */
  summary(): void {
    const widths = HEAD.map((head, i) => Math.max(head.length, ...this.rows.map((row) => row[i].length)));
    for (const row of [[...HEAD], ...this.rows])
      this.line(
        row
          .map((cell, i) => cell.padEnd(widths[i]))
          .join('   ')
          .trimEnd(),
      );
  }

  private line(text: string): void {
    this.out.write(`${text}\n`);
  }
}
