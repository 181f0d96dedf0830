/** What must be there: a value, where a `Matching` stands for what differs from run to run. Objects must have exactly these members. */
export type Expected = null | boolean | number | string | Matching | readonly Expected[] | { readonly [member: string]: Expected };

/** Anything that passes a test. */
export class Matching {
  /** @param what shown when it does not match: "an instant" */
  constructor(
    readonly what: string,
    readonly test: (value: unknown) => boolean,
  ) {}
}

/** A text that matches, for what differs from run to run. */
export function matching(pattern: RegExp): Matching {
  return new Matching(`a text that matches ${pattern}`, (value) => typeof value === 'string' && pattern.test(value));
}

/** An ISO 8601 instant in UTC. */
export const anInstant = new Matching(
  'an instant',
  (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
);

/** An object that has at least these members. */
export function containing(members: { readonly [member: string]: Expected }): Matching {
  return new Matching(
    `an object with ${JSON.stringify(members)}`,
    (value) =>
      isObject(value) && Object.entries(members).every(([member, expected]) => differences(expected, value[member], member).length === 0),
  );
}

/** Where `actual` is not as expected, in words; empty when it is. `undefined` means that nothing is expected. */
export function differences(expected: Expected | undefined, actual: unknown, path: string): string[] {
  if (expected instanceof Matching) return expected.test(actual) ? [] : [`${path} should be ${expected.what}, is ${show(actual)}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path} should be a list, is ${show(actual)}`];
    const length =
      expected.length === actual.length ? [] : [`${path} should have ${expected.length} items, has ${actual.length}: ${show(actual)}`];
    return [...length, ...expected.slice(0, actual.length).flatMap((item, i) => differences(item, actual[i], `${path}[${i}]`))];
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [`${path} should be an object, is ${show(actual)}`];
    const members = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...members].flatMap((member) => differences(expected[member] as Expected, actual[member], `${path}.${member}`));
  }
  return Object.is(expected, actual) ? [] : [`${path} should be ${show(expected)}, is ${show(actual)}`];
}

/** @throws with every difference, in words */
export function assertSame(expected: Expected | undefined, actual: unknown, what: string): void {
  const problems = differences(expected, actual, what);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
