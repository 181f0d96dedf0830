// Published construct packages that were not written for the local runner, and an app in Python, run unchanged: installs them in a
// temporary folder and runs a small app of each through `stepworks run --app`. `node scripts/check-third-party.mjs`
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const apps = join(root, 'scripts', 'check-third-party');
const folder = mkdtempSync(join(tmpdir(), 'stepworks-third-party-'));
const execute = promisify(execFile);

/** With this aws-cdk-lib aws-s3-stepfunctions 2.35.0 synthesizes, with ours it does not; which one is the newest was not tried. */
const PACKAGES = [
  'aws-cdk-lib@2.150.0',
  'constructs@10.8.1',
  '@aws-solutions-constructs/aws-s3-stepfunctions@2.35.0',
  '@dontirun/state-machine-semaphore@0.1.583',
];
const PYTHON_PACKAGE = 'aws-cdk-lib==2.275.0';

/** What `--json` says of a run. */
async function stepworks(app, stateMachine, input = {}) {
  const file = join(folder, `${stateMachine.replace('/', '-')}.json`);
  writeFileSync(file, JSON.stringify(input));
  const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const command = ['--import', tsx, join(root, 'bin', 'stepworks.ts'), 'run', '--app', app, '--state-machine', stateMachine];
  // The exit code says what `asExpected` says.
  const { stdout } = await execute(process.execPath, [...command, '--input', file, '--json'], { cwd: folder }).catch((error) => {
    if (error.stdout) return error;
    throw error;
  });
  return JSON.parse(stdout);
}

function ran(result, output) {
  const { status, error, cause, problems } = result;
  assert.deepEqual({ status, error, cause, problems }, { status: 'SUCCEEDED', error: undefined, cause: undefined, problems: [] });
  assert.deepEqual(result.output, output);
}

async function constructs() {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  await execute('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES], { cwd: folder });
  for (const app of ['uploads.cjs', 'semaphore.cjs']) cpSync(join(apps, app), join(folder, app));

  ran(await stepworks('node uploads.cjs', 'Uploads/Uploading'), '{"key":"reports/today.txt"}');
  console.log('aws-s3-stepfunctions: an object in the bucket started the workflow');

  // The package's own doing, on AWS too: `Initialize life Lock Item` has `End: true`, so whoever finds no lock item yet makes it and
  // goes on without taking the lock. The sample of AWS that it is made after goes back to acquiring instead:
  // https://github.com/aws-samples/aws-stepfunctions-examples, sam/app-control-concurrency-with-dynamodb
  const { First, Second } = (await stepworks('node semaphore.cjs', 'Locks/Twice')).output;
  assert.deepEqual([First.output.held, Second.output.held], ['0', '1']);
  console.log('state-machine-semaphore: the second run held the lock; the first one makes the lock item and takes none');
}

async function python() {
  const venv = join(folder, 'venv');
  await execute('python3', ['-m', 'venv', venv]);
  await execute(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PYTHON_PACKAGE]);
  ran(await stepworks(`"${join(venv, 'bin', 'python')}" "${join(apps, 'app.py')}"`, 'Orders/Keeping', { order: 'A1' }), { kept: 'A1' });
  console.log('Python: the workflow kept the order');
}

const ended = await Promise.allSettled([constructs(), python()]);
rmSync(folder, { recursive: true, force: true });
for (const { reason } of ended) if (reason) console.error(reason);
process.exitCode = ended.every(({ status }) => status === 'fulfilled') ? 0 : 1;
