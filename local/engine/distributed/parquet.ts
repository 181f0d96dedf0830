import { gunzipSync } from 'node:zlib';
import type { Compressors, FileMetaData } from 'hyparquet';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { bounded } from '../bounded';
import { columnValues } from './parquet-column';
import { inPieces, type Pieces } from './parquet-pieces';
import { jsonReader, PARSERS, plainSchema } from './parquet-values';
import { itemReaderFailed } from './reader-error';

/**
 * What AWS reads of Parquet: a footer and row groups up to a size, and three compressions.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
const FOOTER_BYTES = 5 * 1024 * 1024;
const ROW_GROUP_BYTES = 256 * 1024 * 1024;
const COMPRESSIONS: readonly (string | undefined)[] = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'];

/** At both ends of a file. */
const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** The footer's length and the magic, after the footer. */
const TRAILER_BYTES = 8;

/** Those that hyparquet lacks. */
const compressors: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  ZSTD: (bytes, length) => (require('fzstd') as typeof import('fzstd')).decompress(bytes, new Uint8Array(length)),
};

/** The rows of a Parquet file as objects, one row group after the other: only one is in memory in readable form. */
export async function* parquetItems(bytes: AsyncIterable<Uint8Array>, uri: string): AsyncIterable<JsonObject> {
  const pieces = await inPieces(bytes);
  try {
    yield* rows(pieces);
  } catch (error) {
    // A broken file shows in every kind of error that a reader of bytes can throw.
    throw itemReaderFailed(`The Parquet file '${uri}' cannot be read: ${(error as Error).message}`);
  }
}

async function* rows(pieces: Pieces): AsyncIterable<JsonObject> {
  const { parquetSchema } = hyparquet();
  const metadata = inTime(pieces.byteLength, () => readMetadata(pieces));
  const columns = parquetSchema(metadata).children;
  const tree = parquetSchema(plainSchema(metadata));
  for (const group of metadata.row_groups) {
    const reading = { pieces, group, tree, compressors, parsers: PARSERS };
    const cells = columns.map((column, i): ((row: number) => [string, Json]) => {
      const data = inTime(Number(group.total_byte_size), () => columnValues(tree.children[i], reading));
      const read = jsonReader(column);
      return (row) => [column.element.name, read(data[row])];
    });
    for (let row = 0; row < group.num_rows; row++) yield Object.fromEntries(cells.map((cell) => cell(row)));
  }
}

/** What is read of a sound file takes a small part of this, on any machine. */
const SECONDS = 1;
const SECONDS_A_MEGABYTE = 0.25;

/** Lengths that are wrong within a page may keep hyparquet busy for as good as ever. */
function inTime<T>(bytes: number, read: () => T): T {
  const seconds = SECONDS + SECONDS_A_MEGABYTE * (bytes / 2 ** 20);
  return bounded(Math.ceil(seconds * 1000), read, () => new Error('its data is damaged: reading it comes to no end.'));
}

function readMetadata(pieces: Pieces): FileMetaData {
  const size = pieces.byteLength;
  if (size < MAGIC.length + TRAILER_BYTES) throw new Error(`it has ${size} bytes, fewer than any Parquet file.`);
  const trailer = Buffer.from(pieces.slice(size - TRAILER_BYTES, size));
  const [first, last] = [Buffer.from(pieces.slice(0, MAGIC.length)).toString('latin1'), trailer.toString('latin1', MAGIC.length)];
  if (last === ENCRYPTED_MAGIC) throw new Error('it is encrypted.');
  if (first !== MAGIC || last !== MAGIC) {
    throw new Error(`it is no Parquet file or is cut off: it must begin and end with ${MAGIC}.`);
  }
  const footer = trailer.readUInt32LE(0);
  if (footer > FOOTER_BYTES) throw new Error(`its footer has ${footer} bytes: at most ${FOOTER_BYTES} (5 MB) are allowed.`);
  if (footer > size - MAGIC.length - TRAILER_BYTES) throw new Error(`its footer should have ${footer} bytes, but the file has ${size}.`);
  const metadata = hyparquet().parquetMetadata(pieces.slice(size - TRAILER_BYTES - footer, size), { geoparquet: false });
  checkRowGroups(metadata);
  return metadata;
}

function checkRowGroups({ row_groups: groups }: FileMetaData): void {
  for (const [index, { total_byte_size: bytes, columns }] of groups.entries()) {
    if (!(bytes >= 0 && bytes <= ROW_GROUP_BYTES)) {
      throw new Error(`row group ${index} has ${bytes} bytes: at most ${ROW_GROUP_BYTES} (256 MB) are allowed. Write smaller row groups.`);
    }
    for (const { meta_data: column } of columns) {
      if (!column || COMPRESSIONS.includes(column.codec)) continue;
      const name = column.path_in_schema.join('.');
      throw new Error(`the column '${name}' has the compression ${column.codec ?? '(unknown)'}: ${COMPRESSIONS.join(', ')} can be read.`);
    }
  }
}

/** Read on first use: most runs have no Parquet. */
function hyparquet(): typeof import('hyparquet') {
  return require('hyparquet');
}
