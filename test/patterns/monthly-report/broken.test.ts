import { testBroken } from '../../support/broken-sample';

const SAMPLE = 'patterns/monthly-report';
const handler = (name: string, file: string, line: string, becomes: string) => ({ handler: `${SAMPLE}:${name}`, file, line, becomes });

testBroken('monthly-report', [
  ['months by other clocks', 'bookings-first', handler('read-bookings', 'report-state.ts', 'Europe/Amsterdam', 'UTC')],
  ['later months that count', 'bookings-first', handler('read-bookings', 'read-bookings.ts', 'month > period', 'false')],
  ['late trips that are not listed', 'bookings-first', handler('read-bookings', 'read-bookings.ts', 'month < period', 'false')],
  ['a trip that counts twice', 'bookings-first', handler('read-bookings', 'read-bookings.ts', 'trips.set(trip,', 'trips.set(trip + i,')],
  ['an invoice that is believed', 'invoice-mended', handler('read-invoice', 'read-invoice.ts', 'total !== sum', 'false')],
  ['markup from the datasets', 'bookings-first', handler('render-report', 'render-report.ts', 'ENTITIES[character]', 'character')],
  [
    'a mail that is sent again',
    'mail-unclear',
    handler('deliver-report', 'deliver-report.ts', "'attribute_not_exists(report)'", "'report <> :none'"),
  ],
  ['a refusal that counts as sent', 'mail-refused', handler('deliver-report', 'deliver-report.ts', 'if (isRefusal(error))', 'if (false)')],
  ['a link that lasts', 'link-expires', handler('show-report', 'show-report.ts', 'Date.now() >= link.expiresAt', 'false')],
  ['a link that anybody makes', 'link-expires', handler('show-report', 'link.ts', 'error instanceof KMSInvalidMacException', 'false')],
]);
