import type { S3Client } from '@aws-sdk/client-s3';
import { csvRecords } from './csv';
import { toCents } from './money';
import { readText, writeText } from './objects';
import { type Bookings, type ReportState, TIME_ZONE } from './report-state';

/** The file is not what was agreed on. The same file gives it again. */
export class InvalidBookings extends Error {
  override readonly name = 'InvalidBookings';
}

const COLUMNS = ['trip_id', 'started_at', 'cost_centre', 'cost'];

/** Sums up the trips of a month by cost centre. */
export async function readBookings(s3: S3Client, { object, output, period }: ReportState): Promise<{ trips: number }> {
  if (!object) throw new InvalidBookings('the state has no object');
  const bookings = bookingsOf(await readText(s3, object.bucket, object.key), period);
  await writeText(s3, output.bucket, `${output.prefix}bookings.json`, JSON.stringify(bookings));
  return { trips: Object.values(bookings.centres).reduce((sum, { trips }) => sum + trips, 0) };
}

/**
 * A trip belongs to the month in which it began, by the clocks where it was made. What is told late counts in the month that it is told in,
 * and is listed; what is of a later month is left to that month.
 */
export function bookingsOf(text: string, period: string): Bookings {
  const [header = [], ...records] = csvRecords(text);
  const lacking = COLUMNS.filter((name) => !header.includes(name));
  if (lacking.length > 0) throw new InvalidBookings(`the header has no ${lacking.join(', ')}: it is ${JSON.stringify(header.join(','))}`);
  const trips = new Map<string, { month: string; centre: string; cents: number }>();
  const rejected: { record: number; reason: string }[] = [];
  for (const [i, record] of records.entries()) {
    const [trip, started, centre, cost] = COLUMNS.map((name) => (record[header.indexOf(name)] ?? '').trim());
    const reject = (reason: string) => rejected.push({ record: i + 1, reason });
    const cents = toCents(cost);
    const month = monthOf(started);
    if (trip === '') reject('it has no trip_id');
    else if (month === undefined) reject('started_at is no instant, such as 2026-01-31T22:30:00Z');
    else if (cents === undefined) reject('cost is no amount, such as 12.50');
    else if (month > period) reject(`it is of ${month}`);
    // The same trip again is a correction.
    else trips.set(trip, { month, centre: centre || 'unknown', cents });
  }
  const centres: Record<string, { trips: number; cents: number }> = Object.create(null);
  for (const { centre, cents } of trips.values()) {
    const sum = centres[centre] ?? { trips: 0, cents: 0 };
    centres[centre] = { trips: sum.trips + 1, cents: sum.cents + cents };
  }
  const late = [...trips].filter(([, { month }]) => month < period).map(([trip, rest]) => ({ trip, ...rest }));
  return { centres, late, rejected };
}

const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE, year: 'numeric', month: '2-digit' });

/** `2026-01`, of an instant with its offset; a text without one would mean something else on every machine. */
function monthOf(instant: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(instant)) return undefined;
  const time = Date.parse(instant);
  if (Number.isNaN(time)) return undefined;
  const parts = Object.fromEntries(calendar.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}`;
}
