import type { Json } from '../../../lib/asl/json';
import { parseTimestamp } from '../../../lib/asl/timestamp';

/** One comparison of a JSONPath Choice. Values of unlike types never match; that is no error. */
export function compare(operator: string, actual: Json, expected: Json): boolean {
  const name = operator.replace(/Path$/, '');
  switch (name) {
    case 'IsNull':
      return (actual === null) === expected;
    case 'IsBoolean':
      return (typeof actual === 'boolean') === expected;
    case 'IsNumeric':
      return (typeof actual === 'number') === expected;
    case 'IsString':
      return (typeof actual === 'string') === expected;
    case 'IsTimestamp':
      return (timestamp(actual) !== undefined) === expected;
    case 'StringMatches':
      return typeof actual === 'string' && typeof expected === 'string' && matchesWildcard(actual, expected);
    case 'BooleanEquals':
      return typeof actual === 'boolean' && actual === expected;
    default:
      return ordered(name, actual, expected);
  }
}

function ordered(name: string, actual: Json, expected: Json): boolean {
  const [, type, relation] = /^(Numeric|String|Timestamp)(.*)$/.exec(name) ?? [];
  const [a, b] = [comparable(type, actual), comparable(type, expected)];
  if (a === undefined || b === undefined) return false;
  switch (relation) {
    case 'Equals':
      return a === b;
    case 'GreaterThan':
      return a > b;
    case 'GreaterThanEquals':
      return a >= b;
    case 'LessThan':
      return a < b;
    default:
      return a <= b;
  }
}

function comparable(type: string, value: Json): number | string | undefined {
  if (type === 'Numeric') return typeof value === 'number' ? value : undefined;
  if (type === 'String') return typeof value === 'string' ? value : undefined;
  return timestamp(value);
}

function timestamp(value: Json): number | undefined {
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}

/** `*` stands for any characters, none included; `\*` and `\\` for themselves. In time that grows with the text, whatever the pattern. */
export function matchesWildcard(text: string, pattern: string): boolean {
  const [first, ...rest] = literalParts(pattern);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    // The first place that fits leaves the most for the others.
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** What stands between the stars. */
function literalParts(pattern: string): string[] {
  const parts = [''];
  for (const [token, escaped] of pattern.matchAll(/\\([*\\])|[\s\S]/g)) {
    if (token === '*') parts.push('');
    else parts[parts.length - 1] += escaped ?? token;
  }
  return parts;
}
