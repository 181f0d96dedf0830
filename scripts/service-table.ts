/** Writes the table of services into local/README.md, between its two markers; with --check, says whether it is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../local/cloud-types';
import { LocalCloud } from '../local/index';
import { OPTIMIZED } from '../local/integrations/optimized';

const file = join(__dirname, '..', 'local', 'README.md');
const code = (names: string[]) =>
  names
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ') || '—';

async function main() {
  const cloud = await LocalCloud.deploy({ directory: '', stacks: [] } as never);
  const { all } = (cloud as unknown as { services: { all: readonly Service[] } }).services;
  await cloud.dispose();
  const rows = [...all]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, operations, resources = {} }) => {
      const optimized = Object.entries(OPTIMIZED)
        .filter(([, { service }]) => service === name)
        .map(
          ([key, { patterns }]) =>
            key +
            patterns
              .filter((p) => p !== 'request')
              .map((p) => ` .${p}`)
              .join(''),
        );
      return `| \`${name}\` | ${code(Object.keys(operations))} | ${code(optimized)} | ${code(Object.keys(resources))} |`;
    });
  const table = ['| service | operations | optimized integrations | resource types |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const text = readFileSync(file, 'utf8');
  const next = text.replace(/(<!-- services -->\n)[\s\S]*?(\n<!-- \/services -->)/, `$1\n${table}\n$2`);
  if (process.argv.includes('--check')) process.exitCode = next === text ? 0 : 1;
  else writeFileSync(file, next);
}
main();
