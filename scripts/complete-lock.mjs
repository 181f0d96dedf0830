// Completes package-lock.json after `npm install` against a registry that holds only some platforms' packages: npm leaves the others
// out, and then neither `npm ci` here nor an install on another platform works. Run it whenever dependencies change.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[hoisted]) continue;
    const parts = name.split(/[-/]/);
    const os = SYSTEMS.find((system) => parts.includes(system));
    const cpu =
      PROCESSORS.find((processor) => parts.includes(processor)) ?? PROCESSORS.find((processor) => parts.includes(`${processor}le`));
    if (!/^\d/.test(version) || (!os && cpu !== 'wasm32')) {
      console.error(`not completed: ${name}@${version}, of ${path}`);
      continue;
    }
    lock.packages[hoisted] = { version, dev: true, optional: true, ...(os ? { os: [os] } : {}), ...(cpu ? { cpu: [cpu] } : {}) };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.error(`${added} packages of other platforms added`);
