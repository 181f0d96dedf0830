/**
 * Reading an applicant without trusting it. The workflow has checked only the types of the top level, and a handler can be
 * invoked by hand as well, so everything arrives as `unknown`.
 */

/** Data that can't be checked at all. The workflow takes it to a person; it is never "not flagged", and a retry can't help. */
export class UnprocessableApplicant extends Error {
  override readonly name = 'UnprocessableApplicant';
}

export type Fields = Readonly<Record<string, unknown>>;

/** `value` as an object of fields; anything else can't be checked. */
export function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnprocessableApplicant(`${path} must be an object, but is ${kindOf(value)}.`);
  }
  return value as Fields;
}

/** A field of the object itself: `constructor` and its like, which every object inherits, aren't data. */
export function field(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
