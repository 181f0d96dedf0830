import type { Json, ScenarioResult } from '../../../local';
import { HtmlReport } from '../../../local/report/html/report';
import { accountOpening } from '../../../patterns/account-opening/scenarios';
import { playOn, synthesizeSample } from '../../support/sample';

const sample = synthesizeSample('account-opening');
const NAMES = ['throttled', 'expired-escalated', 'check-throws', 'fields-missing'];
const results: ScenarioResult[] = [];
let page: string;

beforeAll(async () => {
  const { assembly, scenarios } = await sample;
  for (const scenario of scenarios) if (NAMES.includes(scenario.name)) results.push(await playOn(assembly, scenario));
  page = await reportOn(results);
});

async function reportOn(played: readonly ScenarioResult[]): Promise<string> {
  const report = new HtmlReport();
  for (const result of played) await report.scenario(accountOpening, result);
  report.end(accountOpening, played);
  return report.page('2026-01-05 09:00 UTC');
}

function result(name: string): ScenarioResult {
  const found = results.find(({ scenario }) => scenario === name);
  if (!found) throw new Error(`${name} was not played`);
  return found;
}

/** A scenario's part of the page. */
function sectionOf(name: string, html = page): string {
  const start = html.indexOf(`id="account-opening.${name}"`);
  const end = html.indexOf('<details class="scenario', start);
  return html.slice(start, end < 0 ? undefined : end);
}

test('every scenario is there, with its picture and every state that was visited', () => {
  for (const { scenario, title, statesVisited } of results) {
    const section = sectionOf(scenario);
    expect(section).toContain(title.replaceAll('"', '&quot;'));
    expect(section).toContain('<svg class="graph"');
    expect([...section.matchAll(/<span class="name">([^ ]*) /g)].map(([, name]) => name)).toEqual(statesVisited);
  }
  expect(page).toContain('4 of 4 scenarios as expected');
});

