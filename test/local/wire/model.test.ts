import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Member, memberOf, models, type ServiceModel } from '../../../local/wire/model';

test('the model is what the installed SDK clients say', () => {
  expect(() =>
    execFileSync('node', ['scripts/wire-model.mjs', '--check'], { cwd: join(__dirname, '../../..'), stdio: 'pipe' }),
  ).not.toThrow();
});

/** Every place where a shape is referred to. */
function members({ operations, shapes }: ServiceModel): Member[] {
  return [
    ...Object.values(operations).map(([input]) => input),
    ...Object.values(operations).map(([, output]) => output),
    ...Object.values(shapes).flatMap((shape): Member[] => {
      if (shape[0] === 1) return [shape[1]];
      if (shape[0] === 2) return [shape[1], shape[2]];
      return Object.values(shape[1]);
    }),
  ];
}

test.each(Object.entries(models))('%s: every shape that is referred to is there', (_name, model) => {
  const missing = members(model)
    .map((member) => memberOf(member).ref)
    .filter((ref) => typeof ref === 'string' && !(ref in model.shapes));
  expect(missing).toEqual([]);
});
