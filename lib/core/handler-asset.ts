import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';

/** The package's root: `lib/core` and `build/core` are at the same depth. */
const ROOT = join(__dirname, '..', '..');

/**
 * The bundled code of a handler of this package.
 *
 * @param path folder of the handlers and name of the handler, for example "lib/blocks/approval-gate/notify"
 * @throws if the bundle is missing or older than its sources, naming the command that makes it
 */
export function handlerAsset(path: string): lambda.Code {
  const folder = join(ROOT, 'assets', path);
  if (!existsSync(join(folder, 'index.js'))) {
    throw new Error(`the handler '${path}' has not been bundled: run 'npm run bundle' in ${ROOT}`);
  }
  const manifest = join(folder, 'sources.json');
  const { files, hash } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: string[]; hash: string };
  // The published package holds no sources, so there is nothing that the bundle could be older than.
  if (existsSync(join(ROOT, files[0])) && hashOf(files) !== hash) {
    throw new Error(`the bundle of the handler '${path}' is older than its sources: run 'npm run bundle' in ${ROOT}`);
  }
  return lambda.Code.fromAsset(folder, { exclude: ['sources.json'] });
}

/** As scripts/bundle.mjs makes it. */
function hashOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const path = join(ROOT, file);
    hash
      .update(file)
      .update('\0')
      .update(existsSync(path) ? readFileSync(path) : '')
      .update('\0');
  }
  return hash.digest('hex');
}
