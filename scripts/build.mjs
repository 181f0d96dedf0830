// Builds what is published: handler bundles, the jsii library with its assembly, the local runner.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleIfStale } from './bundle.mjs';
import { bundleLocal } from './bundle-local.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await bundleIfStale();
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'jsii', 'bin', 'jsii'), '--compress-assembly', '--silence-warnings=JSII6', '--fail-on-warnings'],
  { cwd: root, stdio: 'inherit', env: { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', ...process.env } },
);
if (status !== 0) process.exit(1);
// The compiler takes no JavaScript along.
cpSync(join(root, 'lib', 'asl', 'vendor'), join(root, 'build', 'asl', 'vendor'), { recursive: true });
await bundleLocal();
