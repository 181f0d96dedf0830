import type { JsonObject } from '../../../lib/asl/json';
import { itemReaderFailed } from './reader-error';

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

/** Of all headers together. Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemreader-field-contents */
const HEADER_BYTES = 10 * 1024;

export interface CsvFormat {
  /** "COMMA" and so on. @default COMMA */
  readonly delimiter?: string;
  /** Without headers, the first row has them. */
  readonly headers?: readonly string[];
}

/**
 * Rows as objects of texts: short rows are padded with empty texts, surplus columns are dropped.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemreader-input-json-csv
 */
export async function* csvItems(text: AsyncIterable<string>, format: CsvFormat): AsyncIterable<JsonObject> {
  const delimiter = DELIMITERS[format.delimiter ?? 'COMMA'];
  if (!delimiter) throw itemReaderFailed(`Unknown CSVDelimiter '${format.delimiter}': ${Object.keys(DELIMITERS).join(', ')} are known.`);
  let headers = format.headers && distinct(short(format.headers));
  for await (const row of csvRows(text, delimiter)) {
    if (!headers) headers = distinct(short(row));
    else yield Object.fromEntries(headers.map((header, i) => [header, row[i] ?? '']));
  }
}

function short(headers: readonly string[]): readonly string[] {
  const bytes = Buffer.byteLength(headers.join(','), 'utf8');
  if (bytes > HEADER_BYTES) throw itemReaderFailed(`The CSV headers have ${bytes} bytes; up to ${HEADER_BYTES} are supported.`);
  return headers;
}

function distinct(headers: readonly string[]): readonly string[] {
  if (new Set(headers).size < headers.length) throw itemReaderFailed('CSV headers cannot contain duplicates.');
  return headers;
}

/**
 * Rows of fields. What stands in double quotes may hold delimiters and line ends; a doubled quote is one, in quotes or out of them. A
 * backslash escapes a backslash, a quote or the delimiter; before anything else it is dropped. Empty lines are no rows.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
 */
export async function* csvRows(text: AsyncIterable<string>, delimiter: string): AsyncIterable<string[]> {
  let row: string[] = [];
  let field = '';
  let state: 'plain' | 'quoted' | 'quote ended' | 'quote within' = 'plain';
  let escaped = false;
  const endField = () => {
    row.push(state === 'quote within' ? `${field}"` : field);
    field = '';
    state = 'plain';
  };
  for await (const piece of text) {
    for (const char of piece) {
      if (escaped || char === '\\') {
        escaped = !escaped;
        if (escaped) continue;
        if (char === '\\' || char === '"' || char === delimiter) {
          field += char;
          continue;
        }
      }
      if (state === 'quoted') {
        if (char === '"') state = 'quote ended';
        else field += char;
      } else if (char === '"') {
        if (state === 'plain') state = field === '' ? 'quoted' : 'quote within';
        else {
          field += '"';
          state = state === 'quote ended' ? 'quoted' : 'plain';
        }
      } else if (char === delimiter) endField();
      else if (char === '\n') {
        field = field.replace(/\r$/, '');
        const empty = row.length === 0 && field === '' && state === 'plain';
        endField();
        if (!empty) yield row;
        row = [];
      } else {
        if (state === 'quote within') {
          field += '"';
          state = 'plain';
        }
        field += char;
      }
    }
  }
  if (row.length > 0 || field !== '' || state !== 'plain') {
    endField();
    yield row;
  }
}
