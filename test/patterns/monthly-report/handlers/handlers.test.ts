import { csvRecords } from '../../../../patterns/monthly-report/handlers/csv';
import { fromCents, toCents } from '../../../../patterns/monthly-report/handlers/money';
import { bookingsOf } from '../../../../patterns/monthly-report/handlers/read-bookings';
import { invoiceOf } from '../../../../patterns/monthly-report/handlers/read-invoice';
import { reportOf } from '../../../../patterns/monthly-report/handlers/render-report';
import { cells, INVOICE } from '../../../../patterns/monthly-report/january';

test.each<[string, number | null, string]>([
  ['0', 0, '0.00'],
  ['0.1', 10, '0.10'],
  ['12.5', 1250, '12.50'],
  ['-0.05', -5, '-0.05'],
  ['-0', 0, '0.00'],
  ['1234567.89', 123456789, '1,234,567.89'],
  ['999999999999.99', 99999999999999, '999,999,999,999.99'],
  ['1,234.50', null, ''],
  ['1.234', null, ''],
  ['.5', null, ''],
  ['1e3', null, ''],
  ['', null, ''],
  ['9999999999999', null, ''],
])('the amount %j', (amount, cents, shown) => {
  expect(toCents(amount) ?? null).toBe(cents);
  if (cents !== null) expect(fromCents(cents)).toBe(shown);
});

test.each<[string, string[][]]>([
  ['', []],
  ['a,b\n', [['a', 'b']]],
  [
    'a,b\r\n1,',
    [
      ['a', 'b'],
      ['1', ''],
    ],
  ],
  ['a\n\n""\n"x ""y"", z\n2",\n', [['a'], ['x "y", z\n2', '']]],
  ['\uFEFFa\n', [['a']]],
])('the CSV %j', (text, records) => {
  expect(csvRecords(text)).toEqual(records);
});

test.each(['a"b\n', '"a\n', '"a"b\n'])('%j is no CSV', (text) => {
  expect(() => csvRecords(text)).toThrow(/a quote too many or too few/);
});

const trip = (started: string) => `trip_id,started_at,cost_centre,cost\nT,${started},A,1\n`;
const monthsOf = (started: string, period: string) => {
  const { centres, late, rejected } = bookingsOf(trip(started), period);
  return rejected.length > 0 ? rejected[0].reason : late.length > 0 ? `late ${late[0].month}` : `counted ${centres.A.trips}`;
};

test.each([
  // Amsterdam: an hour ahead in winter, two in summer.
  ['2026-01-31T22:59:59Z', '2026-01', 'counted 1'],
  ['2026-01-31T23:00:00Z', '2026-01', 'it is of 2026-02'],
  ['2026-01-31T23:00:00Z', '2026-02', 'counted 1'],
  ['2026-06-30T21:59:59Z', '2026-06', 'counted 1'],
  ['2026-06-30T22:00:00Z', '2026-06', 'it is of 2026-07'],
  ['2025-12-31T23:00:00Z', '2026-01', 'counted 1'],
  ['2025-12-31T22:59:59Z', '2026-01', 'late 2025-12'],
  ['2026-02-01T00:30:00+01:00', '2026-02', 'counted 1'],
  ['2026-01-31T18:30:00-05:00', '2026-02', 'counted 1'],
  ['2024-02-29T12:00:00Z', '2024-02', 'counted 1'],
  ['2026-01-31T12:00:00', '2026-01', 'started_at is no instant, such as 2026-01-31T22:30:00Z'],
  ['2026-13-01T12:00:00Z', '2026-01', 'started_at is no instant, such as 2026-01-31T22:30:00Z'],
])('a trip of %s, in the report of %s: %s', (started, period, what) => {
  expect(monthsOf(started, period)).toBe(what);
});

test('a cost centre may be called anything', () => {
  const { centres } = bookingsOf(
    'trip_id,started_at,cost_centre,cost\n1,2026-01-05T00:00:00Z,constructor,1\n2,2026-01-05T00:00:00Z,__proto__,2\n',
    '2026-01',
  );
  expect(Object.entries(centres)).toEqual([
    ['constructor', { trips: 1, cents: 100 }],
    ['__proto__', { trips: 1, cents: 200 }],
  ]);
});

const changed = (change: Record<string, unknown>) => JSON.stringify({ ...JSON.parse(INVOICE), ...change });

test.each<[string, string, RegExp]>([
  ['no JSON', '{', /^it is no JSON object$/],
  ['no object', '[]', /number is no text/],
  ['another month', changed({ period: '2025-12' }), /^it is of "2025-12", not of 2026-01$/],
  ['no lines', changed({ lines: [] }), /it has no lines/],
  ['a number for an amount', changed({ total: 1423.31 }), /^total is no amount such as "12.50"$/],
  ['a line that is none', changed({ lines: [null] }), /line 1 has no costCentre/],
  ['lines that do not add up', changed({ total: '0.30' }), /^its lines add up to 142331 cents, and its total is 30$/],
  [
    'everything wrong',
    changed({ number: '', supplier: 7, currency: 'euro' }),
    /^number is no text .*; supplier is no text .*; currency is no code/,
  ],
])('an invoice with %s is refused', (_, text, problem) => {
  expect(() => invoiceOf(text, '2026-01')).toThrow(
    expect.objectContaining({ name: 'InvalidInvoice', message: expect.stringMatching(problem) }),
  );
});

test('what comes from the datasets is text in the report', () => {
  const evil = `<img src=x onerror=alert(1)>"'&`;
  const html = reportOf(
    '2026-01',
    evil,
    {
      centres: { [evil]: { trips: 1, cents: 1 } },
      late: [{ trip: evil, month: '2025-12', centre: evil, cents: 1 }],
      rejected: [{ record: 1, reason: evil }],
    },
    { number: evil, supplier: evil, currency: 'EUR', centres: {}, total: 0 },
  );
  expect(html).not.toContain('<img');
  expect(cells(html, 0)[0][0]).toBe('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
});
