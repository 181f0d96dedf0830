import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { itemReaderFailed } from './reader-error';

type Bytes = AsyncIterable<Uint8Array>;

/** By the end of an object's name. Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemreader-field-contents */
const FORMATS: Readonly<Record<string, (bytes: Bytes) => Bytes>> = { gz: gunzipped, zstd: unzstd };

/** An object's bytes, decompressed where its name says that they are compressed. @param uri of the object */
export async function* decompressed(bytes: Bytes, uri: string): Bytes {
  const format = FORMATS[uri.slice(uri.lastIndexOf('.') + 1)];
  if (!format) return yield* bytes;
  let received: unknown;
  const watched = (async function* () {
    try {
      yield* bytes;
    } catch (error) {
      received = error;
      throw error;
    }
  })();
  try {
    yield* format(watched);
  } catch (error) {
    if (error === received) throw error;
    throw itemReaderFailed(`The object '${uri}' cannot be decompressed: ${(error as Error).message}`);
  }
}

function gunzipped(bytes: Bytes): Bytes {
  return pipeline(Readable.from(bytes), createGunzip(), () => {});
}

async function* unzstd(bytes: Bytes): Bytes {
  const { Decompress } = require('fzstd') as typeof import('fzstd');
  const ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => ready.push(chunk));
  for await (const piece of bytes) {
    stream.push(piece);
    yield* ready.splice(0);
  }
  stream.push(new Uint8Array(0), true);
  yield* ready;
}
