/** January's trips and the invoice for them. What must come of them is worked out by hand, in `EXPECTED`. */

/** With quotes, other scripts, a trip told twice, missing values, and the month's two ends by Amsterdam's clocks. */
export const BOOKINGS = `\uFEFFtrip_id,started_at,cost_centre,driver,cost
T-01,2026-01-05T08:00:00Z,Sales,"Jansen, Zoë",12.50
T-02,2026-01-05T09:30:00+01:00,Sales,"the ""quick"" one",7.25
T-03,2025-12-31T23:15:00Z,R&D <lab>,محمد,100.00
T-04,2025-12-31T22:45:00Z,Sales,new year's eve,3.00
T-05,2026-01-31T22:59:59Z,R&D <lab>,last minute,20.05
T-06,2026-01-31T23:00:00Z,Sales,February already,9.99
T-07,2026-01-12T10:00:00Z,,nobody,1.00
T-08,2026-01-12T10:00:00Z,Sales,no cost,
T-02,2026-01-05T08:30:00Z,Sales,corrected,8.25
,2026-01-13T10:00:00Z,Sales,no trip,5.00
T-09,13/01/2026,Sales,no instant,5.00
T-10,2025-11-20T12:00:00Z,東京,"two
lines",1234.56
`.replaceAll('\n', '\r\n');

export const INVOICE = JSON.stringify({
  number: 'INV-2026-0117',
  supplier: 'Cabs & Co',
  period: '2026-01',
  issuedOn: '2026-02-01',
  currency: 'EUR',
  lines: [
    { costCentre: 'Sales', description: 'trips', net: '23.75' },
    { costCentre: 'R&D <lab>', description: 'trips', net: '120.00' },
    { costCentre: '東京', description: 'trips', net: '1234.56' },
    { costCentre: 'Board', description: 'a car that nobody booked', net: '45.00' },
  ],
  total: '1423.31',
});

/** Sales 12.50 + 8.25 + 3.00; R&D 100.00 + 20.05; nobody's 1.00; Tokyo 1,234.56. */
export const EXPECTED = {
  booked: 137_936,
  invoiced: 142_331,
  currency: 'EUR',
  // Board, R&D and nobody's.
  differences: 3,
  // T-04 and T-10.
  late: 2,
  // T-06, T-08, the trip without a name, T-09.
  rejected: 4,
};

/** The rows of the report's first table. */
export const ROWS = [
  ['Board', '0', '0.00', '45.00', '45.00'],
  ['R&amp;D &lt;lab&gt;', '2', '120.05', '120.00', '-0.05'],
  ['Sales', '3', '23.75', '23.75', '0.00'],
  ['unknown', '1', '1.00', '0.00', '-1.00'],
  ['東京', '1', '1,234.56', '1,234.56', '0.00'],
  ['Total', '7', '1,379.36', '1,423.31', '43.95'],
];

/** The cells of a table's rows. */
export function cells(html: string, table: number): string[][] {
  const body = [...html.matchAll(/<tbody>([\s\S]*?)<\/tbody>/g)][table]?.[1] ?? '';
  return [...body.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell]) => cell),
  );
}
