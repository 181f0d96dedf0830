import { csvItems } from '../../local/engine/distributed/csv';

/** Rows as objects by the header's names, by RFC 4180. */
export async function parseCsv(text: string): Promise<Record<string, string>[]> {
  const rows: Record<string, string>[] = [];
  for await (const row of csvItems(pieces(text.replace(/^\uFEFF/, '')), {})) rows.push(row as Record<string, string>);
  return rows;
}

export function formatCsv(rows: readonly (readonly (string | number)[])[], lineEnd = '\n'): string {
  return rows.map((row) => `${row.map(quoted).join(',')}${lineEnd}`).join('');
}

async function* pieces(text: string): AsyncIterable<string> {
  yield text;
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
