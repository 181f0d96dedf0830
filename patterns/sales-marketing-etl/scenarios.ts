import { anInstant, assertSame, type Driver, type Expected, type Json, matching, type Pattern, type Run, type Scenario } from '../../local';
import { type Week, week } from './datasets';
import { supplyJobs } from './jobs';

const STACK = 'SalesMarketingEtl';
const MACHINE = `${STACK}/Etl`;
const INCOMING = `${STACK}/Incoming`;
const OUTPUT = `${STACK}/Etl/Output`;
const DAY = 86_400;

const PERIOD = '2025-12-29';
const INPUT = { period: PERIOD };
const thisWeek = week(PERIOD);
const lastWeek = week('2025-12-22');

/** What people put into the bucket. */
const deliver = {
  sales: (driver: Driver, from: Week = thisWeek) => driver.putObject(INCOMING, 'sales/sales.csv', from.sales),
  async marketing(driver: Driver, from: Week = thisWeek): Promise<void> {
    for (const [i, part] of from.marketing.entries()) await driver.putObject(INCOMING, `marketing/week=${PERIOD}/part-${i}.csv`, part);
    await driver.putObject(INCOMING, `marketing/week=${PERIOD}/_SUCCESS`, '');
  },
};

/** Runs it, with what happens besides; then the joined rows have to be those that the datasets were made of. */
const playing =
  (happens: (driver: Driver, input: Json) => Promise<Run>, joined: string | null = thisWeek.joined()) =>
  async (driver: Driver, input: Json): Promise<Run> => {
    await supplyJobs(driver, STACK);
    const run = await happens(driver, input);
    await driver.finished(run);
    if (joined !== null) await assertJoined(driver, run, joined);
    return run;
  };

async function assertJoined(driver: Driver, run: Run, joined: string): Promise<void> {
  const { prefix } = (run.output as { output?: { prefix: string } } | undefined)?.output ?? {};
  if (prefix === undefined) throw new Error(`the run has no output: it ${run.status}, ${run.error}: ${run.cause}`);
  assertSame(joined, await driver.readObject(OUTPUT, `${prefix}campaigns.csv`), 'the joined rows');
}

/** Runs of a job that were begun. */
const folders = async (driver: Driver) => new Set((await driver.objectKeys(OUTPUT, `etl/${PERIOD}/`)).map((key) => key.split('/')[2])).size;

const job = (seconds: number): Expected => ({ status: 'SUCCEEDED', run: matching(/^jr_/), seconds });
const salesDone: Expected = {
  status: 'DONE',
  object: {
    status: 'FOUND',
    bucket: matching(/incoming/),
    key: 'sales/sales.csv',
    size: Buffer.byteLength(thisWeek.sales),
    etag: matching(/^[0-9a-f]{32}$/),
    lastModified: anInstant,
  },
  job: job(420),
};
const marketingDone: Expected = {
  status: 'DONE',
  object: {
    status: 'FOUND',
    bucket: matching(/incoming/),
    prefix: `marketing/week=${PERIOD}/`,
    key: `marketing/week=${PERIOD}/_SUCCESS`,
    objects: 2,
    bytes: Buffer.byteLength(thisWeek.marketing.join('')),
    lastModified: anInstant,
  },
  job: job(240),
};
const missing = (step: string): Expected => ({
  status: 'MISSING',
  object: { status: 'MISSING', reason: `nothing that '${step}' waits for had arrived after 7 days` },
});

const result = (more: { readonly [field: string]: Expected } = {}): Expected => ({
  period: PERIOD,
  notBefore: anInstant,
  output: { bucket: matching(/output/), prefix: matching(new RegExp(`^etl/${PERIOD}/[^/]+/$`)) },
  sources: { sales: salesDone, marketing: marketingDone },
  missing: [],
  join: job(180),
  ...more,
});

const BEGIN = ['ValidateInput', 'RunPeriodTicket', 'RunPeriodClaim', 'RunPeriod', 'LocateOutput', 'Sources'];
const WAITING = [...BEGIN, 'SourcesSalesBranch', 'SourcesMarketingBranch', 'AwaitSales', 'AwaitMarketing'];
const END = ['Gathered', 'AllArrived', 'JoinSources', 'RunPeriodRecord'];
const FAILED = ['RunPeriodRecordFailure', 'RunPeriodFailed'];
const NOBODY_WAITS = { [`${STACK}/Etl/Gate/Waiters`]: [] };

