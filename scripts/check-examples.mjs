// Type-checks every `ts` code block of the Markdown files, as it stands: what a reader copies must compile.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, '.stepworks', 'examples');

function markdownFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || ['node_modules', 'build', 'dist', 'assets'].includes(entry.name)) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith('.md') && entry.name !== 'API.md' ? [path] : [];
  });
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
let count = 0;
for (const file of markdownFiles(root)) {
  for (const [, code] of readFileSync(file, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)) {
    count++;
    const name = relative(root, file).replace(/[^A-Za-z0-9]+/g, '-');
    writeFileSync(join(folder, `${name}-${count}.ts`), `// ${relative(root, file)}\n${code}\nexport {};\n`);
  }
}
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      rootDir: '../..',
      paths: {
        stepworks: ['../../lib/index.ts'],
        'stepworks/local': ['../../local/index.ts'],
        'stepworks/local/jest': ['../../local/jest/index.ts'],
      },
    },
    include: ['*.ts'],
    exclude: [],
  }),
);
const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
console.log(`${count} examples compile`);
