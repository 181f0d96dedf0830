import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Assembly } from '../../local';
import { playOn, synthesizeSample, withStacks } from './sample';

/** One line of a handler, changed: `file` is bundled anew into the handler's asset. */
export interface BrokenHandler {
  /** `<folder of handlers>:<handler>`. */
  readonly handler: string;
  readonly file: string;
  readonly line: string;
  readonly becomes: string;
}

/** Part of the definition, changed. */
export interface BrokenDefinition {
  readonly rule: string;
  readonly becomes: string;
}

/** Every break turns its scenario red. */
export function testBroken(
  pattern: string,
  broken: readonly (readonly [what: string, scenario: string, BrokenHandler | BrokenDefinition])[],
): void {
  const sample = synthesizeSample(pattern);
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-broken-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(broken)('%s turns the scenario %s red', async (_, scenarioName, change) => {
    const { assembly, scenarios } = await sample;
    const scenario = scenarios.find(({ name }) => name === scenarioName);
    if (!scenario) throw new Error(`no scenario ${scenarioName}`);
    const spoiled = 'rule' in change ? withDefinition(assembly, change) : await withHandler(assembly, change, folder);
    expect((await playOn(spoiled, scenario)).asExpected).toBe(false);
  });
}

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
  return withStacks(assembly, stacks);
}

async function withHandler(assembly: Assembly, { handler, file, line, becomes }: BrokenHandler, folder: string): Promise<Assembly> {
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
          onLoad({ filter: new RegExp(`[\\\\/]${file.replaceAll('.', '\\.')}$`) }, ({ path }) => {
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
      return isBundle(asset, original) ? outdir : asset;
    },
  }));
  return withStacks(assembly, stacks);
}

function isBundle(asset: string | undefined, original: string): boolean {
  try {
    return asset !== undefined && readFileSync(join(asset, 'index.js'), 'utf8') === original;
  } catch {
    // An asset that is one file, such as a script.
    return false;
  }
}
