/**
 * Runs the suites of S3, DynamoDB, SQS and event patterns against MiniStack and compares: what differs must stand in `ministack.ts` with its
 * reason, and what stands there must differ.
 *
 *     pip install ministack==1.5.33
 *     node --import tsx test/compare/run.ts [--write] [path of ministack]
 *
 * `--write` brings the table in local/services/README.md up to date. It is no part of CI, which has no Python packages.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIFFERENCES, MINISTACK } from './ministack';

const ROOT = join(__dirname, '..', '..');
const README = join(ROOT, 'local', 'services', 'README.md');

const SUITES: Readonly<Record<string, readonly string[]>> = {
  S3: ['objects', 'writes', 'multipart', 'lists', 'versions', 'presigned'].map((name) => `s3/${name}`),
  DynamoDB: ['items', 'query-scan', 'condition', 'update', 'batch', 'transactions', 'tables'].map((name) => `dynamodb/${name}`),
  SQS: ['sqs'],
  'Event patterns': ['event-pattern'],
};

type Kind = 'same' | 'differs' | 'only here';

interface Compared {
  readonly suite: string;
  readonly test: string;
  readonly kind: Kind;
  readonly message: string;
}

async function main(): Promise<void> {
  const executable = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 'ministack';
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const emulator = spawn(executable, [], {
    stdio: 'ignore',
    env: { ...process.env, BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), IOT_MTLS_ENABLED: '0' },
  });
  try {
    await healthy(emulator, executable, endpoint);
    const compared = await suites(endpoint);
    report(compared);
    if (process.argv.includes('--write')) write(table(compared));
  } finally {
    emulator.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function healthy(emulator: ChildProcess, executable: string, endpoint: string): Promise<void> {
  let failure: Error | undefined;
  emulator.once('error', (error) => {
    failure = error;
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    if (failure) throw new Error(`${executable} does not start (${failure.message}): pip install ${MINISTACK}, and give its path`);
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${executable} has not become healthy at ${endpoint}`);
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function suites(endpoint: string): Promise<Compared[]> {
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-compare-'));
  const outputFile = join(folder, 'report.json');
  try {
    const files = Object.values(SUITES).flatMap((names) => names.map((name) => join('test', 'local', 'services', `${name}.test.ts`)));
    const options = ['--runInBand', '--forceExit', '--silent', '--json', `--outputFile=${outputFile}`, '--testTimeout=40000'];
    const jest = spawn(process.execPath, [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...options, ...files], {
      cwd: ROOT,
      stdio: 'ignore',
      env: { ...process.env, STEPWORKS_COMPARE: endpoint },
    });
    await new Promise((resolve) => jest.once('exit', resolve));
    const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as JestReport;
    return testResults.flatMap(({ name, message, assertionResults }) => {
      const suite = Object.keys(SUITES).find((known) => SUITES[known].some((file) => name.endsWith(`${file}.test.ts`))) ?? name;
      if (assertionResults.length === 0) throw new Error(`${name} did not run: ${message}`);
      return assertionResults.map(({ fullName, status, failureMessages }) => {
        const text = failureMessages.join('\n');
        const kind: Kind = status === 'passed' ? 'same' : text.includes('only here: ') ? 'only here' : 'differs';
        return { suite, test: fullName, kind, message: text };
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(compared: readonly Compared[]): void {
  const explained = new Set(DIFFERENCES.flatMap(({ suite, tests }) => tests.map((test) => `${suite}: ${test}`)));
  const differing = new Map(compared.filter(({ kind }) => kind === 'differs').map((one) => [`${one.suite}: ${one.test}`, one.message]));
  const [unexplained, stale] = [
    [...differing.keys()].filter((key) => !explained.has(key)),
    [...explained].filter((key) => !differing.has(key)),
  ];
  for (const key of unexplained) console.log(`not explained  ${key}\n${readable(differing.get(key) ?? '')}\n`);
  for (const key of stale) console.log(`differs no more  ${key}`);
  console.log(table(compared));
  if (unexplained.length + stale.length > 0) process.exitCode = 1;
}

function readable(message: string): string {
  const lines = message.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '').split('\n');
  return lines
    .filter((line) => !/^\s+at /.test(line) || line.includes('.test.ts:'))
    .slice(0, 40)
    .join('\n');
}

function table(compared: readonly Compared[]): string {
  const count = (suite: string, kind: Kind) => compared.filter((one) => one.suite === suite && one.kind === kind).length;
  const rows = Object.keys(SUITES).map(
    (suite) => `| ${suite} | ${count(suite, 'same')} | ${count(suite, 'differs')} | ${count(suite, 'only here')} |`,
  );
  return ['| suite | the same | different, explained | can be tried here only |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function write(content: string): void {
  const text = readFileSync(README, 'utf8');
  const next = text.replace(/(<!-- compared -->\n)[\s\S]*?(<!-- end compared -->)/, (_, open, close) => `${open}\n${content}\n\n${close}`);
  writeFileSync(README, next);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
