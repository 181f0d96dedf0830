import { ApiError } from '../../cloud-types';
import { page } from '../paging';

export interface PageRequest {
  readonly maxResults?: number;
  readonly nextToken?: string;
}

const DEFAULT_SIZE = 100;

/** One page: 100 results unless the request says so; 0 means the default. @throws ApiError InvalidToken, in AWS's words */
export function pageOf<T>(all: readonly T[], { maxResults, nextToken }: PageRequest): { items: readonly T[]; nextToken?: string } {
  try {
    return page(all, maxResults || DEFAULT_SIZE, nextToken);
  } catch (error) {
    if (error instanceof ApiError) throw new ApiError('InvalidToken', "Invalid Token: 'Invalid token'");
    throw error;
  }
}

/** Most recent first; of what came at the same instant, the later. */
export function newestFirst<T>(all: Iterable<T>, at: (item: T) => number): T[] {
  return [...all].reverse().sort((a, b) => at(b) - at(a));
}
