import type { JsonObject } from '../../../lib/asl/json';
import { itemReaderFailed } from './reader-error';

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

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
  let headers = format.headers && distinct(format.headers);
  for await (const row of csvRows(text, delimiter)) {
    if (!headers) headers = distinct(row);
    else yield Object.fromEntries(headers.map((header, i) => [header, row[i] ?? '']));
  }
}

function distinct(headers: readonly string[]): readonly string[] {
  if (new Set(headers).size < headers.length) throw itemReaderFailed('CSV headers cannot contain duplicates.');
  return headers;
}

/** Rows of fields by RFC 4180: fields in double quotes may hold delimiters, line ends and doubled quotes. Empty lines are no rows. */
export async function* csvRows(text: AsyncIterable<string>, delimiter: string): AsyncIterable<string[]> {
  let row: string[] = [];
  let field = '';
  let quoted = false;
  let afterQuote = false;
  const endField = () => {
    row.push(field);
    field = '';
    afterQuote = false;
  };
  for await (const piece of text) {
    for (const char of piece) {
      if (quoted) {
        if (char === '"') [quoted, afterQuote] = [false, true];
        else field += char;
      } else if (char === '"' && afterQuote) {
        field += '"';
        [quoted, afterQuote] = [true, false];
      } else if (char === '"' && field === '') quoted = true;
      else if (char === delimiter) endField();
      else if (char === '\n') {
        field = field.replace(/\r$/, '');
        const empty = row.length === 0 && field === '' && !afterQuote;
        endField();
        if (!empty) yield row;
        row = [];
      } else field += char;
    }
  }
  if (row.length > 0 || field !== '' || afterQuote) {
    endField();
    yield row;
  }
}
