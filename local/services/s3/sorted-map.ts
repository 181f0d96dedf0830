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

  set(key: string, value: V): void {
    const { chunk, at, index, found } = this.find(key);
    if (found) {
      chunk.values[index] = value;
      return;
    }
    chunk.keys.splice(index, 0, key);
    chunk.values.splice(index, 0, value);
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
    const at = Math.max(0, firstWhere(this.chunks.length, (i) => this.chunks[i].keys[0] > key) - 1);
    const chunk = this.chunks[at];
    const index = firstWhere(chunk.keys.length, (i) => chunk.keys[i] >= key);
    return { chunk, at, index, found: chunk.keys[index] === key };
  }
}

function firstWhere(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
