import { jsonFault, lineAndColumn } from '../../../lib/asl/json-fault';

const told = (text: string) => {
  const fault = jsonFault(text);
  return `${fault.message((offset) => `[${lineAndColumn(text, offset)}]`)} at [${lineAndColumn(text, fault.offset)}]`;
};

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

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
  ['[,]', `Unexpected character (',' (code 44)): expected a valid value ${VALUES} at [line: 1, column: 2]`],
])('%s', (text, expected) => {
  expect(told(text)).toBe(expected);
});
