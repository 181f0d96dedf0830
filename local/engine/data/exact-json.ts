import type { Json } from '../../../lib/asl/json';

/**
 * JavaScript's numbers are exact up to 2^53; AWS keeps the digits of integers up to 2^63 (as measured by others:
 * https://github.com/floci-io/floci/pull/2683). A number that would change unseen ends what reads it instead.
 */
export class InexactNumberError extends Error {
  constructor(number: string) {
    super(
      `the number ${number} has more digits than the runner can keep, which is exact up to ${Number.MAX_SAFE_INTEGER}. AWS may keep it: write it as a text to be sure everywhere.`,
    );
  }
}

/** @throws SyntaxError; InexactNumberError for an integer whose digits would change */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  checkNumbers(text);
  return value;
}

const MANY_DIGITS = /\d{16}/;
/** Texts, so that digits in them are passed over, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** @param text JSON @throws InexactNumberError */
export function checkNumbers(text: string): void {
  if (!MANY_DIGITS.test(text)) return;
  for (const [token] of text.matchAll(TOKENS)) {
    if (/^-?\d{16,}$/.test(token) && String(Number(token)) !== token) throw new InexactNumberError(token);
  }
}