test('each state has what went in and what came out, retries and errors', () => {
  const section = sectionOf('throttled');
  expect(section).toContain('retried 2 times');
  expect(section.match(/aria-label="Error at \+/g)).toHaveLength(2);
  expect(section).toContain('ThrottlingException');
  expect(section.match(/aria-label="Input"/g)).toHaveLength(result('throttled').statesVisited.length);
});

test('the calls, by whom and on what; those on a schedule apart', () => {
  const section = sectionOf('expired-escalated').replaceAll('<wbr>', '');
  expect(section).toContain('AccountOpening/Review/Notify/Role');
  expect(section).toContain('AccountOpening/Account/Applications');
  expect(section).toMatch(/On a schedule[\s\S]*dynamodb:Query<\/code> ×\d+[\s\S]*AccountOpening\/Review\/Sweep\/Role/);
  expect(section).toContain('To <strong>supervisor@example.com</strong>');
});

test('an error and a failed state are told', () => {
  const section = sectionOf('fields-missing');
  expect(section).toContain('FAILED InvalidInput');
  expect(section).toMatch(/aria-label="failed"[\s\S]*<span class="name">InvalidInput /);
});

test('links lead to what is there', () => {
  const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, target]) => target);
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((link) => !link.startsWith('#') || !ids.has(link.slice(1)))).toEqual([]);
  expect(ids.size).toBe([...page.matchAll(/ id="/g)].length);
});

test('nothing is loaded from anywhere, and no script runs', () => {
  const tags = page.match(/<[a-z][^>]*>/gi) ?? [];
  expect(tags.filter((tag) => /\b(src|srcset|data|action|poster)=|https?:|\son\w+=/i.test(tag))).toEqual([]);
  expect(page).not.toMatch(/<(script|link|iframe|object|img|form|base)\b/i);
  expect(/<style>[\s\S]*?<\/style>/.exec(page)?.[0]).not.toMatch(/url\(|@import|https?:/);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test('a call that no policy allows is told with its role, and in the problems', async () => {
  const permission = result('throttled').usedPermissions.find(({ action }) => action === 'dynamodb:UpdateItem');
  if (!permission) throw new Error('the table is not written');
  const { assembly, scenarios } = await sample;
  const html = await reportOn([await playOn(assembly, scenarios[0], (cloud) => cloud.access.takeAway(permission))]);
  const section = sectionOf('clean', html).replaceAll('<wbr>', '');
  expect(section).toContain(`<li>${permission.role} may not dynamodb:UpdateItem on`);
  expect(section).toMatch(/<code>dynamodb:UpdateItem<\/code>[\s\S]*?<span class="word denied">denied<\/span>/);
  expect(section).toMatch(/AWS calls <span class="soft">\d+ calls, 1 denied/);
  expect(section).toMatch(/<h4>Denied<\/h4>[\s\S]*AccountOpening\/Account\/Applications[\s\S]*the test took it away/);
  expect(section).toMatch(/class="state failed"[^>]*><title>OpenAccount: failed/);
});

test('a wildcard that is wider than what was used is told, of a scenario and of all', async () => {
  const played = result('throttled');
  const wildcard = { role: 'AccountOpening/Role', statement: 'Policy, statement 1', element: 'Action', pattern: 's3:*' } as const;
  const wide = {
    ...played,
    widePermissions: [{ ...wildcard, enough: ['s3:GetObject'] }],
    wildcardUses: [{ ...wildcard, used: ['s3:GetObject'] }],
  };
  const section = (await reportOn([wide])).replaceAll('<wbr>', '');
  expect(section).toContain('1 wider than used');
  expect(section).toMatch(/<h4>Wider than this scenario used<\/h4>[\s\S]*<code>s3:\*<\/code>[\s\S]*s3:GetObject/);
  expect(section).toMatch(/<h4>Wider than these scenarios used<\/h4>[\s\S]*<code>s3:\*<\/code>/);
});

test('what a run holds is text, whatever it looks like', async () => {
  const evil = '</pre><script>alert(1)</script><img src=x onerror="alert(1)">\u0000\ud800';
  const { assembly, scenarios } = await sample;
  const scenario = { ...scenarios[0], title: evil, input: { [evil]: evil } as Json };
  const html = await reportOn([await playOn(assembly, scenario)]);
  expect(html).not.toMatch(/<script|<img/i);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  expect(html).not.toMatch(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])/);
  expect(html).toContain('&lt;/pre&gt;&lt;script&gt;alert(1)');
  // Its own expectations are not met by another input: that is told, and opened.
  expect(sectionOf('clean', html)).toMatch(/^id="account-opening\.clean" open>[\s\S]*Not as expected/);
  expect(html).toContain('0 of 1 scenario as expected');
});

test('values of more than some thousand characters are cut', async () => {
  const long = 'long '.repeat(20_000);
  const html = await reportOn([{ ...result('throttled'), output: long }]);
  expect(html.length).toBeLessThan(page.length);
  expect(html).toContain('more characters are left out');
});

test('many visits and calls don’t make the page endless', async () => {
  const played = result('throttled');
  const entered = played.history.find(({ type }) => type === 'TaskStateEntered');
  const history = [
    ...played.history,
    ...Array.from({ length: 20_000 }, (_, index) => ({ ...entered, id: 1000 + index, previousEventId: 1 })),
  ];
  const calls = Array.from({ length: 20_000 }, (_, index) => ({ ...played.calls[0], operation: `Operation${index}` }));
  const html = await reportOn([{ ...played, history: history as ScenarioResult['history'], calls }]);
  expect(html.length).toBeLessThan(1_500_000);
  expect(html).toMatch(/more visits left out[\s\S]*more rows left out/);
});

test('a start that was refused has no picture, and still a place', async () => {
  const refused = {
    ...result('throttled'),
    status: 'NOT_STARTED' as const,
    definition: undefined,
    history: [],
    executions: [],
    mapRuns: [],
    error: 'InvalidName',
  };
  const section = sectionOf('throttled', await reportOn([refused]));
  expect(section).toContain('NOT_STARTED InvalidName');
  expect(section).not.toContain('<svg class="graph"');
});
