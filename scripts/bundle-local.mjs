// Makes `dist-local`: `stepworks/local`, its jest matchers and the `stepworks` command, each in one file with what it needs inside;
// the workers' files as they are; the AWS SDK for handlers whose project has none; type declarations; the licences of what is inside.
// `node scripts/bundle-local.mjs [folder]`
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

export async function bundleLocal(outdir = join(root, 'dist-local')) {
  rmSync(outdir, { recursive: true, force: true });
  const local = await bundle({ entryPoints: { index: 'local/index.ts' }, outdir });
  const around = await bundle({
    entryPoints: { jest: 'local/jest/index.ts', stepworks: 'bin/package.ts' },
    outdir,
    plugins: [besideIt(join(root, 'local', 'index.ts'), './index.js')],
  });
  cpSync(join(root, 'local', 'functions', 'worker'), join(outdir, 'worker'), { recursive: true });
  const sdk = await bundleSdk(join(outdir, 'sdk'));
  writeFileSync(join(outdir, 'LICENSES.txt'), licences([local, around, sdk]));
  declareTypes(join(outdir, 'types'), ['local/index', 'local/jest/index']);
}

/** Gives the files that went into it. */
async function bundle(options) {
  const { metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
  return Object.keys(metafile.inputs);
}

/** One copy of the runner, that the others require. */
function besideIt(file, bundled) {
  const folder = dirname(file);
  return {
    name: 'beside-it',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
        [file, folder].includes(resolve(resolveDir, path)) ? { path: bundled, external: true } : undefined,
      );
    },
  };
}

/**
 * The clients of the services that are served, and the packages around them, as Lambda's runtime has them: each a package that requires
 * its part of one shared file, since they must agree on their classes.
 */
async function bundleSdk(outdir) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const around = ['@aws-sdk/util-dynamodb', '@smithy/node-http-handler'];
  const names = [...Object.keys(devDependencies).filter((name) => name.startsWith('@aws-sdk/')), ...around];
  const inputs = await bundle({
    stdin: { contents: names.map((name) => `exports['${name}'] = () => require('${name}');`).join('\n'), resolveDir: root },
    outfile: join(outdir, 'sdk.js'),
    minify: true,
  });
  for (const name of names) {
    const folder = join(outdir, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ name, version, main: 'index.js' })}\n`);
    // The second line is never run: Node's loader reads the names from it that ES modules may import.
    const exported = Object.keys(require(name)).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key));
    const code = [`module.exports = require('../../../sdk.js')['${name}']();`, `0 && (module.exports = { ${exported.join(', ')} });`];
    writeFileSync(join(folder, 'index.js'), `${code.join('\n')}\n`);
  }
  return inputs;
}

/** The licence of every package that is inside. */
function licences(inputs) {
  const folders = new Set(inputs.flat().flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const titlesByText = new Map();
  for (const folder of ['lib/asl/vendor/jsonata', ...[...folders].sort()]) {
    const manifest = join(root, folder, 'package.json');
    const { name, version, license } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : { name: 'jsonata' };
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    titlesByText.set(text, [...(titlesByText.get(text) ?? []), [name, version].filter(Boolean).join(' ')]);
  }
  return [...titlesByText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

/** Declarations of the entry points and of all that these refer to. */
function declareTypes(outdir, entries) {
  const options = ['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--noEmitOnError', 'false', '--outDir', outdir];
  const compiler = [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--pretty', 'false', '-p', typesConfig(entries), ...options];
  const { stdout } = spawnSync(process.execPath, compiler, { cwd: root, encoding: 'utf8' });
  const needed = new Set();
  const need = (file) => {
    if (needed.has(file)) return;
    needed.add(file);
    const emitted = join(outdir, `${file}.d.ts`);
    // The compiler doesn't take declarations along that were written by hand.
    if (!existsSync(emitted)) {
      mkdirSync(dirname(emitted), { recursive: true });
      copyFileSync(join(root, `${file}.d.ts`), emitted);
    }
    for (const [, specifier] of readFileSync(emitted, 'utf8').matchAll(/(?:from|import|import\()\s*["'](\.[^"']*)["']/g)) {
      const target = join(dirname(file), specifier);
      const isFile = existsSync(join(outdir, `${target}.d.ts`)) || existsSync(join(root, `${target}.d.ts`));
      need(isFile ? target : join(target, 'index'));
    }
  };
  for (const entry of entries) need(entry);
  // What is wrong elsewhere, such as a type inside that has no name outside of its file, matters to nobody.
  const wrong = stdout.split('\n').filter((line) => needed.has(/^([^(]+)\.ts\(/.exec(line)?.[1]));
  if (wrong.length > 0) throw new Error(`the declarations are not sound:\n${wrong.join('\n')}`);
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const file = relative(outdir, join(entry.parentPath, entry.name));
    if (entry.isFile() && !needed.has(file.replace(/\.d\.ts$/, ''))) rmSync(join(outdir, file));
  }
}

function typesConfig(entries) {
  const folder = join(root, '.stepworks', 'types');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'tsconfig.json');
  const files = entries.map((entry) => `../../${entry}.ts`);
  writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: { rootDir: '../..' }, files, include: [] }));
  return config;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleLocal(process.argv[2] && resolve(process.argv[2]));
