import { ApiError } from '../cloud-types';

/** One page of a list, and the token of the next: the place where it begins. */
export function page<T>(all: readonly T[], size: number, token: string | undefined): { items: readonly T[]; nextToken?: string } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0 || from > all.length) throw new ApiError('InvalidToken', `Invalid Token: '${token}'`);
  const end = from + size;
  return { items: all.slice(from, end), nextToken: end < all.length ? String(end) : undefined };
}
