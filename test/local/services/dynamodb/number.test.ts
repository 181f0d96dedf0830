import {
  addNumbers,
  formatDecimal,
  normalizeNumber,
  numberOrder,
  numberSize,
  parseDecimal,
  subtractNumbers,
} from '../../../../local/services/dynamodb/number';
import { random } from './world';

describe('one form for each number', () => {
  test.each([
    ['0', '0'],
    ['-0.00', '0'],
    ['+7', '7'],
    ['0042.1200', '42.12'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1E3', '1000'],
    ['-1.5e-3', '-0.0015'],
    ['1E125', `1${'0'.repeat(125)}`],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['0e125', '0'],
    ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
    ['1.0000000000000000000000000000000000001', '1.0000000000000000000000000000000000001'],
    ['100000000000000000000000000000000000000000', '100000000000000000000000000000000000000000'],
  ])('%s is %s', (text, normal) => expect(normalizeNumber(text)).toBe(normal));

  test.each(['', ' 1', '1 ', 'abc', '1.2.3', '0x10', '1e', 'NaN', 'Infinity', '.', '-', '1e9223372036854775808'])('%j is none', (text) =>
    expect(() => normalizeNumber(text)).toThrow(`The parameter cannot be converted to a numeric value: ${text}`),
  );

  test.each(['1e126', '-1e126', '0e126', '10e125', '1e99999999999'])('%s is too large', (text) =>
    expect(() => normalizeNumber(text)).toThrow('Number overflow'),
  );

  test.each(['1e-131', '0e-131', '0.1e-130', '1e-99999999999'])('%s is too small', (text) =>
    expect(() => normalizeNumber(text)).toThrow('Number underflow'),
  );

  test('39 digits are too many, zeros around them count for nothing', () => {
    expect(() => normalizeNumber(`${'1'.repeat(39)}`)).toThrow('Attempting to store more than 38 significant digits in a Number');
    expect(normalizeNumber(`00${'1'.repeat(38)}00.00`)).toBe(`${'1'.repeat(38)}00`);
  });
});

test('sums and differences are exact, and limited like numbers', () => {
  expect(addNumbers('0.1', '0.2')).toBe('0.3');
  expect(subtractNumbers('0.3', '0.1')).toBe('0.2');
  expect(subtractNumbers('1', '1')).toBe('0');
  expect(addNumbers('9007199254740993', '1')).toBe('9007199254740994');
  expect(addNumbers('9'.repeat(38), '1')).toBe(`1${'0'.repeat(38)}`);
  expect(() => addNumbers(`1${'0'.repeat(38)}`, '1')).toThrow('38 significant digits');
  expect(() => addNumbers(`9${'9'.repeat(37)}${'0'.repeat(88)}`, `1${'0'.repeat(88)}`)).toThrow('Number overflow');
});

// The costs were measured by others at the 400 KB limit.
test.each([
  ['0', 1],
  ['1', 2],
  ['-1', 3],
  ['12', 2],
  ['123', 3],
  ['123456', 4],
  ['3.14159', 5],
  ['0.5', 2],
  ['1e125', 2],
  ['1e-130', 2],
  ['100.5', 4],
])('%s takes %i bytes', (text, bytes) => expect(numberSize(text)).toBe(bytes));

describe('of 600 random numbers', () => {
  const next = random(11);
  const integer = (limit: number) => Math.floor(next() * limit);
  const decimals = Array.from({ length: 600 }, () => {
    const digits = Array.from({ length: 1 + integer(12) }, () => integer(10)).join('');
    return `${integer(2) ? '-' : ''}${digits}e${integer(22) - 11}`;
  });
  /** Scaled to whole numbers, compared as such. */
  const scaled = (text: string): bigint => {
    const { coefficient, exponent } = parseDecimal(text);
    return coefficient * 10n ** BigInt(exponent + 40);
  };

  test('the normal form means the same and is its own normal form', () => {
    for (const text of decimals) {
      const normal = normalizeNumber(text);
      expect(scaled(normal)).toBe(scaled(text));
      expect(normalizeNumber(normal)).toBe(normal);
      expect(formatDecimal(parseDecimal(normal))).toBe(normal);
      expect(normal).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
    }
  });

  test('the order strings sort as the numbers do, and equal numbers have the same', () => {
    for (let i = 1; i < decimals.length; i++) {
      const [a, b] = [decimals[i - 1], decimals[i]];
      const expected = Math.sign(Number(scaled(a) - scaled(b)));
      const [x, y] = [numberOrder(a), numberOrder(b)];
      expect(x < y ? -1 : x > y ? 1 : 0).toBe(expected);
    }
    expect(numberOrder('-12') > numberOrder('-123')).toBe(true);
    expect(numberOrder('-0.1') < numberOrder('0')).toBe(true);
    expect(numberOrder('1e-130') > numberOrder('0')).toBe(true);
    expect(numberOrder('1.50')).toBe(numberOrder('15e-1'));
  });

  test('sum and difference undo each other', () => {
    for (let i = 1; i < decimals.length; i++) {
      const [a, b] = [decimals[i - 1], decimals[i]];
      const sum = addNumbers(a, b);
      expect(scaled(sum)).toBe(scaled(a) + scaled(b));
      expect(subtractNumbers(sum, b)).toBe(normalizeNumber(a));
    }
  });
});
