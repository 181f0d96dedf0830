// Holds the layers of the design: an import may only go down this list.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** From a folder to what it may import inside the project. The first match counts; `lib/*` stands for a workflow's folder. */
const LAYERS = [
  [/^bin\//, [/^bin\//, /^patterns\//, /^local\//, /^lib\//]],
  [/^patterns\/([^/]+)\//, [/^patterns\/$1\//, /^patterns\/[^/]+\.ts$/, /^lib\//, /^local\//]],
  [/^local\//, [/^local\//, /^lib\/asl\//]],
  [/^lib\/asl\//, [/^lib\/asl\//]],
  [/^lib\/core\//, [/^lib\/core\//, /^lib\/asl\//]],
  [/^lib\/blocks\/([^/]+)\//, [/^lib\/blocks\/$1\//, /^lib\/core\//, /^lib\/asl\//]],
  [/^lib\/index\.ts$/, [/^lib\//]],
  [/^lib\/([^/]+)\//, [/^lib\/$1\//, /^lib\/blocks\//, /^lib\/core\//, /^lib\/asl\//]],
];

/** Packages that a layer may use, besides Node's own modules. `lib` has no runtime dependency but its peers; handlers get the SDK from Lambda. */
const PACKAGES = [
  [/^lib\/asl\//, []],
  [/^lib\/.*\/handlers\//, [/^@aws-sdk\//]],
  [/^lib\//, [/^aws-cdk-lib(\/|$)/, /^constructs$/]],
  // Bundled into what is published: the runner has no runtime dependency.
  [/^local\//, [/^(elkjs|fzstd|hyparquet)(\/|$)/]],
  [/^patterns\/.*\/handlers\//, [/^@aws-sdk\//]],
  [/^patterns\//, [/^aws-cdk-lib(\/|$)/, /^constructs$/]],
];

function sources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'vendor' ? [] : sources(path);
    return /\.(ts|mts|js|mjs)$/.test(entry.name) ? [path] : [];
  });
}

function allowedBy(rules, file, target) {
  for (const [from, allowed] of rules) {
    const match = from.exec(file);
    if (match) return allowed.some((pattern) => new RegExp(pattern.source.replace('$1', match[1] ?? '')).test(target));
  }
  return true;
}

const problems = [];
for (const file of ['lib', 'local', 'patterns', 'bin'].flatMap((top) => sources(join(root, top)))) {
  const from = relative(root, file).split(sep).join('/');
  const text = readFileSync(file, 'utf8');
  for (const [, specifier] of text.matchAll(/^(?:import|export)\s+(?:[^'"`;=()]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)) {
    if (specifier.startsWith('.')) {
      const target = relative(root, resolve(dirname(file), specifier))
        .split(sep)
        .join('/');
      const asFile = existsSync(join(root, `${target}.ts`)) ? `${target}.ts` : `${target}/`;
      if (!allowedBy(LAYERS, from, asFile)) problems.push(`${from}: must not import ${specifier}`);
    } else if (!specifier.startsWith('node:') && !allowedBy(PACKAGES, from, specifier)) {
      problems.push(`${from}: must not import the package ${specifier}`);
    }
  }
}
if (problems.length > 0) {
  console.error(`The layers of the design are broken (CONTRIBUTING.md, "Layers"):\n  ${problems.join('\n  ')}`);
  process.exit(1);
}
