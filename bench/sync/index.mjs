// npm run bench:sync — BucketSync beside the published reference's algorithm, each load in a process of its own; --json for machines.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const json = process.argv.includes('--json');
const folder = mkdtempSync(join(tmpdir(), 'stepworks-bench-'));
const LOADS = [1_000, 100_000, 1_000_000].flatMap((objects) => ['changed', 'first'].map((kind) => [objects, kind]));
const TITLES = { changed: '1 % changed, new or gone', first: 'first sync' };

const number = (value) => Math.round(value).toLocaleString('en');
const time = (seconds) => (seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`);
const requests = (all) =>
  Object.entries(all)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([operation, n]) => `${operation} ${number(n)}`)
    .join(', ');

try {
  const definition = join(folder, 'definition.json');
  execFileSync(process.execPath, ['--import', 'tsx', join(here, 'definition.ts'), definition], { stdio: ['ignore', 2, 2] });
  const program = join(folder, 'run.cjs');
  const external = ['@aws-sdk/*', '@smithy/*'];
  const options = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error', external };
  await build({ ...options, entryPoints: [join(here, 'run.ts')], outfile: program });
  if (!json) {
    console.log(
      `Node ${process.version}. Ours: the synthesized workflow and the real handlers, run. Reference: its loop as B11 describes it, simulated over the same keys.`,
    );
    console.log(
      'Time: virtual, by the same assumed waits for S3 for both (bench/sync/model.ts). Memory: of the whole process, the local S3 with all objects included.\n',
    );
    console.log(
      '| objects | load | algorithm | transitions | Lambda calls | requests | price, about | virtual time | memory: with the objects, peak |',
    );
    console.log('| ---: | --- | --- | ---: | ---: | --- | ---: | ---: | ---: |');
  }
  for (const [objects, kind] of LOADS) {
    const env = { ...process.env, NODE_PATH: join(here, '..', '..', 'node_modules') };
    const args = ['--max-old-space-size=8192', program, definition, String(objects), kind];
    const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] }));
    if (json) {
      console.log(JSON.stringify(result));
      continue;
    }
    for (const name of ['ours', 'reference']) {
      const { transitions, lambdaCalls, requests: made, usd, seconds, seededMb, peakMb, stopped } = result[name];
      const memory = peakMb === undefined ? '' : `${number(seededMb)} MB, ${number(peakMb)} MB`;
      const cells = [
        number(objects),
        TITLES[kind],
        name,
        number(transitions),
        number(lambdaCalls),
        requests(made),
        `$${usd.toPrecision(2)}`,
      ];
      console.log(`| ${[...cells, time(seconds) + (stopped ? `: ${stopped}` : ''), memory].join(' | ')} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
