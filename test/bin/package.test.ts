/** The command as it is published, in a process of its own: what it prints, and that killed at any moment it leaves nothing behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, aws_lambda as lambda, Stack, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
const bundle = join(folder, 'dist-local');
const assembly = join(folder, 'cdk.out');
let temporary: string;
let files = 0;

beforeAll(() => {
  const bundled = spawnSync(process.execPath, ['scripts/bundle-local.mjs', bundle], { encoding: 'utf8' });
  if (bundled.status !== 0) throw new Error(bundled.stderr);
  synthesize();
});
beforeEach(() => {
  temporary = join(folder, `tmp-${files++}`);
  mkdirSync(temporary);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A workflow whose handler starts a process, writes both process ids into a file, and never ends. */
function synthesize(): void {
  const code = `const { spawn } = require('node:child_process');
    const { writeFileSync } = require('node:fs');
    exports.handler = ({ file, busy }) => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      writeFileSync(file, String(child.pid));
      while (busy);
      return new Promise(() => setInterval(() => {}, 1000));
    };`.replaceAll('process.execPath', JSON.stringify(process.execPath));
  const stack = new Stack(new App({ outdir: assembly }), 'S');
  const fn = new lambda.Function(stack, 'F', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline(code), // which is unpacked into a temporary folder
    timeout: Duration.minutes(5),
  });
  const task = tasks.LambdaInvoke.jsonata(stack, 'T', { lambdaFunction: fn });
  new sfn.StateMachine(stack, 'M', { queryLanguage: sfn.QueryLanguage.JSONATA, definitionBody: sfn.DefinitionBody.fromChainable(task) });
  const greet = sfn.Pass.jsonata(stack, 'Greet', { outputs: 'hello' });
  new sfn.StateMachine(stack, 'Greeting', {
    queryLanguage: sfn.QueryLanguage.JSONATA,
    definitionBody: sfn.DefinitionBody.fromChainable(greet),
  });
  (stack.node.root as App).synth();
}

function start(app: string, input: object): { command: ChildProcess; ended: Promise<number | string | null> } {
  const file = join(folder, `input-${files++}.json`);
  writeFileSync(file, JSON.stringify(input));
  const args = [join(bundle, 'stepworks.js'), 'run', '--app', app, '--state-machine', 'S/M', '--input', file];
  const env = { ...process.env, TMPDIR: temporary, NODE_OPTIONS: '' };
  const command = spawn(process.execPath, args, { env, stdio: 'ignore' });
  return { command, ended: new Promise((resolve) => command.once('exit', (code, signal) => resolve(signal ?? code))) };
}

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const seen = look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not come`);
}

const contents = (file: string) => existsSync(file) && readFileSync(file, 'utf8');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processes, other than this one, that name this test's folder in their command line or environment. */
function processesOfTest(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return `${readFileSync(`/proc/${pid}/cmdline`)}${readFileSync(`/proc/${pid}/environ`)}`.includes(temporary);
      } catch {
        return false;
      }
    });
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux.each([
  ['SIGTERM', 143, false],
  ['SIGINT', 130, true],
  ['SIGHUP', 129, false],
] as const)('%s while a handler runs: exit code %d', async (signal, code, busy) => {
  const started = join(folder, `started-${files++}`);
  const { command, ended } = start(assembly, { file: started, busy });
  const child = Number(await until('the handler', () => contents(started)));
  expect(isAlive(child)).toBe(true);
  command.kill(signal);
  expect(await ended).toBe(code);
  await until('the end of what the handler started', () => !isAlive(child));
  expect(processesOfTest()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});

onLinux.each([false, true])('SIGKILL while a handler runs, busy: %s', async (busy) => {
  const started = join(folder, `started-${files++}`);
  const { command, ended } = start(assembly, { file: started, busy });
  const child = Number(await until('the handler', () => contents(started)));
  expect(readdirSync(temporary)).toHaveLength(1);
  command.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  await until('the end of what the handler started', () => !isAlive(child));
  await until('the end of all processes', () => processesOfTest().length === 0);
  await until('the end of the folder', () => readdirSync(temporary).length === 0);
});

onLinux.each([
  ['SIGTERM', 143],
  ['SIGKILL', 'SIGKILL'],
] as const)('%s while the app is synthesized', async (signal, code) => {
  const started = join(folder, `started-${files++}`);
  const script = join(folder, 'endless.js');
  writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(started)}, String(process.pid)); setInterval(() => {}, 1000);`);
  const { command, ended } = start(`"${process.execPath}" "${script}"; true`, {});
  const app = Number(await until('the app', () => contents(started)));
  expect(readdirSync(temporary)).toHaveLength(1);
  command.kill(signal);
  expect(await ended).toBe(code);
  await until('the end of the app', () => !isAlive(app));
  await until('the end of all processes', () => processesOfTest().length === 0);
  await until('the end of the folder', () => readdirSync(temporary).length === 0);
});

