import { widerThanUsed } from '../../access';
import type { ScenarioResult } from '../../scenario/play';
import type { Pattern } from '../../scenario/scenario';
import { Names } from '../calls';
import { coverageOf } from '../coverage';
import { figuresOf, type PatternFigures } from '../figures';
import { type Markup, markup, trusted } from '../markup';
import { unusedInAll } from '../permissions';
import { priceSection } from './cost-part';
import { coveragePart } from './coverage-part';
import { plural, statusSign, table } from './parts';
import { unusedTable, wideTable } from './permissions-part';
import { Pictures, scenarioSection } from './scenario-section';
import { STYLE } from './style';

/** One page about a run of samples: no script, nothing from outside, readable on paper and without a network. */
export class HtmlReport {
  private readonly pictures = new Pictures();
  private readonly patterns: { readonly figures: PatternFigures; readonly good: boolean; readonly section: Markup }[] = [];
  private played = 0;
  private passed = 0;
  private scenarios: Markup[] = [];

  async scenario(pattern: Pattern, result: ScenarioResult): Promise<void> {
    this.scenarios.push(await scenarioSection(result, `${pattern.name}.${result.scenario}`, this.pictures));
  }

  end(pattern: Pattern, results: readonly ScenarioResult[]): void {
    const passed = results.filter((result) => result.asExpected).length;
    const unused = unusedInAll(results);
    const wide = widerThanUsed(results.flatMap((result) => result.wildcardUses));
    const coverage = coverageOf(results);
    const names = new Names(results.flatMap(({ resources }) => resources));
    const section = markup`<section aria-labelledby="${pattern.name}"><h2 id="${pattern.name}">${pattern.name}</h2>
<p class="soft">${pattern.title}</p>
${this.scenarios}${unused.length > 0 && markup`<h4>Granted, and not used in any of these scenarios</h4>${unusedTable(unused, names)}`}${
  wide.length > 0 && markup`<h4>Wider than these scenarios used</h4>${wideTable(wide, names)}`
}${coveragePart(coverage)}</section>
`;
    this.patterns.push({ figures: figuresOf(pattern, results), good: passed === results.length, section });
    this.scenarios = [];
    this.played += results.length;
    this.passed += passed;
  }

  /** @param madeAt for the reader: "2026-01-05 09:00 UTC" */
  page(madeAt: string): string {
    const { passed, played } = this;
    return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Stepworks: ${passed} of ${plural(played, 'scenario')} as expected</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<header><h1>${statusSign(passed === played ? 'succeeded' : 'failed', passed === played ? 'all as expected' : 'not all as expected')} ${passed} of ${plural(played, 'scenario')} as expected</h1>
<p class="soft">Workflows run on this machine by Stepworks, ${madeAt}</p></header>
${this.overview()}${this.patterns.map(({ section }) => section)}${priceSection()}<footer>Made by <code>stepworks run</code>. Virtual time: a wait of days passes at once, and handlers take none. Values of more than some thousand characters are cut.</footer>
</main>
</body>
</html>
`.text;
  }

  private overview(): Markup {
    return table(
      'Overview',
      [
        { head: 'Pattern' },
        { head: 'As expected' },
        { head: 'Transitions a run', numeric: true },
        { head: 'Longest run', numeric: true },
        { head: 'Cost of 1,000 runs, about', numeric: true },
        { head: 'Permissions never used', numeric: true },
      ],
      this.patterns.map(({ figures: { pattern, asExpected, ...others }, good }) => [
        markup`<a href="#${pattern}">${pattern}</a>`,
        markup`${statusSign(good ? 'succeeded' : 'failed', '')} ${asExpected}`,
        ...[others.transitions, others.longest, others.cost, others.unused],
      ]),
    );
  }
}
