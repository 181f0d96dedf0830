import { codeOf, formatCode, normaliseCode } from '../../../../../lib/blocks/approval-gate/handlers/code';

test.each([
  [[0, 0, 0, 0], '000000'],
  [[0xff, 0xff, 0xff, 0xff], 'ZZZZZZ'],
  [[0b00001000, 0b10000110, 0b01000010, 0b10011000], '123456'],
])('a code is the first 30 bits: %j is %s', (bytes, code) => {
  expect(codeOf(Buffer.from(bytes))).toBe(code);
});

test('no code has a letter that is taken for another', () => {
  const all = Array.from({ length: 32 }, (_, value) => codeOf(Buffer.from([value << 3, 0, 0, 0]))[0]).join('');
  expect(all).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
});

test.each(['K7Q-01M', 'k7q-01m', 'K7Q01M', ' k7q 01m ', 'K.7.Q_0·1-M', 'K7Q–O1M', 'k7q-oim', 'K7Q-OLM', 'K7Q-0lm', 'Ｋ７Ｑ－０１Ｍ'])(
  'typed as %j it is the same code',
  (typed) => {
    expect(normaliseCode(typed)).toBe('K7Q01M');
  },
);

test.each(['K7Q-02M', 'K7Q-01', 'K7Q-01MM', '', 'U7Q-01M'])('%j is another code', (typed) => {
  expect(normaliseCode(typed)).not.toBe('K7Q01M');
});

test('people see it in two groups', () => {
  expect(formatCode('K7QX4M')).toBe('K7Q-X4M');
});
