import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graph } from '../../../bin/commands/graph';
import { UsageError } from '../../../bin/commands/usage-error';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-graph-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function drawn(options: { scenario?: string; theme?: string }): Promise<string> {
  const out = join(folder, 'picture.svg');
  expect(await graph({ pattern: 'account-opening', out, ...options })).toBe(0);
  return readFileSync(out, 'utf8');
}

test.each(['light', 'dark'])("the sample's %s picture is the one that the command draws", async (theme) => {
  const kept = readFileSync(join(__dirname, '..', '..', '..', 'patterns', 'account-opening', `workflow-${theme}.svg`), 'utf8');
  // Drawn anew by: npm run stepworks -- graph account-opening --theme light --out patterns/account-opening/workflow-light.svg
  expect(kept).toBe(await drawn({ theme }));
});

test('a scenario colours it', async () => {
  const svg = await drawn({ scenario: 'fields-missing' });
  expect(svg).toMatch(/2 of \d+ states visited/);
  expect(svg).toMatch(/class="state failed"[^>]*><title>InvalidInput: failed/);
});

test.each([
  [{}, 'which pattern?'],
  [{ pattern: 'nothing' }, "there is no pattern 'nothing'"],
  [{ pattern: 'account-opening', scenario: 'nothing' }, "has no scenario 'nothing'"],
  [{ pattern: 'account-opening', theme: 'pink' }, '--theme must be light or dark'],
])('%j is not understood: %s', async (options, message) => {
  const refused = graph(options);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(message);
});
