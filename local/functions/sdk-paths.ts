import { existsSync } from 'node:fs';
import * as path from 'node:path';

/**
 * Where an AWS SDK lies for handlers that find none of their own: `node_modules` folders above this file, which are the project's, and
 * last the one that the package brings. On AWS it is part of the runtime: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
 */
export function defaultSdkPaths(): string[] {
  const above: string[] = [];
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    above.push(path.join(folder, 'node_modules'));
    if (folder === path.dirname(folder)) break;
  }
  return [...above, path.join(__dirname, 'sdk', 'node_modules')].filter((folder) => existsSync(path.join(folder, '@aws-sdk')));
}
