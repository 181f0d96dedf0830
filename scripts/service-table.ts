/** Writes the tables of local/services/README.md, between their markers; with --check, says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../local/cloud-types';
import { LocalCloud } from '../local/index';
import { OPTIMIZED } from '../local/integrations/optimized';
import { models } from '../local/wire/model';

const file = join(__dirname, '..', 'local', 'services', 'README.md');

const code = (names: readonly string[]): string =>
  [...names]
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ');

/** What Step Functions calls each operation of a service, with the patterns beside request and response. */
function optimized(service: string): ReadonlyMap<string, string> {
  const own = Object.entries(OPTIMIZED).filter(([, integration]) => integration.service === service);
  return new Map(
    own.map(([name, { operation, patterns }]) => {
      const further = patterns.filter((pattern) => pattern !== 'request').map((pattern) => ` .${pattern}`);
      return [operation, `\`${name}${further.join('')}\``];
    }),
  );
}

/** Without the actions that are no operations, such as `InvokeFunctionUrl`. */
const served = ({ name, operations }: Service): string[] =>
  Object.keys(operations)
    .filter((operation) => models[name]?.operations[operation])
    .sort();

function section(service: Service): string {
  const { name, resources = {} } = service;
  const operations = served(service);
  const parts: string[] = [];
  if (operations.length > 0) {
    const integrations = optimized(name);
    const rows = operations.map((operation) => `| \`${operation}\` | ${integrations.get(operation) ?? ''} |`);
    const others = Object.keys(models[name].operations).filter((operation) => !operations.includes(operation));
    parts.push(['| operation | optimized integration |', '| --- | --- |', ...rows].join('\n'));
    if (others.length > 0) parts.push(`<details><summary>Not served: ${others.length}</summary>\n\n${code(others)}\n\n</details>`);
  }
  const types = Object.keys(resources);
  if (types.length > 0) parts.push(`CloudFormation: ${code(types)}`);
  return parts.join('\n\n');
}

function overview(services: readonly Service[]): string {
  const rows = services.map((service) => {
    const count = served(service).length;
    const all = Object.keys(models[service.name]?.operations ?? {}).length;
    return `| [\`${service.name}\`](#${service.name}) | ${count > 0 ? `${count} of ${all}` : '—'} | ${Object.keys(service.resources ?? {}).length || '—'} |`;
  });
  return ['| service | operations | CloudFormation types |', '| --- | --- | --- |', ...rows].join('\n');
}

function replaced(text: string, marker: string, content: string): string {
  const [open, close] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start)
    throw new Error(`${file} has no section for "${marker}": write what it does, between ${open} and ${close} its table`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}

async function main() {
  const cloud = await LocalCloud.deploy({ directory: '', stacks: [] } as never);
  const { all } = (cloud as unknown as { services: { all: readonly Service[] } }).services;
  await cloud.dispose();
  const services = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  const text = readFileSync(file, 'utf8');
  const gone = [...text.matchAll(/<!-- \/([\w-]+) -->/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'services' && !all.some((service) => service.name === name));
  if (gone.length > 0) throw new Error(`${file} has sections for services that are not there: ${gone.join(', ')}`);
  const next = services.reduce(
    (made, service) => replaced(made, service.name, section(service)),
    replaced(text, 'services', overview(services)),
  );
  if (process.argv.includes('--check')) process.exitCode = next === text ? 0 : 1;
  else writeFileSync(file, next);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