// From before anything is there to when the handler runs.
const MOMENTS = [0, 30, 60, 120, 180, 240, 300, 450];
onLinux.each([...MOMENTS.map((moment) => ['SIGTERM', moment] as const), ...MOMENTS.map((moment) => ['SIGKILL', moment] as const)])(
  '%s after %d ms',
  async (signal, milliseconds) => {
    const { command, ended } = start(assembly, { file: join(folder, `started-${files++}`), busy: false });
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    command.kill(signal);
    // Before Node.js runs anything, SIGTERM itself is the end too.
    expect([143, signal]).toContain(await ended);
    await until('the end of all processes', () => processesOfTest().length === 0);
    await until('the end of the folder', () => readdirSync(temporary).length === 0);
  },
);

test('what the app itself prints does not get among the JSON', () => {
  const app = `console.log('the app speaks'); require('node:fs').cpSync(${JSON.stringify(assembly)}, process.env.CDK_OUTDIR, { recursive: true })`;
  const script = join(folder, 'speaking.js');
  writeFileSync(script, app);
  const args = ['run', '--app', `"${process.execPath}" "${script}"`, '--state-machine', 'S/Greeting', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bundle, 'stepworks.js'), ...args], { encoding: 'utf8' });
  expect([status, JSON.parse(stdout).output, stderr]).toEqual([0, 'hello', 'the app speaks\n']);
});

test('without the samples it says where they are', () => {
  for (const args of [['list'], ['run'], ['run', 'account-opening']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(bundle, 'stepworks.js'), ...args], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('the samples are in the repository of stepworks');
  }
});

test('the input may come from standard input', () => {
  const args = [join(bundle, 'stepworks.js'), 'run', '--app', assembly, '--state-machine', 'S/Greeting', '--input', '-', '--json'];
  const run = (input: string) => spawnSync(process.execPath, args, { encoding: 'utf8', input });
  expect(JSON.parse(run('{ "x": 1 }').stdout)).toMatchObject({ status: 'SUCCEEDED', output: 'hello' });
  const { status, stdout, stderr } = run('{ "x"');
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^stepworks: standard input is not JSON: /)]);
});

test('an error that nobody reads ends it too', async () => {
  const args = [join(bundle, 'stepworks.js'), 'run', '--app', `"${process.execPath}" -e "process.exit(3)"`, '--state-machine', 'S/M'];
  const command = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  command.stderr.destroy();
  expect(await new Promise((resolve) => command.once('exit', resolve))).toBe(141);
});

test('a reader that stops reading ends it quietly', async () => {
  const args = [
    join(bundle, 'stepworks.js'),
    'run',
    '--app',
    assembly,
    '--state-machine',
    'S/Greeting',
    '--report',
    join(folder, 'x.html'),
  ];
  const command = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  command.stdout.destroy();
  let said = '';
  command.stderr.on('data', (text) => {
    said += text;
  });
  expect(await new Promise((resolve) => command.once('close', resolve))).toBe(141);
  expect(said).toBe('');
});
