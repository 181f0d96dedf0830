import { difference } from '../../../../lib/policy-guard/handlers/difference';

const doc = (...Action: string[]) => JSON.stringify({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

test('lines that are gone and lines that are new, in their places', () => {
  expect(difference(doc('a:b', 'c:d'), doc('a:b', 'iam:*')).split('\n')).toEqual([
    '  {',
    '   "Statement": [',
    '    {',
    '     "Effect": "Allow",',
    '     "Action": [',
    '      "a:b",',
    '-     "c:d"',
    '+     "iam:*"',
    '     ],',
    '     "Resource": "*"',
    '    }',
    '   ]',
    '  }',
  ]);
});

test('nothing has changed', () => {
  expect(difference(doc('a:b'), doc('a:b'))).not.toMatch(/^[-+]/m);
});

test('nothing was there before: all is new', () => {
  expect(
    difference(undefined, doc('a:b'))
      .split('\n')
      .every((line) => line.startsWith('+ ')),
  ).toBe(true);
});

test('what is no JSON is shown as it is', () => {
  expect(difference('{', 'x\ny')).toBe('- {\n+ x\n+ y');
});

test('a long one is cut, and says so', () => {
  const actions = Array.from({ length: 600 }, (_, i) => `service:Action${i}`);
  const text = difference(undefined, doc(...actions));
  expect(JSON.stringify(text).length).toBeLessThan(4100);
  expect(text).toMatch(/… \d+ more characters, in the evidence$/);
});