const scenarios: Scenario[] = [
  {
    name: 'sales-first',
    title: 'Sales come on the first day, marketing a week later',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      const run = await driver.start(MACHINE, input);
      await driver.skip(DAY / 4);
      await deliver.sales(driver);
      await driver.skip(6.7 * DAY);
      await deliver.marketing(driver);
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessSales', 'ProcessMarketing', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'marketing-first',
    title: 'Marketing comes at once, sales a week later',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      const run = await driver.start(MACHINE, input);
      await deliver.marketing(driver);
      await driver.skip(6.9 * DAY);
      await deliver.sales(driver);
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessMarketing', 'ProcessSales', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'before-the-start',
    title: 'Both are there before the run starts',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.marketing(driver);
      await driver.skip(2 * DAY);
      await deliver.sales(driver);
      return driver.start(MACHINE, input);
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessSales', 'ProcessMarketing', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'duplicate-events',
    title: 'Everything is delivered twice: each job runs once',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver);
      const run = await driver.start(MACHINE, input);
      await deliver.sales(driver);
      await deliver.marketing(driver);
      await deliver.marketing(driver);
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessSales', 'ProcessMarketing', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'event-lost',
    title: 'The event of the sales is lost: the sweep finds them',
    requires: ['jobs', 'faults', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.marketing(driver);
      const run = await driver.start(MACHINE, input);
      await driver.skip(DAY / 2);
      // What the event wakes fails, and again when Lambda tries again.
      await driver.fail({ service: 'dynamodb', operation: 'Query', error: 'InternalServerError', statusCode: 500, times: 20 });
      await deliver.sales(driver);
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessMarketing', 'ProcessSales', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'marketing-missing',
    title: 'No marketing by the deadline: sales alone are joined',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(
      async (driver, input) => {
        const run = await driver.start(MACHINE, input);
        await driver.skip(DAY);
        await deliver.sales(driver);
        // Parts without the marker are no drop.
        await driver.putObject(INCOMING, `marketing/week=${PERIOD}/part-0.csv`, thisWeek.marketing[0]);
        return run;
      },
      thisWeek.joined({ marketing: false }),
    ),
    expected: {
      status: 'SUCCEEDED',
      output: result({ sources: { sales: salesDone, marketing: missing('AwaitMarketing') }, missing: ['marketing'] }),
      statesVisited: [...WAITING, 'ProcessSales', 'MarketingMissing', ...END],
    },
  },
  {
    name: 'nothing-arrives',
    title: 'Neither comes by the deadline',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing((driver, input) => driver.start(MACHINE, input), null),
    expected: {
      status: 'FAILED',
      error: 'NothingArrived',
      cause: `nothing of the period ${PERIOD} had arrived by the deadline: sales, marketing`,
      statesVisited: [...WAITING, 'SalesMissing', 'MarketingMissing', 'Gathered', 'AllArrived', 'NothingArrived', ...FAILED],
    },
  },
  {
    name: 'stale-file',
    title: "Last week's sales still lie there: this week's are waited for",
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver, lastWeek);
      await driver.skip(4 * DAY);
      await deliver.marketing(driver);
      const run = await driver.start(MACHINE, input);
      await driver.skip(DAY);
      await deliver.sales(driver);
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessMarketing', 'ProcessSales', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'empty-file',
    title: 'A file without a byte is no data: the next one is',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      const run = await driver.start(MACHINE, input);
      await driver.putObject(INCOMING, 'sales/sales.csv', '');
      await deliver.marketing(driver);
      await driver.skip(DAY);
      await deliver.sales(driver);
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessMarketing', 'ProcessSales', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'job-fails-then-again',
    title: 'The sales job fails, which stops the marketing job, then the other way round; the period is run again when both are mended',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver);
      await deliver.marketing(driver);
      for (const [name, id] of [
        ['sales', 'CleanSales'],
        ['marketing', 'CleanMarketing'],
      ]) {
        await supplyJobs(driver, STACK);
        await driver.job('glue', `${STACK}/${id}`, async (_args, job) => {
          await job.sleep(60_000);
          throw new Error('KeyError: "day"');
        });
        const failed = await driver.start(MACHINE, input);
        await driver.finished(failed);
        assertSame('JobFailed', failed.error, 'error of the first run');
        assertSame(`the branch ${name}: KeyError: "day"`, failed.cause, 'cause of the first run');
      }
      assertSame(0, await folders(driver), 'folders of output');
      await supplyJobs(driver, STACK);
      return driver.start(MACHINE, input);
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessSales', 'ProcessMarketing', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'job-too-slow',
    title: 'The join waits for its resources longer than it may: it is stopped',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver);
      await deliver.marketing(driver);
      await driver.job('glue', `${STACK}/JoinCampaigns`, () => {}, { startAfter: 7 * DAY * 1000 });
      return driver.start(MACHINE, input);
    }, null),
    expected: {
      status: 'FAILED',
      error: 'JobTimedOut',
      cause: 'it had not ended after 7800 seconds',
      statesVisited: [
        ...WAITING,
        'ProcessSales',
        'ProcessMarketing',
        'Gathered',
        'AllArrived',
        'JoinSources',
        'JoinSourcesFailed',
        ...FAILED,
      ],
    },
  },
  {
    name: 'throttled',
    title: 'Glue and DynamoDB throttle: it is tried again, each job runs once',
    requires: ['jobs', 'faults'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver);
      await deliver.marketing(driver);
      await driver.fail({ service: 'glue', operation: 'StartJobRun', error: 'ThrottlingException', times: 3 });
      await driver.fail({ service: 'dynamodb', operation: 'UpdateItem', error: 'ThrottlingException', times: 2 });
      await driver.fail({ service: 'dynamodb', operation: 'PutItem', error: 'ThrottlingException', times: 4 });
      return driver.start(MACHINE, input);
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: [...WAITING, 'ProcessSales', 'ProcessMarketing', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'same-period-twice',
    title: 'The period is started again: the result of the first run is given, nothing is done twice',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver);
      await deliver.marketing(driver);
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      assertSame(first.output as Expected, second.output, 'output of the second run');
      assertSame(1, await folders(driver), 'folders of output');
      return second;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result(),
      statesVisited: ['ValidateInput', 'RunPeriodTicket', 'RunPeriodClaim', 'RunPeriodRead', 'RunPeriodKnown', 'RunPeriodStored'],
    },
  },
  {
    name: 'rerun',
    title: 'Sales are corrected, and the period is done again on purpose',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: { period: PERIOD, rerun: 'corrected-sales', notBefore: '2026-01-05T00:00:00Z' },
    play: playing(async (driver, input) => {
      await deliver.marketing(driver);
      await deliver.sales(driver, lastWeek);
      await driver.finished(await driver.start(MACHINE, { period: PERIOD }));
      await driver.skip(20 * DAY);
      await deliver.sales(driver);
      const run = await driver.start(MACHINE, input);
      await driver.finished(run);
      assertSame(2, await folders(driver), 'folders of output');
      return run;
    }),
    expected: {
      status: 'SUCCEEDED',
      output: result({ rerun: 'corrected-sales', notBefore: '2026-01-05T00:00:00Z' }),
      statesVisited: [...WAITING, 'ProcessSales', 'ProcessMarketing', ...END],
      tables: NOBODY_WAITS,
    },
  },
  {
    name: 'at-work',
    title: 'The period is started while another run is at work on it',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing(async (driver, input) => {
      await deliver.sales(driver);
      const first = await driver.start(MACHINE, input);
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      await deliver.marketing(driver);
      await driver.finished(first);
      await assertJoined(driver, first, thisWeek.joined());
      return second;
    }, null),
    expected: {
      status: 'FAILED',
      error: 'ItemInProgress',
      cause: matching(new RegExp(`^${PERIOD} is being worked on by arn:`)),
      statesVisited: [
        'ValidateInput',
        'RunPeriodTicket',
        'RunPeriodClaim',
        'RunPeriodRead',
        'RunPeriodKnown',
        'RunPeriodAsk',
        'RunPeriodEnded',
        'RunPeriodInProgress',
      ],
    },
  },
  {
    name: 'bad-input',
    title: 'Input that names no period is refused, nothing is touched',
    stateMachine: MACHINE,
    input: { period: 'last week', rerun: 'a/b', notBefore: 'yesterday' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause:
        'period: is not a day, YYYY-MM-DD; rerun: is not letters, digits, dots, dashes and underscores; notBefore: is not an instant, such as 2026-01-05T06:00:00Z',
      statesVisited: ['ValidateInput', 'InvalidInput'],
      tables: { [`${STACK}/Etl/Periods/Items`]: [], ...NOBODY_WAITS },
    },
  },
];

/** D22: two datasets that arrive when they like, a job for each, a join. */
export const salesMarketingEtl: Pattern = {
  name: 'sales-marketing-etl',
  title: 'ETL fan-in: sales and marketing that arrive up to a week apart, joined',
  scenarios,
};
