import type { Diagnostic } from './diagnostic';

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_$][\w$]*|[{}[\],:]|\S/g;
const WORDS = ['true', 'false', 'null'];

/** A text that is no JSON, told in the form of AWS's parser: the first word that it doesn't know, or that the text ends too early. */
export function jsonSyntaxError(text: string): Diagnostic {
  const unknown = [...text.matchAll(TOKEN)].find(([token]) => !/^["{}[\],:\-\d]/.test(token) && !WORDS.includes(token));
  const location = place(text, unknown ? unknown.index + unknown[0].length : text.length);
  const what = unknown
    ? `Unrecognized token '${unknown[0]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`
    : 'The definition is not JSON';
  return { severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', location, message: `${what}\n at ${location}` };
}

function place(text: string, end: number): string {
  const before = text.slice(0, end);
  const line = before.split('\n').length;
  const column = end - before.lastIndexOf('\n');
  return `[Source: (String)"${text}"; line: ${line}, column: ${column}]`;
}
