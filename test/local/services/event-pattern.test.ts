import { matchesPattern, type Pattern } from '../../../local/services/event-pattern';

const event = {
  source: 'aws.states',
  detail: {
    status: 'FAILED',
    count: 5,
    flag: true,
    none: null,
    text: 'Some-File.PNG',
    path: 'a/b*c\\d/e',
    ip: '10.1.2.3',
    ip6: '2001:db8::1',
    list: ['x', 'y'],
    rows: [
      { k: 'a', v: 1 },
      { k: 'b', v: 2 },
    ],
  },
};

test.each<[string, Pattern, boolean]>([
  ['exact', { source: ['aws.s3', 'aws.states'] }, true],
  ['exact, other', { source: ['aws.s3'] }, false],
  ['exact is of one type', { detail: { count: ['5'] } }, false],
  ['number, boolean, null', { detail: { count: [5], flag: [true], none: [null] } }, true],
  ['null is no missing field', { detail: { missing: [null] } }, false],
  ['all fields', { source: ['aws.states'], detail: { status: ['SUCCEEDED'] } }, false],
  ['any element of a list', { detail: { list: ['y', 'z'] } }, true],
  ['a nested field that is missing', { detail: { deep: { er: ['x'] } } }, false],
  ['prefix', { detail: { text: [{ prefix: 'Some' }] } }, true],
  ['prefix, case matters', { detail: { text: [{ prefix: 'some' }] } }, false],
  ['prefix, ignoring case', { detail: { text: [{ prefix: { 'equals-ignore-case': 'some' } }] } }, true],
  ['suffix', { detail: { text: [{ suffix: '.PNG' }] } }, true],
  ['suffix, ignoring case', { detail: { text: [{ suffix: { 'equals-ignore-case': '.png' } }] } }, true],
  ['suffix of a number', { detail: { count: [{ suffix: '5' }] } }, false],
  ['equals-ignore-case', { detail: { text: [{ 'equals-ignore-case': 'SOME-file.png' }] } }, true],
  ['anything-but', { detail: { status: [{ 'anything-but': 'FAILED' }] } }, false],
  ['anything-but a list', { detail: { status: [{ 'anything-but': ['A', 'B'] }] } }, true],
  ['anything-but a number', { detail: { count: [{ 'anything-but': [5] }] } }, false],
  ['anything-but needs the field', { detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  ['anything-but a prefix', { detail: { text: [{ 'anything-but': { prefix: 'Some' } }] } }, false],
  ['anything-but a list of suffixes', { detail: { text: [{ 'anything-but': { suffix: ['.gif', '.PNG'] } }] } }, false],
  ['anything-but, ignoring case', { detail: { text: [{ 'anything-but': { 'equals-ignore-case': 'other' } }] } }, true],
  ['anything-but a wildcard', { detail: { text: [{ 'anything-but': { wildcard: '*.PNG' } }] } }, false],
  ['numeric', { detail: { count: [{ numeric: ['>', 4, '<=', 5] }] } }, true],
  ['numeric, outside', { detail: { count: [{ numeric: ['>', 5] }] } }, false],
  ['numeric, equal', { detail: { count: [{ numeric: ['=', 5.0] }] } }, true],
  ['numeric of a text', { detail: { status: [{ numeric: ['>', 0] }] } }, false],
  ['exists', { detail: { status: [{ exists: true }] } }, true],
  ['exists, null', { detail: { none: [{ exists: true }] } }, true],
  ['exists, missing', { detail: { missing: [{ exists: true }] } }, false],
  ['exists false', { detail: { missing: [{ exists: false }] } }, true],
  ['exists false, there', { detail: { status: [{ exists: false }] } }, false],
  ['exists false or a value', { detail: { missing: [{ exists: false }, 'x'] } }, true],
  ['cidr', { detail: { ip: [{ cidr: '10.1.0.0/16' }] } }, true],
  ['cidr, outside', { detail: { ip: [{ cidr: '10.2.0.0/16' }] } }, false],
  ['cidr, IPv6', { detail: { ip6: [{ cidr: '2001:db8::/32' }] } }, true],
  ['cidr, of a text', { detail: { status: [{ cidr: '10.0.0.0/8' }] } }, false],
  ['wildcard', { detail: { text: [{ wildcard: 'Some*.PNG' }] } }, true],
  ['wildcard, whole text', { detail: { text: [{ wildcard: '*File' }] } }, false],
  ['wildcard, escaped', { detail: { path: [{ wildcard: 'a/*\\*c\\\\d/*' }] } }, true],
  ['wildcard, a dot is a dot', { detail: { text: [{ wildcard: 'Some-File?PNG' }] } }, false],
  ['$or', { $or: [{ source: ['x'] }, { detail: { count: [5] } }] }, true],
  ['$or, none', { $or: [{ source: ['x'] }, { detail: { count: [6] } }] }, false],
  ['$or and another field', { detail: { status: ['X'], $or: [{ count: [5] }, { flag: [true] }] } }, false],
  ['a list of objects: one must match all', { detail: { rows: { k: ['b'], v: [2] } } }, true],
  ['a list of objects: not one field each', { detail: { rows: { k: ['a'], v: [2] } } }, false],
])('%s', (_name, pattern, expected) => {
  expect(matchesPattern(pattern, event)).toBe(expected);
});

test('an unknown operator is an error, not a mismatch', () => {
  expect(() => matchesPattern({ source: [{ sounds: 'like' }] }, event)).toThrow('unrecognized match type sounds');
  expect(() => matchesPattern({ source: 'aws.states' }, event)).toThrow('"source" must be an object or an array');
});
