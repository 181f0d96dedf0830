import type { HttpRequest } from './http';

/**
 * What became of a form: whoever sent it is led to the page, which says so. `taken`: this form decided; `unchanged`: the request takes no decision
 * any more; `stale`: it was sent before, or the request has changed since it was opened. It is in the address for everybody to write, so
 * that nothing but words may depend on it.
 */
export type Sent = 'taken' | 'unchanged' | 'stale' | 'wrong-code' | 'no-code';

const ALL: readonly (string | undefined)[] = ['taken', 'unchanged', 'stale', 'wrong-code', 'no-code'] satisfies Sent[];

/** Relative to the form's own address, whatever domain and path that has. */
export function locationOf(sent: Sent): string {
  return `?sent=${sent}`;
}

export function sentIn({ queryStringParameters }: HttpRequest): Sent | undefined {
  const sent = queryStringParameters?.sent;
  return ALL.includes(sent) ? (sent as Sent) : undefined;
}
