import type { Json } from '../../../lib/asl/json';
import { parseJson } from './exact-json';

/** Strings in either kind of quotes, keys with their colons, and what opens and closes. */
const STRINGS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs;
const KEYS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/gs;

/**
 * JSON as `$parse` reads it: strings may stand in single quotes, no key may come twice, and numbers are those of a double. As measured by
 * others: https://github.com/iwamot/sfnx/blob/main/docs/design.md#jsonata-in-step-functions
 * @throws SyntaxError; InexactNumberError as `parseJson` does
 */
export function parseLenientJson(text: string): Json {
  const json = text.replace(STRINGS, (string) => (string.startsWith("'") ? doubleQuoted(string) : string));
  const value = parseJson(json);
  checkKeys(json);
  JSON.parse(json, (_, part) => {
    if (part === Number.POSITIVE_INFINITY || part === Number.NEGATIVE_INFINITY) throw new SyntaxError('a number is too large');
    return part;
  });
  return value;
}

function doubleQuoted(string: string): string {
  const inner = string.slice(1, -1).replace(/\\[\s\S]|"/g, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
  return `"${inner}"`;
}

/** @param json valid */
function checkKeys(json: string): void {
  const open: Set<string>[] = [];
  for (const [token, string, colon] of json.matchAll(KEYS)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(string);
      const keys = open.at(-1);
      if (keys?.has(key)) throw new SyntaxError(`the key ${string} comes twice`);
      keys?.add(key);
    }
  }
}
