import type { S3Client } from '@aws-sdk/client-s3';
import { toCents } from './money';
import { readText, writeText } from './objects';
import type { Invoice, ReportState } from './report-state';

/** The invoice is not what can be paid. The same document gives it again. */
export class InvalidInvoice extends Error {
  override readonly name = 'InvalidInvoice';
}

/** Reads an invoice, and checks that it is of this month and adds up. */
export async function readInvoice(s3: S3Client, { object, output, period }: ReportState): Promise<{ number: string; total: number }> {
  if (!object) throw new InvalidInvoice('the state has no object');
  const invoice = invoiceOf(await readText(s3, object.bucket, object.key), period);
  await writeText(s3, output.bucket, `${output.prefix}invoice.json`, JSON.stringify(invoice));
  return { number: invoice.number, total: invoice.total };
}

/** @throws InvalidInvoice naming every problem */
export function invoiceOf(text: string, period: string): Invoice {
  const invoice = parsed(text);
  const problems: string[] = [];
  const { number, supplier, currency, lines } = invoice;
  for (const [name, value] of Object.entries({ number, supplier })) {
    if (typeof value !== 'string' || value.trim() === '' || value.length > 200) problems.push(`${name} is no text of 1 to 200 characters`);
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) problems.push('currency is no code such as EUR');
  if (invoice.period !== period) problems.push(`it is of ${JSON.stringify(invoice.period)}, not of ${period}`);
  if (!Array.isArray(lines) || lines.length === 0) problems.push('it has no lines');
  const centres: Record<string, number> = Object.create(null);
  let sum = 0;
  for (const [i, line] of (Array.isArray(lines) ? lines : []).entries()) {
    const { costCentre, net } = (typeof line === 'object' && line !== null ? line : {}) as Record<string, unknown>;
    const cents = amount(net);
    if (typeof costCentre !== 'string' || costCentre.trim() === '') problems.push(`line ${i + 1} has no costCentre`);
    else if (cents === undefined) problems.push(`net of line ${i + 1} is no amount such as "12.50"`);
    else {
      centres[costCentre.trim()] = (centres[costCentre.trim()] ?? 0) + cents;
      sum += cents;
    }
  }
  const total = amount(invoice.total);
  if (total === undefined) problems.push('total is no amount such as "12.50"');
  else if (problems.length === 0 && total !== sum) problems.push(`its lines add up to ${sum} cents, and its total is ${total}`);
  if (problems.length > 0) throw new InvalidInvoice(problems.join('; '));
  return { number, supplier, currency, centres, total } as Invoice;
}

/** Amounts are texts: a number of JSON has been through a fraction. */
function amount(value: unknown): number | undefined {
  return typeof value === 'string' ? toCents(value) : undefined;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // What is wrong with it is said below, without quoting it.
  }
  throw new InvalidInvoice('it is no JSON object');
}
