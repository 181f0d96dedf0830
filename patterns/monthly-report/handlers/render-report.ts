import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { fromCents } from './money';
import { readText, writeText } from './objects';
import { type Bookings, type Invoice, type ReportState, type ReportSummary, TIME_ZONE } from './report-state';

/** Writes the report of a month: what was booked beside what was invoiced. */
export async function renderReport(s3: S3Client, { output, period, rerun }: ReportState): Promise<ReportSummary> {
  const { bucket, prefix } = output;
  const bookings: Bookings = JSON.parse(await readText(s3, bucket, `${prefix}bookings.json`));
  const invoice: Invoice = JSON.parse(await readText(s3, bucket, `${prefix}invoice.json`));
  const key = `${prefix}report.html`;
  await writeText(s3, bucket, key, reportOf(period, rerun, bookings, invoice), 'text/html');
  const rows = rowsOf(bookings, invoice);
  return {
    key,
    booked: rows.reduce((sum, { booked }) => sum + booked, 0),
    invoiced: invoice.total,
    currency: invoice.currency,
    differences: rows.filter(({ booked, invoiced }) => booked !== invoiced).length,
    late: bookings.late.length,
    rejected: bookings.rejected.length,
  };
}

interface Row {
  readonly centre: string;
  readonly trips: number;
  readonly booked: number;
  readonly invoiced: number;
}

/** Every cost centre that either side knows, by name. */
export function rowsOf({ centres }: Bookings, invoice: Invoice): Row[] {
  const names = new Set([...Object.keys(centres), ...Object.keys(invoice.centres)]);
  const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
    Object.hasOwn(record, name) ? record[name] : undefined;
  return [...names]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((centre) => ({
      centre,
      trips: own(centres, centre)?.trips ?? 0,
      booked: own(centres, centre)?.cents ?? 0,
      invoiced: own(invoice.centres, centre) ?? 0,
    }));
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid #8886;text-align:left}' +
  'td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tr.off td{font-weight:600}';

/** For the Content-Security-Policy of whoever shows it. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

/** A page that needs nothing but itself. Whatever comes from the datasets is text. */
export function reportOf(period: string, rerun: string | undefined, bookings: Bookings, invoice: Invoice): string {
  const rows = rowsOf(bookings, invoice);
  const table = (head: string[], body: string[]) =>
    `<table><thead><tr>${head.map((cell) => `<th${/^(Trips|Booked|Invoiced|Difference|Cost|Record)$/.test(cell) ? ' class="n"' : ''}>${cell}</th>`).join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
  const number = (value: string | number) => `<td class="n">${value}</td>`;
  const booked = rows.reduce((sum, row) => sum + row.booked, 0);
  const main = rows.map(
    (row) =>
      `<tr${row.booked === row.invoiced ? '' : ' class="off"'}><td>${text(row.centre)}</td>${number(row.trips)}${number(fromCents(row.booked))}` +
      `${number(fromCents(row.invoiced))}${number(fromCents(row.invoiced - row.booked))}</tr>`,
  );
  const total = `<tr><th>Total</th>${number(rows.reduce((sum, row) => sum + row.trips, 0))}${number(fromCents(booked))}${number(fromCents(invoice.total))}${number(fromCents(invoice.total - booked))}</tr>`;
  const late = bookings.late.map(
    ({ trip, month, centre, cents }) =>
      `<tr><td>${text(trip)}</td><td>${month}</td><td>${text(centre)}</td>${number(fromCents(cents))}</tr>`,
  );
  const rejected = bookings.rejected.map(({ record, reason }) => `<tr>${number(record)}<td>${text(reason)}</td></tr>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Trips ${text(period)}</title><style>${STYLE}</style></head><body>
<h1>Trips of ${text(period)}${rerun === undefined ? '' : `, corrected: ${text(rerun)}`}</h1>
<p>Invoice ${text(invoice.number)} of ${text(invoice.supplier)}, in ${text(invoice.currency)}. Months by the clocks of ${TIME_ZONE}.</p>
${table(['Cost centre', 'Trips', 'Booked', 'Invoiced', 'Difference'], [...main, total])}
${late.length === 0 ? '' : `<h2>Told late: of earlier months, and counted above</h2>\n${table(['Trip', 'Month', 'Cost centre', 'Cost'], late)}\n`}${rejected.length === 0 ? '' : `<h2>Not counted</h2>\n${table(['Record', 'Reason'], rejected)}\n`}</body></html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
