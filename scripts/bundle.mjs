// Bundles every Lambda handler, `<somewhere>/handlers/<name>/index.ts`, into `assets/<somewhere>/<name>/index.js`. What the library
// ships is that JavaScript: no bundler runs at a user's synth. Beside each bundle stands the hash of the sources it was made of.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const assets = join(root, 'assets');

/** Every `handlers` folder below lib and patterns. */
function handlerFolders(folder = undefined) {
  if (folder === undefined)
    return ['lib', 'patterns'].flatMap((top) => (existsSync(join(root, top)) ? handlerFolders(join(root, top)) : []));
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .flatMap((entry) => (entry.name === 'handlers' ? [join(folder, entry.name)] : handlerFolders(join(folder, entry.name))));
}

function entryPoints() {
  return handlerFolders().flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'index.ts')))
      .map((entry) => ({
        source: join(folder, entry.name, 'index.ts'),
        target: join(assets, relative(root, dirname(folder)), entry.name),
      })),
  );
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function isFresh({ target }) {
  const manifest = join(target, 'sources.json');
  if (!existsSync(join(target, 'index.js')) || !existsSync(manifest)) return false;
  const { files, hash } = JSON.parse(readFileSync(manifest, 'utf8'));
  return files.every((file) => existsSync(join(root, file))) && hashOf(files) === hash;
}

export async function bundle(entries = entryPoints()) {
  const { build } = await import('esbuild');
  for (const { source, target } of entries) {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [source],
      outfile: join(target, 'index.js'),
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      external: ['@aws-sdk/*', '@smithy/*'],
      metafile: true,
      logLevel: 'warning',
    });
    const files = Object.keys(metafile.inputs)
      .map((file) => file.split(sep).join('/'))
      .sort();
    writeFileSync(join(target, 'sources.json'), `${JSON.stringify({ files, hash: hashOf(files) }, null, 2)}\n`);
  }
}

export async function bundleIfStale() {
  const stale = entryPoints().filter((entry) => !isFresh(entry));
  if (stale.length === 0) return;
  console.error(`Bundling ${stale.length} Lambda handler${stale.length === 1 ? '' : 's'} …`);
  await bundle(stale);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(assets, { recursive: true, force: true });
  await bundle();
}
