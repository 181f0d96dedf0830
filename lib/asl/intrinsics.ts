/**
 * Intrinsic functions of JSONPath states: the parser and the signatures.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
import type { Json } from './json';

export type IntrinsicArgument = { readonly value: Json } | { readonly path: string } | IntrinsicCall;

export interface IntrinsicCall {
  readonly name: string;
  readonly arguments: readonly IntrinsicArgument[];
}

/**
 * Each function with the least and the greatest number of its arguments. AWS creates a state machine with other numbers of them, and fails
 * when it comes to the call.
 */
export const INTRINSICS: Readonly<Record<string, readonly [number, number]>> = {
  'States.Array': [0, Number.POSITIVE_INFINITY],
  'States.ArrayContains': [2, 2],
  'States.ArrayGetItem': [2, 2],
  'States.ArrayLength': [1, 1],
  'States.ArrayPartition': [2, 2],
  'States.ArrayRange': [3, 3],
  'States.ArrayUnique': [1, 1],
  'States.Base64Decode': [1, 1],
  'States.Base64Encode': [1, 1],
  'States.Format': [1, Number.POSITIVE_INFINITY],
  'States.Hash': [2, 2],
  'States.JsonMerge': [3, 3],
  'States.JsonToString': [1, 1],
  'States.MathAdd': [2, 2],
  'States.MathRandom': [2, 3],
  'States.StringSplit': [2, 2],
  'States.StringToJson': [1, 1],
  'States.UUID': [0, 0],
};

export class IntrinsicSyntaxError extends Error {}

const parsed = new Map<string, IntrinsicCall>();

export function parseIntrinsic(text: string): IntrinsicCall {
  let call = parsed.get(text);
  if (!call) {
    call = new IntrinsicParser(text).whole();
    if (parsed.size > 10_000) parsed.clear();
    parsed.set(text, call);
  }
  return call;
}

class IntrinsicParser {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): IntrinsicCall {
    const call = this.call();
    this.space();
    if (this.at < this.text.length) throw this.wrong(`unexpected '${this.text.slice(this.at)}'`);
    return call;
  }

  private call(): IntrinsicCall {
    this.space();
    const name = /^[A-Za-z][\w.]*/.exec(this.text.slice(this.at))?.[0] ?? '';
    if (!Object.hasOwn(INTRINSICS, name)) throw this.wrong(`unknown intrinsic function '${name}'`);
    this.at += name.length;
    this.space();
    if (this.text[this.at] !== '(') throw this.wrong(`'(' is missing after ${name}`);
    this.at++;
    const list: IntrinsicArgument[] = [];
    for (this.space(); this.text[this.at] !== ')'; this.space()) {
      if (list.length > 0) {
        if (this.text[this.at] !== ',') throw this.wrong(`',' or ')' is missing`);
        this.at++;
      }
      list.push(this.argument());
    }
    this.at++;
    return { name, arguments: list };
  }

  private argument(): IntrinsicArgument {
    this.space();
    const char = this.text[this.at];
    if (char === undefined) throw this.wrong(`')' is missing`);
    if (char === "'") return { value: this.string() };
    if (char === '$') return { path: this.pathText() };
    const literal = /^(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.])/.exec(this.text.slice(this.at))?.[0];
    if (literal !== undefined) {
      this.at += literal.length;
      return { value: JSON.parse(literal) };
    }
    return this.call();
  }

  /** Keeps the backslash before braces: Format needs to tell `\{` from `{`. */
  private string(): string {
    let value = '';
    for (this.at++; this.text[this.at] !== "'"; this.at++) {
      if (this.at >= this.text.length) throw this.wrong("the closing ' is missing");
      if (this.text[this.at] !== '\\') {
        value += this.text[this.at];
        continue;
      }
      const escaped = this.text[++this.at];
      if (escaped === undefined || !"'{}\\".includes(escaped))
        throw this.wrong(`illegal escape '\\${escaped ?? ''}', legal are \\' \\{ \\} \\\\`);
      value += escaped === "'" ? "'" : `\\${escaped}`;
    }
    this.at++;
    return value;
  }

  private pathText(): string {
    const start = this.at;
    let depth = 0;
    for (let quote = ''; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (quote) {
        if (char === '\\') this.at++;
        else if (char === quote) quote = '';
      } else if (depth > 0 && (char === "'" || char === '"')) quote = char;
      else if (char === '[' || char === '(') depth++;
      else if (depth > 0 && (char === ']' || char === ')')) depth--;
      else if (depth === 0 && (char === ',' || char === ')')) break;
    }
    return this.text.slice(start, this.at).trim();
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private wrong(what: string): IntrinsicSyntaxError {
    return new IntrinsicSyntaxError(`${what} at character ${this.at + 1} of '${this.text}'`);
  }
}

/** A literal text argument as the functions other than Format read it: escapes resolved. */
export function unescapeText(text: string): string {
  return text.replace(/\\([{}\\])/g, '$1');
}
