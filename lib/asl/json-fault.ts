/** What is wrong with a text that should be JSON, in the words of the parser that AWS runs, Jackson. */
export interface JsonFault {
  /** @param at writes a place of the text, given its characters before it */
  message(at: (offset: number) => string): string;
  /** How much of the text had been read. */
  readonly offset: number;
}

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const WORD = /[\p{L}\p{N}_$]+/uy;
const STRING = /"(?:[^"\\\n\r]|\\.)*"/suy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
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
      if (!next(STRING)) return unclosed('field name', text.length);
      expected = 'colon';
    } else if (char === '{' || char === '[') {
      opened.push({ kind: char === '{' ? 'Object' : 'Array', at });
      at++;
      expected = char === '{' ? 'first key' : 'first value';
    } else if (char === '"') {
      if (!next(STRING)) return unclosed('a string value', text.length);
      expected = 'end or comma';
    } else {
      const word = next(NUMBER) || next(WORD);
      if (!word) return unexpected(text, at, `expected a valid value ${VALUES}`);
      if (!/^(-?\d|(true|false|null)$)/.test(word))
        return { message: () => `Unrecognized token '${word}': was expecting ${VALUES}`, offset: at };
      expected = 'end or comma';
    }
  }
}

function unexpected(text: string, offset: number, what: string): JsonFault {
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return { message: () => `Unexpected character ('${char}' (code ${text.charCodeAt(offset)})): ${what}`, offset };
}

function unclosed(what: string, offset: number): JsonFault {
  return { message: () => `Unexpected end-of-input: was expecting closing quote for ${what}`, offset };
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
