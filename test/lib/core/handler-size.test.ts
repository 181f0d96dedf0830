import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ASSETS = join(__dirname, '..', '..', '..', 'assets', 'lib');
/** Code that is small enough to be read, and to start in no time. */
const LARGEST = 20_000;

const bundles = readdirSync(ASSETS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/index.js'))
  .map((path) => [path.replace('/index.js', ''), readFileSync(join(ASSETS, path)).length] as const);

test('every function that the library makes has its code bundled', () => {
  expect(bundles.map(([name]) => name)).toEqual(expect.arrayContaining(['blocks/approval-gate/respond', 'blocks/approval-gate/show']));
});

test.each(bundles)('the code of %s, minified, is less than 20 KB: %d bytes', (_, bytes) => {
  expect(bytes).toBeLessThan(LARGEST);
});
