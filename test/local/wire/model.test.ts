import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { models } from '../../../local/wire/model';

const root = join(__dirname, '../../..');

test('the model is what the installed SDK clients say', () => {
  expect(() => execFileSync('node', ['scripts/wire-model.mjs', '--check'], { cwd: root, stdio: 'pipe' })).not.toThrow();
});

test('every shape that is referred to is there', () => {
  for (const [name, model] of Object.entries(models)) {
    const known = new Set(Object.keys(model.shapes));
    const references = JSON.stringify([
      Object.values(model.operations).map(([input, output]) => [input, output]),
      Object.values(model.shapes).map((shape) => (shape[0] === 1 || shape[0] === 2 ? shape.slice(1) : Object.values(shape[1] as object))),
    ]);
    const missing = [...references.matchAll(/"([A-Z]\w+)"(?!:)/g)].map(([, shape]) => shape).filter((shape) => !known.has(shape));
    // What is left are the names of headers, elements and query parameters, none of which ends like a shape of an operation.
    expect([name, missing.filter((shape) => /(Request|Response|Input|Output)$/.test(shape))]).toEqual([name, []]);
  }
});
