import { compareKeys } from './key-order';
import type { ListedObject } from './listing';

/** A key with what the two buckets have of it: at least one of them has something. */
export interface Pair {
  readonly key: string;
  readonly source?: ListedObject;
  readonly destination?: ListedObject;
}

/** Two listings in one pass. */
export async function* merge(sources: AsyncGenerator<ListedObject>, destinations: AsyncGenerator<ListedObject>): AsyncGenerator<Pair> {
  let [left, right] = await Promise.all([sources.next(), destinations.next()]);
  while (!left.done || !right.done) {
    const order = left.done ? 1 : right.done ? -1 : compareKeys(left.value.key, right.value.key);
    const source = order <= 0 && !left.done ? left.value : undefined;
    const destination = order >= 0 && !right.done ? right.value : undefined;
    yield { key: (source ?? destination)?.key as string, source, destination };
    if (source) left = await sources.next();
    if (destination) right = await destinations.next();
  }
}

/** So many at a time. */
export async function* chunks<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
