// npm run bench:local — how fast the local cloud is, beside MiniStack in the same run; each in a process of its own. --json for machines.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MINISTACK = '1.5.33';
const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '..', '..', '.stepworks', 'bench-local');
const json = process.argv.includes('--json');
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const run = (...args) => execFileSync(process.execPath, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

mkdirSync(folder, { recursive: true });
const assembly = join(folder, 'cdk.out');
run('--import', 'tsx', join(here, 'stack.ts'), assembly);
run(join(here, '..', '..', 'scripts', 'bundle-local.mjs'), join(folder, 'dist-local'));

const results = { node: process.version, start: start(), ...(await ours()), ministack: await ministack() };
if (json) console.log(JSON.stringify(results));
else print(results);

/** The command as it is published, from its start to its end with a run's result. */
function start() {
  const input = join(folder, 'input.json');
  writeFileSync(input, '{}');
  const args = [
    join(folder, 'dist-local', 'stepworks.js'),
    'run',
    '--app',
    assembly,
    '--state-machine',
    'Bench/Workflow',
    '--input',
    input,
    '--json',
  ];
  const times = Array.from({ length: 7 }, () => {
    const begin = performance.now();
    const { status } = JSON.parse(run(...args));
    if (status !== 'SUCCEEDED') throw new Error(`the run ended as ${status}`);
    return performance.now() - begin;
  });
  return { firstMs: times[0], medianMs: median(times) };
}

async function ours() {
  const server = spawn(process.execPath, ['--import', 'tsx', join(here, 'server.ts'), assembly], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const { coldMs, warmMs, inside, ...place } = JSON.parse(await firstLine(server));
    return { coldMs, warmMs, inside, stepworks: JSON.parse(run(join(here, 'client.mjs'), JSON.stringify(place))) };
  } finally {
    server.stdin.end();
  }
}

function firstLine(server) {
  return new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data).split('\n')[0]));
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** Undefined where there is no Python, or no package. */
async function ministack() {
  const python = join(folder, 'venv', 'bin', 'python');
  try {
    if (!existsSync(join(folder, 'venv', 'bin', 'ministack'))) {
      console.error(`Fetching MiniStack ${MINISTACK} …`);
      execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: ['ignore', 2, 2] });
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ministack==${MINISTACK}`], {
        stdio: ['ignore', 2, 2],
      });
    }
  } catch (error) {
    console.error(`without MiniStack: ${error.message.split('\n')[0]}`);
    return undefined;
  }
  const port = await freePort();
  const begin = performance.now();
  const server = spawn(join(folder, 'venv', 'bin', 'ministack'), [], {
    env: { ...env, GATEWAY_PORT: String(port) },
    stdio: 'ignore',
    cwd: folder,
  });
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(`${endpoint}/_ministack/health`, server);
    const startMs = performance.now() - begin;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const place = { endpoint, credentials, table: 'bench', bucket: 'bench', create: true };
    return { startMs, rates: JSON.parse(run(join(here, 'client.mjs'), JSON.stringify(place))) };
  } finally {
    server.kill('SIGKILL');
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function answers(url, server) {
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (server.exitCode !== null) throw new Error(`MiniStack ended with ${server.exitCode}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('MiniStack did not answer');
}

function print({ node, start: started, coldMs, warmMs, inside, stepworks, ministack: other }) {
  const rate = (value) => (value === undefined ? '' : Math.round(value).toLocaleString('en'));
  console.log(`Node ${node}\n`);
  console.log('| from start to | |\n| --- | ---: |');
  console.log(
    `| the first result of a workflow, the first time and the median of seven | ${started.firstMs.toFixed(0)} ms, ${started.medianMs.toFixed(0)} ms |`,
  );
  if (other) console.log(`| MiniStack ${MINISTACK} answering its health check | ${other.startMs.toFixed(0)} ms |`);
  console.log(`| a Lambda function’s answer, cold and warm | ${coldMs.toFixed(0)} ms, ${warmMs.toFixed(2)} ms |`);
  console.log(
    '\nOperations a second through the wire, by the real SDK in another process, one and sixteen at once; ours with access checks:\n',
  );
  console.log(`| | Stepworks, 1 | Stepworks, 16 | MiniStack ${MINISTACK}, 1 | MiniStack, 16 |\n| --- | ---: | ---: | ---: | ---: |`);
  for (const [name, { one, many }] of Object.entries(stepworks)) {
    const theirs = other?.rates[name];
    console.log(`| ${[name, rate(one), rate(many), rate(theirs?.one), rate(theirs?.many)].join(' | ')} |`);
  }
  const wire = 1e6 / stepworks['DynamoDB PutItem'].one;
  const share = (whole) => `${((100 * inside.access) / whole).toFixed(1)} %`;
  console.log(`\nAn access check takes ${inside.access.toFixed(1)} µs:\n\n| share of a PutItem | |\n| --- | ---: |`);
  console.log(
    `| through the wire, ${wire.toFixed(0)} µs | ${share(wire)} |\n| in process, ${inside.putItem.toFixed(0)} µs | ${share(inside.putItem)} |`,
  );
  const others = [`GetItem ${inside.getItem.toFixed(0)} µs`, `PutObject of 1 KB ${inside.putObject.toFixed(0)} µs`];
  console.log(`\nOther calls in process: ${others.join(', ')}.`);
}
