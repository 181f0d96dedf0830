// Makes a clone ready: dependencies when they are missing or older than the lock file, handler bundles when their sources changed.
// Speaks on standard error only, so that `npm start --silent -- … --json` prints nothing but JSON.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Stepworks needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

const stamp = join(root, 'node_modules', '.stepworks-lock-hash');
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash) {
  console.error('Setting up: installing dependencies (about half a minute, once) …');
  // A `--silent` of the outer npm would silence this install's errors too: it must not be inherited.
  const env = { ...process.env, npm_config_loglevel: 'error' };
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const result = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--include=dev'], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
    shell: npm[0] === 'npm' && process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error('The dependencies could not be installed (npm ci failed, see above).');
    process.exit(1);
  }
  writeFileSync(stamp, lockHash);
}

const { bundleIfStale } = await import('./bundle.mjs');
await bundleIfStale();
