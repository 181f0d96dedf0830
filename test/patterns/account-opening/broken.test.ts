import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Assembly } from '../../../local';
import { playOn, synthesizeSample } from '../../support/sample';

const sample = synthesizeSample('account-opening');
const folder = mkdtempSync(join(tmpdir(), 'stepworks-broken-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One line of a handler, changed: `file` is bundled anew into the handler's asset. */
interface BrokenHandler {
  readonly handler: string;
  readonly file: string;
  readonly line: string;
  readonly becomes: string;
}

/** Part of the definition, changed. */
interface BrokenDefinition {
  readonly rule: string;
  readonly becomes: string;
}

const GATE = 'lib/blocks/approval-gate';
const SAMPLE = 'patterns/account-opening';

const handler = (path: string, file: string, line: string, becomes: string): BrokenHandler => ({ handler: path, file, line, becomes });

const BROKEN: [string, string, BrokenHandler | BrokenDefinition][] = [
  ['a review for nobody', 'flagged-approved', { rule: ') >= 1) or ', becomes: ') >= 9) or ' }],
  ['a rejection that counts as an approval', 'flagged-refused', { rule: 'decision = \\"APPROVED\\"', becomes: 'decision != \\"NOBODY\\"' }],
  ['an input that is let through', 'fields-missing', { rule: ') != \\"\\" %}', becomes: ') = \\"never\\" %}' }],
  [
    'a second write that replaces the first',
    'same-id-other-data',
    { rule: 'attribute_not_exists(applicationId) OR', becomes: 'attribute_exists(#status) OR attribute_not_exists(applicationId) OR' },
  ],
  [
    'a name check that finds nobody',
    'flagged-approved',
    handler(`${SAMPLE}:check-name`, 'watch-list.ts', 'THRESHOLD = 0.88', 'THRESHOLD = 9'),
  ],
  [
    'a name check that finds everybody',
    'clean',
    handler(`${SAMPLE}:check-name`, 'check-name/index.ts', 'flagged: reasons.length > 0,', 'flagged: true, reason: "x",'),
  ],
  [
    'an address check that never flags',
    'flagged-refused',
    handler(`${SAMPLE}:check-address`, 'check-address/index.ts', 'flagged: problems.length > 0', 'flagged: false'),
  ],
  ['a page that takes any code', 'mail-scanner', handler(`${GATE}:respond`, 'respond.ts', 'sameText(code, secrets.code) ?', 'true ?')],
  [
    'a page that takes late decisions',
    'late-click',
    handler(`${GATE}:respond`, 'respond.ts', 'Date.now() >= Date.parse(waiting.expiresAt)', 'false'),
  ],
  [
    'a message to the wrong person',
    'flagged-approved',
    handler(`${GATE}:notify`, 'channel.ts', 'StringValue: request.approver', 'StringValue: "nobody@example.com"'),
  ],
  ['an outcome that names nobody', 'flagged-approved', handler(`${GATE}:respond`, 'answer.ts', 'by: decidedBy', 'by: "somebody"')],
  ['a sweeper that sweeps nothing', 'answer-lost', handler(`${GATE}:sweep`, 'sweep.ts', 'GRACE_MS = 60_000', 'GRACE_MS = 1e15')],
];

test.each(BROKEN)('%s turns the scenario %s red', async (_, scenarioName, broken) => {
  const { assembly, scenarios } = await sample;
  const scenario = scenarios.find(({ name }) => name === scenarioName);
  if (!scenario) throw new Error(`no scenario ${scenarioName}`);
  const result = await playOn('rule' in broken ? withDefinition(assembly, broken) : await withHandler(assembly, broken), scenario);
  expect(result.asExpected).toBe(false);
});

function withDefinition(assembly: Assembly, { rule, becomes }: BrokenDefinition): Assembly {
  let found = 0;
  const stacks = assembly.stacks.map((stack) => {
    const template = JSON.stringify(stack.template, (_key, value) => {
      if (typeof value !== 'string' || !value.includes(rule)) return value;
      found++;
      return value.replace(rule, becomes);
    });
    return { ...stack, template: JSON.parse(template), assetAt: stack.assetAt.bind(stack) };
  });
  if (found === 0) throw new Error(`the definition has no ${rule}`);
  return { ...assembly, stacks };
}

async function withHandler(assembly: Assembly, { handler, file, line, becomes }: BrokenHandler): Promise<Assembly> {
  const outdir = mkdtempSync(join(folder, 'handler-'));
  const [part, name] = handler.split(':');
  await build({
    entryPoints: [join(part, 'handlers', name, 'index.ts')],
    outfile: join(outdir, 'index.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@aws-sdk/*'],
    plugins: [
      {
        name: 'break',
        setup({ onLoad }) {
          onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, ({ path }) => {
            const source = readFileSync(path, 'utf8');
            if (!source.includes(line)) throw new Error(`${file} has no line ${line}`);
            return { contents: source.replace(line, becomes), loader: 'ts' };
          });
        },
      },
    ],
    logLevel: 'silent',
  });
  const original = readFileSync(join('assets', part, name, 'index.js'), 'utf8');
  const stacks = assembly.stacks.map((stack) => ({
    ...stack,
    assetAt: (bucket: string, key: string) => {
      const asset = stack.assetAt(bucket, key);
      return asset && readFileSync(join(asset, 'index.js'), 'utf8') === original ? outdir : asset;
    },
  }));
  return { ...assembly, stacks };
}
