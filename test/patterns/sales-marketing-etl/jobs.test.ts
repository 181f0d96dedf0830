/** The Glue scripts and their stand-ins do the same. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseCsv } from '../../../patterns/sales-marketing-etl/csv';
import { week } from '../../../patterns/sales-marketing-etl/datasets';
import { cleanMarketing, cleanSales, joinCampaigns } from '../../../patterns/sales-marketing-etl/jobs';

const SCRIPTS = join(__dirname, '..', '..', '..', 'patterns', 'sales-marketing-etl', 'glue');
const python = spawnSync('python3', ['--version']).status === 0;

/** What a function of a script gives. */
function script(name: string, call: string, input: unknown): unknown {
  const code = `import json, sys; sys.path.insert(0, ${JSON.stringify(SCRIPTS)}); sys.dont_write_bytecode = True; import ${name} as script; given = json.load(sys.stdin); print(json.dumps(${call}))`;
  const { status, stderr, stdout } = spawnSync('python3', ['-c', code], { input: JSON.stringify(input), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

const { marketing, rejected, sales, joined } = week('2026-03-02', 200);

test('the datasets have what makes such data hard', async () => {
  expect(sales).toMatch(/^\uFEFF/);
  expect(sales).toContain('"1,');
  expect(sales).toContain('"Łukasz ""Luke"" Nowak"');
  expect(sales).toContain('"line\nbreak"');
  expect(sales).toContain('夏のセール');
  const ids = (await parseCsv(sales)).map(({ order_id }) => order_id);
  expect(new Set(ids).size).toBeLessThan(ids.length);
  expect(ids).toContain('');
  expect(week('2026-03-02', 200)).toMatchObject({ sales, marketing });
  expect(week('2026-03-09', 200).sales).not.toBe(sales);
});

test('what is joined is what the datasets were made of', async () => {
  const [clean, rejects] = await cleanSales(sales);
  expect(await joinCampaigns(clean, await cleanMarketing(marketing))).toBe(joined());
  expect((await parseCsv(rejects)).length).toBe(rejected);
});

// On a machine without Python they can't be compared; CI has one.
(python || process.env.CI ? describe : describe.skip)('the scripts', () => {
  test('clean the same sales', async () => {
    const text = sales.replace(/^\uFEFF/, '');
    expect(script('clean_sales', 'script.clean(given)', text)).toEqual(await cleanSales(text));
  });

  test('clean the same marketing', async () => {
    expect(script('clean_marketing', 'script.clean(given)', marketing)).toBe(await cleanMarketing(marketing));
  });

  test.each([
    ['both sides', true, true],
    ['sales alone', true, false],
    ['marketing alone', false, true],
  ])('join the same: %s', async (_, withSales, withMarketing) => {
    const a = withSales ? (await cleanSales(sales))[0] : undefined;
    const b = withMarketing ? await cleanMarketing(marketing) : undefined;
    const [fromScript, fromHere] = [script('join_campaigns', 'script.join(*given)', [a ?? null, b ?? null]), await joinCampaigns(a, b)];
    expect(fromScript).toBe(fromHere);
    expect(fromHere).toBe(joined({ sales: withSales, marketing: withMarketing }));
  });
});
