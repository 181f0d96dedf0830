/** A file that came in pieces, which are not copied into one: only what is asked for is. */
export interface Pieces {
  readonly byteLength: number;
  /** @throws if the file has no such bytes: what points there is broken */
  slice(start: number, end?: number): ArrayBuffer;
}

export async function inPieces(bytes: AsyncIterable<Uint8Array>): Promise<Pieces> {
  const pieces: Uint8Array[] = [];
  let byteLength = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    byteLength += piece.length;
  }
  return { byteLength, slice: (start, end = byteLength) => cut(pieces, byteLength, start, end) };
}

function cut(pieces: readonly Uint8Array[], byteLength: number, start: number, end: number): ArrayBuffer {
  if (!(start >= 0 && start <= end && end <= byteLength)) {
    throw new RangeError(`it refers to its bytes ${start} to ${end}, but has ${byteLength}.`);
  }
  const result = new Uint8Array(end - start);
  let at = 0;
  for (const piece of pieces) {
    if (at >= end) break;
    const after = at + piece.length;
    if (after > start) result.set(piece.subarray(Math.max(0, start - at), end - at), Math.max(0, at - start));
    at = after;
  }
  return result.buffer;
}
