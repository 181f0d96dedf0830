/**
 * What is wrong with a text that should be JSON, in the words of the parser that AWS runs, Jackson.
 * Source: https://github.com/FasterXML/jackson-core, ParserMinimalBase and ReaderBasedJsonParser
 */
export interface JsonFault {
  /** @param at writes a place of the text, given its characters before it */
  message(at: (offset: number) => string): string;
  /** How much of the text had been read. */
  readonly offset: number;
}

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const WORD = /[\p{L}\p{N}_$]+/uy;
/** A string as far as it is right, without its closing quote. */
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/uy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
/** What follows on a number that stops too early. */
const UNFINISHED: readonly (readonly [RegExp, string])[] = [
  [/^-$/, 'expected digit (0-9) to follow minus sign, for valid numeric value'],
  [/\.$/, 'Decimal point not followed by a digit'],
  [/[eE][-+]?$/, 'Exponent indicator not followed by a digit'],
];
const SPACE = /\s*/y;

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'end or comma';

interface Opened {
  readonly kind: 'Object' | 'Array';
  readonly at: number;
}

/** @param text not JSON */
export function jsonFault(text: string): JsonFault {
  const opened: Opened[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const next = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const stringFault = (what: string): JsonFault | undefined => {
    next(STRING);
    if (text[at++] === '"') return undefined;
    return stringFaultAt(text, at - 1, what);
  };
  for (;;) {
    next(SPACE);
    const inside = opened.at(-1);
    const char = text[at];
    if (char === undefined) return endOfInput(inside, expected, at);
    const closes = char === '}' ? 'Object' : char === ']' ? 'Array' : undefined;
    if (closes && inside?.kind === closes && /^first|^end/.test(expected)) {
      at++;
      opened.pop();
      expected = 'end or comma';
    } else if (expected === 'end or comma') {
      if (char !== ',' || !inside) return unexpected(text, at, `was expecting comma to separate ${inside?.kind ?? 'root'} entries`);
      at++;
      expected = inside.kind === 'Object' ? 'key' : 'value';
    } else if (expected === 'colon') {
      if (char !== ':') return unexpected(text, at, 'was expecting a colon to separate field name and value');
      at++;
      expected = 'value';
    } else if (expected.endsWith('key')) {
      if (char !== '"') return unexpected(text, at, 'was expecting double-quote to start field name');
      const fault = stringFault('field name');
      if (fault) return fault;
      expected = 'colon';
    } else if (char === '{' || char === '[') {
      opened.push({ kind: char === '{' ? 'Object' : 'Array', at });
      at++;
      expected = char === '{' ? 'first key' : 'first value';
    } else if (char === '"') {
      const fault = stringFault('a string value');
      if (fault) return fault;
      expected = 'end or comma';
    } else if (/[-\d]/.test(char)) {
      const fault = numberFault(text, at);
      if (fault) return fault;
      next(NUMBER);
      expected = 'end or comma';
    } else {
      const word = next(WORD);
      if (!word) return unexpected(text, at, `expected a valid value ${VALUES}`);
      if (!/^(true|false|null)$/.test(word)) return { message: () => `Unrecognized token '${word}': was expecting ${VALUES}`, offset: at };
      expected = 'end or comma';
    }
  }
}

function unexpected(text: string, offset: number, what: string, where = ''): JsonFault {
  return { message: () => `Unexpected character (${charOf(text, offset)})${where}: ${what}`, offset };
}

/** A character as Jackson shows it. */
function charOf(text: string, offset: number): string {
  const code = text.charCodeAt(offset);
  if (code < 32 || (code > 126 && code < 160)) return `(CTRL-CHAR, code ${code})`;
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return `'${char}' (code ${code}${code > 255 ? ` / 0x${code.toString(16)}` : ''})`;
}

/** Of a string that goes wrong there. */
function stringFaultAt(text: string, offset: number, what: string): JsonFault {
  const [char, escaped] = text.slice(offset);
  if (char === undefined) return { message: () => `Unexpected end-of-input: was expecting closing quote for ${what}`, offset };
  if (char !== '\\') {
    const place = what === 'field name' ? 'name' : 'string value';
    return {
      message: () => `Illegal unquoted character (${charOf(text, offset)}): has to be escaped using backslash to be included in ${place}`,
      offset,
    };
  }
  const sound = offset + (/^\\u[\da-fA-F]{0,3}/.exec(text.slice(offset))?.[0].length ?? 1);
  if (sound >= text.length) return { message: () => 'Unexpected end-of-input in character escape sequence', offset: text.length };
  if (escaped === 'u') return unexpected(text, sound, 'expected a hex-digit for character escape sequence');
  return { message: () => `Unrecognized character escape ${charOf(text, sound)}`, offset: sound };
}

/** Of a number that begins there, if it has any. */
function numberFault(text: string, start: number): JsonFault | undefined {
  const read = /^-?\d*(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][-+]?\d*)?/.exec(text.slice(start))?.[0] ?? '';
  const offset = start + read.length;
  const zero = /^-?0(?=\d)/.exec(read)?.[0];
  if (zero) return { message: () => 'Invalid numeric value: Leading zeroes not allowed', offset: start + zero.length };
  const what = UNFINISHED.find(([pattern]) => pattern.test(read))?.[1];
  if (what === undefined) return undefined;
  if (offset >= text.length) return { message: () => 'Unexpected end-of-input in a Number value', offset };
  return unexpected(text, offset, what, ' in numeric value');
}

function endOfInput(inside: Opened | undefined, expected: Expected, offset: number): JsonFault {
  if (!inside) return { message: () => 'Unexpected end-of-input', offset };
  const { kind, at: start } = inside;
  if (!/^first|^end/.test(expected)) return { message: () => `Unexpected end-of-input within/between ${kind} entries`, offset };
  return { message: (at) => `Unexpected end-of-input: expected close marker for ${kind} (start marker at ${at(start)})`, offset };
}

/** As Jackson names a place, from 1: "line: 1, column: 4". */
export function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return `line: ${before.split('\n').length}, column: ${offset - before.lastIndexOf('\n')}`;
}
