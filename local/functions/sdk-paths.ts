import { existsSync } from 'node:fs';
import * as path from 'node:path';

/**
 * Where the runner's own AWS SDK lies: `node_modules` folders above this file, or one that the package's bundle brings in `sdk`.
 * On AWS the SDK is part of the runtime: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
 */
export function defaultSdkPaths(): string[] {
  const found: string[] = [];
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    for (const candidate of [path.join(folder, 'sdk', 'node_modules'), path.join(folder, 'node_modules')]) {
      if (existsSync(path.join(candidate, '@aws-sdk'))) found.push(candidate);
    }
    if (folder === path.dirname(folder)) return found;
  }
}
