import { counted, displayed, fingerprint, namesOf, oneLine, withoutControls } from '../../../../../lib/blocks/approval-gate/handlers/text';
import { plainDuration, plainTime } from '../../../../../lib/blocks/approval-gate/handlers/time';

test('what hides or moves text is taken out, and line breaks are kept', () => {
  expect(withoutControls('a\u0000b\u001b[31mc\u202ed\u200be\ufefff\tg\r\nh\u2028i\u0085j')).toBe('ab[31mcdef g\nh\ni\nj');
});

test('one line is one line', () => {
  expect(oneLine(' a\r\nb\n\n  c\u2029d\u000b ')).toBe('a b c d');
});

test('a long line is cut between characters', () => {
  expect(oneLine('😀😀😀😀', 3)).toBe('😀😀…');
  expect(oneLine('😀😀😀', 3)).toBe('😀😀😀');
});

test.each([
  ['text', 'text'],
  [12.5, '12.5'],
  [0, '0'],
  [true, 'yes'],
  [false, 'no'],
  [null, '—'],
  ['', '—'],
  [undefined, '—'],
  [['a', 1, true], 'a, 1, yes'],
  [[], '—'],
  [{ a: [1] }, '{"a":[1]}'],
  [[{ a: 1 }], '[{"a":1}]'],
])('%j is shown as %s', (value, text) => {
  expect(displayed(value)).toBe(text);
});

test('a fingerprint is short and in groups', () => {
  expect(fingerprint('3f9a1c0277be5d0e1122')).toBe('3f9a 1c02 77be');
  expect(fingerprint('short')).toBe('shor t');
});

test('names come from the ARN', () => {
  expect(namesOf('arn:aws-cn:states:cn-north-1:111122223333:execution:Machine:run')).toEqual({ machine: 'Machine', execution: 'run' });
  expect(namesOf('nonsense')).toEqual({ machine: '', execution: '' });
});

test('a time is told in words, never later than it is', () => {
  expect(plainTime('2026-07-03T14:05:59.999Z')).toBe('Friday 3 July 2026, 14:05 UTC');
  expect(plainTime('2024-02-29T00:00:00.000Z')).toBe('Thursday 29 February 2024, 00:00 UTC');
});

test.each([
  [0, 'less than a minute'],
  [59_999, 'less than a minute'],
  [60_000, '1 minute'],
  [119 * 60_000, '119 minutes'],
  [120 * 60_000, '2 hours'],
  [47.9 * 3_600_000, '47 hours'],
  [48 * 3_600_000, '2 days'],
])('%d ms are %s', (milliseconds, words) => {
  expect(plainDuration(milliseconds)).toBe(words);
});

test('what is counted has its plural', () => {
  expect([counted(1, 'try', 'tries'), counted(2, 'try', 'tries'), counted(0, 'day')]).toEqual(['1 try', '2 tries', '0 days']);
});
