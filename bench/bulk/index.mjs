// npm run bench:bulk — a synthesized BulkProcess over ever more items, each size in a process of its own; --json for machines.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const SIZES = [1_000, 100_000, 1_000_000];
const json = process.argv.includes('--json');
const folder = mkdtempSync(join(tmpdir(), 'stepworks-bench-'));

const tsx = (...args) =>
  execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const number = (value) => Math.round(value).toLocaleString('en');

try {
  tsx(join(here, 'synthesize.ts'), folder);
  if (!json) {
    console.log(`Node ${process.version}; JSON lines in S3, batches of 100 to a function in a worker, 40 at once, Express children\n`);
    console.log('| items | children | transitions | API calls | virtual | real | items/s | price, about | peak RSS | held afterwards |');
    console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  }
  for (const items of SIZES) {
    const result = JSON.parse(tsx(join(here, 'run.ts'), folder, String(items)));
    if (json) {
      console.log(JSON.stringify(result));
      continue;
    }
    const { children, transitions, calls, virtualSeconds, seconds, usd, peakMb, heldMb } = result;
    const times = [`${virtualSeconds} s`, `${seconds.toFixed(1)} s`, number(items / seconds)];
    const cells = [items, children, transitions, calls].map(number);
    console.log(`| ${[...cells, ...times, `$${usd.toPrecision(2)}`, `${number(peakMb)} MB`, `${number(heldMb)} MB`].join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
