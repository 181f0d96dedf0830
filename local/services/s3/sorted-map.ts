/** A map whose entries come in the order of their keys, for a million of them: sorted chunks, found by binary search. */
const MOST = 512;

interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

export class SortedMap<V> {
  private readonly chunks: Chunk<V>[] = [{ keys: [], values: [] }];
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(key: string): V | undefined {
    const { chunk, index, found } = this.find(key);
    return found ? chunk.values[index] : undefined;
  }

  /** Gives the key the value that `change` makes of its former one. */
  update(key: string, change: (former: V | undefined) => V): void {
    const { chunk, at, index, found } = this.find(key);
    if (found) {
      chunk.values[index] = change(chunk.values[index]);
      return;
    }
    chunk.keys.splice(index, 0, key);
    chunk.values.splice(index, 0, change(undefined));
    this.count += 1;
    if (chunk.keys.length > MOST) this.split(chunk, at);
  }

  delete(key: string): boolean {
    const { chunk, at, index, found } = this.find(key);
    if (!found) return false;
    chunk.keys.splice(index, 1);
    chunk.values.splice(index, 1);
    this.count -= 1;
    if (chunk.keys.length === 0 && this.chunks.length > 1) this.chunks.splice(at, 1);
    return true;
  }

  /** The entries whose keys are at or after `start`. The map must not change meanwhile. */
  *from(start: string): Generator<[string, V]> {
    const place = this.find(start);
    let { index } = place;
    for (let at = place.at; at < this.chunks.length; at++, index = 0) {
      const { keys, values } = this.chunks[at];
      for (; index < keys.length; index++) yield [keys[index], values[index]];
    }
  }

  /** Keys that come in their order, the usual case, leave full chunks behind instead of half-full ones. */
  private split(chunk: Chunk<V>, at: number): void {
    const middle = at === this.chunks.length - 1 ? MOST : MOST >> 1;
    this.chunks.splice(at + 1, 0, { keys: chunk.keys.splice(middle), values: chunk.values.splice(middle) });
  }

  /** Where the key is, or would be. */
  private find(key: string): { chunk: Chunk<V>; at: number; index: number; found: boolean } {
    const { chunks } = this;
    let [low, high] = [1, chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chunks[middle].keys[0] > key) high = middle;
      else low = middle + 1;
    }
    const at = low - 1;
    const chunk = chunks[at];
    const index = lowerBound(chunk.keys, key);
    return { chunk, at, index, found: chunk.keys[index] === key };
  }
}

/** How many of the keys come before this one. */
function lowerBound(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
