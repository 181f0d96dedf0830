import {
  anInstant,
  assertSame,
  type BrowserResponse,
  containing,
  type Driver,
  type Expected,
  type Json,
  matching,
  type Pattern,
  type Run,
  type Scenario,
} from '../../local';
import { BOOKINGS, cells, EXPECTED, INVOICE, ROWS } from './january';

const STACK = 'MonthlyReport';
const MACHINE = `${STACK}/Report`;
const INCOMING = `${STACK}/Incoming`;
const DELIVERIES = `${STACK}/Deliveries`;
const DAY = 86_400;
const INPUT = { period: '2026-01' };

const deliver = {
  bookings: (driver: Driver, text = BOOKINGS) => driver.putObject(INCOMING, 'bookings/2026-01.csv', text),
  invoice: (driver: Driver, text = INVOICE) => driver.putObject(INCOMING, 'invoice/2026-01.json', text),
  async both(driver: Driver): Promise<void> {
    await deliver.bookings(driver);
    await deliver.invoice(driver);
  },
};

/** Opens the link of the next mail. */
async function open(driver: Driver, method: 'GET' | 'HEAD' = 'GET'): Promise<BrowserResponse & { readonly url: string }> {
  const { body } = await driver.nextMail('board@example.com');
  const [url] = /https?:\/\/\S+/.exec(body) ?? [];
  if (!url) throw new Error(`there is no link in the mail:\n${body}`);
  return { url, ...(await driver.browse({ method, url })) };
}

async function assertReport(driver: Driver): Promise<void> {
  const { body, headers, status } = await open(driver);
  assertSame(200, status, 'status');
  assertSame(ROWS, cells(body, 0), 'the rows of the report');
  assertSame(
    ['T-04', 'T-10'],
    cells(body, 1).map(([trip]) => trip),
    'the trips told late',
  );
  assertSame(
    ['6', '8', '10', '11'],
    cells(body, 2).map(([record]) => record),
    'the records not counted',
  );
  assertSame(matching(/^default-src 'none'/), headers['content-security-policy'], 'content-security-policy');
}

const playing =
  (happens: (driver: Driver, input: Json) => Promise<Run>) =>
  async (driver: Driver, input: Json): Promise<Run> => {
    const run = await happens(driver, input);
    await driver.finished(run);
    if (run.status === 'SUCCEEDED') await assertReport(driver);
    return run;
  };

const found = (key: string): Expected => ({
  status: 'FOUND',
  bucket: matching(/incoming/),
  key,
  size: Buffer.byteLength(key.startsWith('bookings') ? BOOKINGS : INVOICE),
  etag: matching(/^[0-9a-f]{32}$/),
  lastModified: anInstant,
});

const result = (more: { readonly [field: string]: Expected } = {}): Expected => ({
  period: '2026-01',
  notBefore: '1970-01-01T00:00:00.000Z',
  output: { bucket: matching(/output/), prefix: matching(/^reports\/2026-01\/[^/]+\/$/) },
  sources: {
    bookings: { status: 'DONE', object: found('bookings/2026-01.csv'), job: { status: 'SUCCEEDED', output: { trips: 7 } } },
    invoice: {
      status: 'DONE',
      object: found('invoice/2026-01.json'),
      job: { status: 'SUCCEEDED', output: { number: 'INV-2026-0117', total: 142_331 } },
    },
  },
  missing: [],
  join: { status: 'SUCCEEDED', output: { ...EXPECTED, key: matching(/^reports\/2026-01\/[^/]+\/report\.html$/) } },
  delivery: { status: 'SUCCEEDED', output: { status: 'SENT', at: anInstant, linkExpiresAt: anInstant } },
  ...more,
});

const mail = (to: string, subject = 'Trips of 2026-01'): Expected =>
  containing({
    to,
    subject,
    body: matching(
      /^The report of 2026-01 is ready\.\n\nBooked: {6}1,379\.36 EUR\nInvoiced: {4}1,423\.31 EUR\nDifferences: in 3 cost centres\n/,
    ),
  });
const MAILS = [mail('board@example.com'), mail('finance@example.com')];
/** To who operates it, of a run that failed. */
const FAILURE = containing({ to: 'operator@example.com' });
const sent = (report = '2026-01', status = 'SENT'): Expected => ({ report, status, at: anInstant });

const BEGIN = ['ValidateInput', 'RunPeriodTicket', 'RunPeriodClaim', 'RunPeriod', 'LocateOutput', 'Sources'];
const WAITING = [...BEGIN, 'SourcesBookingsBranch', 'SourcesInvoiceBranch', 'AwaitBookings', 'AwaitInvoice'];
const JOINING = ['Gathered', 'JoinSources', 'SendReport'];
const END = [...JOINING, 'RunPeriodRecord'];
const FAILED = ['RunPeriodRecordFailure', 'RunPeriodFailed'];
const STORED = ['ValidateInput', 'RunPeriodTicket', 'RunPeriodClaim', 'RunPeriodRead', 'RunPeriodKnown', 'RunPeriodStored'];

