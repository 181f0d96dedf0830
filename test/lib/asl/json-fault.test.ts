import { jsonFault, lineAndColumn } from '../../../lib/asl/json-fault';

const told = (text: string) => {
  const fault = jsonFault(text);
  return `${fault.message((offset) => `[${lineAndColumn(text, offset)}]`)} at [${lineAndColumn(text, fault.offset)}]`;
};

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

const CONTROL = (char: string, within: string, column: number) =>
  `Illegal unquoted character (${char}): has to be escaped using backslash to be included in ${within} at [line: 1, column: ${column}]`;
const NUMBER = (char: string, what: string, column: number) =>
  `Unexpected character (${char}) in numeric value: ${what} at [line: 1, column: ${column}]`;

// The first three as AWS answers them, in ../../../../shared/conformance and in
// https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases; the others are Jackson's for the like.
test.each([
  ['not a definition', `Unrecognized token 'not': was expecting ${VALUES} at [line: 1, column: 4]`],
  ['{bad json}', "Unexpected character ('b' (code 98)): was expecting double-quote to start field name at [line: 1, column: 2]"],
  ['{"a":1', 'Unexpected end-of-input: expected close marker for Object (start marker at [line: 1, column: 1]) at [line: 1, column: 7]'],
  ['{\n "a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value at [line: 2, column: 6]"],
  ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries at [line: 1, column: 4]"],
  ['{"a":[1,', 'Unexpected end-of-input within/between Array entries at [line: 1, column: 9]'],
  ['{"a', 'Unexpected end-of-input: was expecting closing quote for field name at [line: 1, column: 4]'],
  ['{"a": "b\nc"}', CONTROL('(CTRL-CHAR, code 10)', 'string value', 9)],
  ['{"a\tb": 1}', CONTROL('(CTRL-CHAR, code 9)', 'name', 4)],
  ['["\\x"]', "Unrecognized character escape 'x' (code 120) at [line: 1, column: 4]"],
  ['["\\u12g4"]', "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence at [line: 1, column: 7]"],
  ['["\\', 'Unexpected end-of-input in character escape sequence at [line: 1, column: 4]'],
  [
    '["\\"\\u00e9\u0085"',
    'Unexpected end-of-input: expected close marker for Array (start marker at [line: 1, column: 1]) at [line: 1, column: 13]',
  ],
  ['[-007]', 'Invalid numeric value: Leading zeroes not allowed at [line: 1, column: 4]'],
  ['[-a]', NUMBER("'a' (code 97)", 'expected digit (0-9) to follow minus sign, for valid numeric value', 3)],
  ['[1.]', NUMBER("']' (code 93)", 'Decimal point not followed by a digit', 4)],
  ['[1e+,]', NUMBER("',' (code 44)", 'Exponent indicator not followed by a digit', 5)],
  ['{“a”: 1}', "Unexpected character ('“' (code 8220 / 0x201c)): was expecting double-quote to start field name at [line: 1, column: 2]"],
  ['[,]', `Unexpected character (',' (code 44)): expected a valid value ${VALUES} at [line: 1, column: 2]`],
])('%s', (text, expected) => {
  expect(told(text)).toBe(expected);
});
