import { gunzipSync } from 'node:zlib';
import type { Compressors, DecodedArray, FileMetaData, ParquetScan } from 'hyparquet';
import type { Json, JsonObject } from '../../../lib/asl/json';
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
  const { parquetScan, parquetSchema } = hyparquet();
  const metadata = readMetadata(pieces);
  const columns = parquetSchema(metadata).children;
  const scan = await parquetScan({ file: pieces, metadata: plainSchema(metadata), compressors, parsers: PARSERS, utf8: false });
  for (const { rowStart, rowEnd } of scan.ranges) {
    const cells: ((row: number) => [string, Json])[] = [];
    for (const column of columns) {
      const { name } = column.element;
      const data = await columnData(scan, name, rowStart, rowEnd);
      const read = jsonReader(column);
      cells.push((row) => [name, read(data[row])]);
    }
    for (let row = 0; row < rowEnd - rowStart; row++) yield Object.fromEntries(cells.map((cell) => cell(row)));
  }
}

async function columnData(scan: ParquetScan, column: string, rowStart: number, rowEnd: number): Promise<DecodedArray> {
  const data = await scan.readColumn({ column, rowStart, rowEnd });
  if (data.length === rowEnd - rowStart) return data;
  throw new Error(`the column '${column}' has ${data.length} values for rows ${rowStart} to ${rowEnd - 1}.`);
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
    if (bytes > ROW_GROUP_BYTES) {
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
