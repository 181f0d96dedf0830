import { crc32 } from 'node:zlib';
import type { ColumnMetaData } from 'hyparquet';
import type { Pieces } from './parquet-pieces';

/** The fields of a page's header that are looked at here, by their numbers in Parquet's Thrift definition. */
interface PageHeader {
  readonly field_2?: number;
  readonly field_3?: number;
  readonly field_4?: number;
}

/**
 * The bytes of a column within a row group, all pages whole: sizes that are none would lead the reader astray, and where a page has a
 * checksum, bits that flipped would give wrong values.
 * Source: https://parquet.apache.org/docs/file-format/data-pages/checksumming/
 */
export function columnChunk(pieces: Pieces, column: ColumnMetaData): ArrayBuffer {
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const bytes = pieces.slice(start, start + Number(column.total_compressed_size));
  const name = column.path_in_schema.join('.');
  const view = new DataView(bytes);
  const reader = { view, offset: 0 };
  let uncompressed = 0;
  for (let page = 0; reader.offset < view.byteLength - 1; page++) {
    const header = thrift().deserializeTCompactProtocol(reader) as PageHeader;
    const { field_2: unpacked = -1, field_3: packed = -1, field_4: checksum } = header;
    const end = reader.offset + packed;
    if (packed < 0 || end > view.byteLength) {
      throw new Error(`page ${page} of the column '${name}' should have ${packed} bytes, but ${view.byteLength - reader.offset} follow.`);
    }
    uncompressed += unpacked;
    if (unpacked < 0 || uncompressed > Number(column.total_uncompressed_size)) {
      const all = column.total_uncompressed_size;
      throw new Error(`page ${page} of the column '${name}' should have ${unpacked} bytes uncompressed, but the column has ${all}.`);
    }
    if (checksum !== undefined && crc32(new Uint8Array(bytes, reader.offset, packed)) !== checksum >>> 0) {
      throw new Error(`page ${page} of the column '${name}' is damaged: its checksum is wrong.`);
    }
    reader.offset = end;
  }
  return bytes;
}

function thrift(): typeof import('hyparquet/src/thrift.js') {
  return require('hyparquet/src/thrift.js');
}