const happy = {
  status: 'SUCCEEDED',
  output: result(),
  statesVisited: [...WAITING, 'ProcessBookings', 'ProcessInvoice', ...END],
  tables: { [DELIVERIES]: [sent()], [`${STACK}/Report/Gate/Waiters`]: [] },
  mails: MAILS,
} as const;

const scenarios: Scenario[] = [
  {
    name: 'bookings-first',
    title: 'The bookings come at once, the invoice a week later; the report is mailed once',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      const run = await driver.start(MACHINE, input);
      await deliver.bookings(driver);
      await driver.skip(7 * DAY);
      await deliver.invoice(driver);
      return run;
    }),
    expected: happy,
  },
  {
    name: 'invoice-first',
    title: 'The invoice is there before the run, the bookings come a week later',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.invoice(driver);
      const run = await driver.start(MACHINE, input);
      await driver.skip(7 * DAY);
      await deliver.bookings(driver);
      return run;
    }),
    expected: { ...happy, statesVisited: [...WAITING, 'ProcessInvoice', 'ProcessBookings', ...END] },
  },
  {
    name: 'duplicate-events',
    title: 'Everything is delivered twice, and the month is started twice: one report, one mail to each',
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.both(driver);
      const first = await driver.start(MACHINE, input);
      await deliver.both(driver);
      await driver.finished(first);
      return driver.start(MACHINE, input);
    }),
    expected: { ...happy, statesVisited: STORED },
  },
  {
    name: 'event-lost',
    title: 'The event of the invoice is lost: the sweep finds it',
    requires: ['faults', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.bookings(driver);
      const run = await driver.start(MACHINE, input);
      await driver.fail({ service: 'dynamodb', operation: 'Query', error: 'InternalServerError', statusCode: 500, times: 20 });
      await deliver.invoice(driver);
      return run;
    }),
    expected: happy,
  },
  {
    name: 'invoice-missing',
    title: 'No invoice after ten days: the run fails, nobody gets half a report',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await deliver.bookings(driver);
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'FAILED',
      error: 'ObjectMissing',
      cause: "the branch invoice: nothing that 'AwaitInvoice' waits for had arrived after 10 days",
      statesVisited: [...WAITING, 'ProcessBookings', 'AwaitInvoiceMissing', 'SourcesInvoiceBranchFailed', ...FAILED],
      tables: { [DELIVERIES]: [] },
      mails: [FAILURE],
    },
  },
  {
    name: 'invoice-mended',
    title: "The invoice's lines do not add up; a right one comes, and the month is run again",
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.bookings(driver);
      await deliver.invoice(driver, INVOICE.replace('1423.31', '1423.30'));
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      assertSame('JobFailed', first.error, 'error of the first run');
      const cause = 'the branch invoice: InvalidInvoice: its lines add up to 142331 cents, and its total is 142330';
      assertSame(cause, first.cause, 'cause of the first run');
      await deliver.invoice(driver);
      return driver.start(MACHINE, input);
    }),
    expected: { ...happy, mails: [FAILURE, ...MAILS] },
  },
  {
    name: 'empty-file',
    title: 'Bookings without a byte are none: the next file is',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.invoice(driver);
      await deliver.bookings(driver, '');
      const run = await driver.start(MACHINE, input);
      await driver.skip(DAY);
      await deliver.bookings(driver);
      return run;
    }),
    expected: { ...happy, statesVisited: [...WAITING, 'ProcessInvoice', 'ProcessBookings', ...END] },
  },
  {
    name: 'bookings-unreadable',
    title: 'The bookings have other columns: the run fails, and says which',
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await deliver.invoice(driver);
      await deliver.bookings(driver, 'id,date\n1,2026-01-05\n');
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'FAILED',
      error: 'JobFailed',
      cause: 'the branch bookings: InvalidBookings: the header has no trip_id, started_at, cost_centre, cost: it is "id,date"',
      statesVisited: [...WAITING, 'ProcessBookings', 'ProcessInvoice', 'ProcessBookingsFailed', 'SourcesBookingsBranchFailed', ...FAILED],
      mails: [FAILURE],
    },
  },
  {
    name: 'corrected',
    title: 'The month is done again on purpose: a second report, which says so',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: { period: '2026-01', rerun: 'credit-note' },
    play: playing(async (driver, input) => {
      await deliver.both(driver);
      await driver.finished(await driver.start(MACHINE, INPUT));
      await assertReport(driver);
      await driver.skip(20 * DAY);
      return driver.start(MACHINE, input);
    }),
    expected: {
      ...happy,
      output: result({ rerun: 'credit-note' }),
      tables: { [DELIVERIES]: [sent(), sent('2026-01#credit-note')] },
      mails: [...MAILS, ...['board@example.com', 'finance@example.com'].map((to) => mail(to, 'Trips of 2026-01, corrected: credit-note'))],
    },
  },
  {
    name: 'throttled',
    title: 'Lambda and SNS throttle: it is tried again, one mail to each',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.both(driver);
      await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'TooManyRequestsException', statusCode: 429, times: 3 });
      await driver.fail({ service: 'sns', operation: 'Publish', error: 'ThrottledException', statusCode: 400, times: 2 });
      return driver.start(MACHINE, input);
    }),
    expected: happy,
  },
  {
    name: 'mail-refused',
    title: 'SNS refuses the mail: nothing is sent, and the month can be run again',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.both(driver);
      await driver.fail({ service: 'sns', operation: 'Publish', error: 'InvalidParameterException', statusCode: 400 });
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      assertSame('JobFailed', first.error, 'error of the first run');
      assertSame([], await driver.items(DELIVERIES), 'deliveries after the first run');
      return driver.start(MACHINE, input);
    }),
    expected: { ...happy, mails: [FAILURE, ...MAILS] },
  },
  {
    name: 'mail-unclear',
    title: "SNS's answer gets lost: nobody sends a second mail by himself, not in a second run either",
    requires: ['faults'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await deliver.both(driver);
      await driver.fail({ service: 'sns', operation: 'Publish', error: 'InternalErrorException', statusCode: 500, afterEffect: true });
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      assertSame('JobFailed', first.error, 'error of the first run');
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'FAILED',
      error: 'JobFailed',
      cause: matching(/^DeliveryUnclear: the report 2026-01 was being sent at \S+, and nobody knows whether it was$/),
      statesVisited: [...WAITING, 'ProcessBookings', 'ProcessInvoice', ...JOINING, 'SendReportFailed', ...FAILED],
      tables: { [DELIVERIES]: [sent('2026-01', 'SENDING')] },
      mails: [...MAILS, FAILURE, FAILURE],
    },
  },
  {
    name: 'link-expires',
    title: 'The link opens the report for a week; a changed one opens nothing',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await deliver.both(driver);
      const run = await driver.start(MACHINE, input);
      await driver.finished(run);
      const { body, status, url } = await open(driver, 'HEAD');
      assertSame([200, ''], [status, body], 'answer to HEAD');
      const last = url.slice(-1) === 'A' ? 'B' : 'A';
      const longer = `${url.slice(0, url.lastIndexOf('/') + 1)}${Buffer.from('["reports/2026-01/x/report.html",99999999999999]').toString('base64url')}`;
      for (const other of [`${url.slice(0, -9)}${last}${url.slice(-8)}`, `${longer}${url.slice(url.lastIndexOf('.'))}`, longer]) {
        assertSame(404, (await driver.browse({ url: other })).status, 'status of a link that nobody made');
      }
      await driver.skip(7 * DAY - 60);
      assertSame(200, (await driver.browse({ url })).status, 'status before the end');
      await driver.skip(120);
      assertSame(410, (await driver.browse({ url })).status, 'status after the end');
      return run;
    },
    expected: happy,
  },
  {
    name: 'at-work',
    title: 'The month is started again while a run waits for it: one of them goes on',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      const first = await driver.start(MACHINE, input);
      await driver.skip(DAY);
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      await deliver.both(driver);
      await driver.finished(first);
      await assertReport(driver);
      return second;
    },
    expected: {
      status: 'FAILED',
      error: 'ItemInProgress',
      cause: matching(/^2026-01 is being worked on by arn:/),
      statesVisited: [...STORED.slice(0, -1), 'RunPeriodAsk', 'RunPeriodEnded', 'RunPeriodInProgress'],
      tables: { [DELIVERIES]: [sent()] },
      mails: [FAILURE, ...MAILS],
    },
  },
  {
    name: 'bad-input',
    title: 'A month that is none is refused, nothing is touched',
    stateMachine: MACHINE,
    input: { period: '2026-13' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'period: is not a month, YYYY-MM',
      statesVisited: ['ValidateInput', 'InvalidInput'],
      tables: { [DELIVERIES]: [], [`${STACK}/Report/Periods/Items`]: [] },
      mails: [FAILURE],
    },
  },
];

/** D29: a CSV and an invoice become one report a month. */
export const monthlyReport: Pattern = {
  name: 'monthly-report',
  title: 'Monthly report from a CSV and an invoice: one mail a month, behind a link that expires',
  scenarios,
};
