// Packs the package, installs it into an empty project without an AWS SDK, and uses it there as a customer does: a jest test that runs a
// workflow, its types, the command line, an ES module. Nothing is downloaded: the project's other packages are links to the local ones.
// Needs `npm run build` before. `node scripts/check-package.mjs [--keep]`
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PEERS = ['aws-cdk-lib', 'constructs', 'jest', '@types/jest', '@types/node'];
const work = realpathSync(mkdtempSync(join(tmpdir(), 'stepworks-package-')));
const project = join(work, 'project');

try {
  for (const made of ['build/index.js', 'dist-local/index.js', '.jsii']) {
    if (!existsSync(join(root, made))) throw new Error(`${made} is missing: run 'npm run build'`);
  }
  const { filename, size, unpackedSize, files } = pack();
  console.log(`${filename}: ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked, ${files.length} files`);
  checkFiles(files.map(({ path }) => path));

  cpSync(join(root, 'scripts', 'check-package'), project, { recursive: true });
  install(join(work, filename));
  const node = (what, ...args) => run(what, process.execPath, args);
  node('its types', join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');
  node('its types, as older projects resolve them', join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.node10.json');
  node('a jest test', join(project, 'node_modules', 'jest', 'bin', 'jest.js'));
  node('an ES module', 'module.mjs');
  node('synthesis', 'app.cjs', 'cdk.out');
  const stepworks = join(project, 'node_modules', '.bin', 'stepworks');
  const app = (name) => ['run', '--app', name, '--state-machine', 'Loans/Loan', '--input', 'input.json', '--json'];
  for (const given of ['cdk.out', 'node app.cjs']) {
    const { status, output } = JSON.parse(run(`stepworks run --app "${given}"`, stepworks, app(given)));
    if (status !== 'SUCCEEDED' || output.decision !== 'paid') throw new Error(`the run gave ${status} ${JSON.stringify(output)}`);
  }
  const refused = run('stepworks list', stepworks, ['list'], 2);
  if (!refused.includes('in the repository')) throw new Error(`stepworks list doesn't say where the samples are:\n${refused}`);
  supplySdk();
  const elsewhere = join(work, 'elsewhere');
  cpSync(join(project, 'cdk.out'), elsewhere, { recursive: true });
  const own = run("the project's own SDK", stepworks, app(elsewhere), 1, 'stdout');
  if (!own.includes('the SDK of the project')) throw new Error(`a handler was given another SDK than the project's own:\n${own}`);
  console.log('the package works in a project of its own');
} finally {
  if (process.argv.includes('--keep')) console.log(project);
  else rmSync(work, { recursive: true, force: true });
}

function pack() {
  const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], { cwd: root, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stderr}`);
  return JSON.parse(packed.stdout)[0];
}

/** What must be in it, and what must not. */
function checkFiles(files) {
  const needed = [
    '.jsii',
    'LICENSE',
    'README.md',
    'build/index.js',
    'dist-local/index.js',
    'dist-local/jest.js',
    'dist-local/stepworks.js',
  ];
  const worker = [
    'dist-local/worker/bootstrap.cjs',
    'dist-local/sdk/sdk.js',
    'dist-local/sdk/node_modules/@aws-sdk/client-dynamodb/index.js',
  ];
  const missing = [...needed, ...worker].filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(', ')}`);
  const surplus = files.filter((file) => /^(lib|local|bin|patterns|test|bench)\/|^assets\/patterns\/|\.tsbuildinfo$/.test(file));
  if (surplus.length > 0) throw new Error(`the package has what nobody needs: ${surplus.join(', ')}`);
}

function install(tarball) {
  const modules = join(project, 'node_modules');
  const target = join(modules, 'stepworks');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  mkdirSync(join(modules, '@types'));
  mkdirSync(target);
  run('unpacking', 'tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  for (const name of PEERS) symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  const { bin } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  chmodSync(join(target, bin.stepworks), 0o755);
  symlinkSync(join(target, bin.stepworks), join(modules, '.bin', 'stepworks'));
}

/** An SDK that says whose it is. */
function supplySdk() {
  const folder = join(project, 'node_modules', '@aws-sdk', 'client-dynamodb');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "@aws-sdk/client-dynamodb", "version": "0.0.0", "main": "index.js" }');
  writeFileSync(
    join(folder, 'index.js'),
    "exports.DynamoDBClient = class { constructor() { throw new Error('the SDK of the project'); } };",
  );
}

/** Gives what it wrote. */
function run(what, command, args, expected = 0, stream = expected === 0 ? 'stdout' : 'stderr') {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, error, ...written } = spawnSync(command, args, { cwd: project, encoding: 'utf8', env });
  if (status !== expected) throw new Error(`${what} ended in ${status ?? error}:\n${written.stdout}${written.stderr}`);
  console.log(`  ${what}`);
  return written[stream];
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1024)} KiB`;
}
