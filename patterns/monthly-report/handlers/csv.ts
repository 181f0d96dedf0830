/** A text that is no CSV. */
export class InvalidCsv extends Error {
  override readonly name = 'InvalidCsv';
}

/** Records of a CSV by RFC 4180, the header first. @throws InvalidCsv for quotes that stand where they may not */
export function csvRecords(text: string): string[][] {
  const source = text.replace(/^\uFEFF/, '');
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const records: string[][] = [];
  let record: string[] = [];
  while (field.lastIndex < source.length || record.length > 0) {
    const at = field.lastIndex;
    const found = field.exec(source);
    if (!found) throw new InvalidCsv(`there is a quote too many or too few after record ${records.length}, at character ${at}`);
    const [, quoted, plain, end] = found;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
    if (end === '') break;
  }
  return records;
}
