/** Text of an object, decoded piece by piece. */
export async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8');
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  const rest = decoder.decode();
  if (rest) yield rest;
}

/** Lines of a text, without their ends. */
export async function* lines(text: AsyncIterable<string>): AsyncIterable<string> {
  let rest = '';
  for await (const piece of text) {
    // Long lines come in many pieces: they are put together once.
    if (!piece.includes('\n')) {
      rest += piece;
      continue;
    }
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) yield line.replace(/\r$/, '');
  }
  if (rest) yield rest.replace(/\r$/, '');
}
