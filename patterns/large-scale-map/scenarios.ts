import { assertSame, type Driver, type Expected, type Json, matching, type Pattern, type Run, type Scenario } from '../../local';
import type { LogLine } from './handlers/log-line';
import { type LogObjects, logObjects } from './log-lines';

const MACHINE = 'LargeScaleMap/Counting';
const LOGS = 'LargeScaleMap/Logs';
const RESULTS = 'LargeScaleMap/Counting/BulkMap/Results';

const WORKED = ['IsRerun', 'ValidateInput', 'ProcessItems', 'ProcessItemsSummary', 'ProcessItemsTolerated'];
const COUNTED = [...WORKED, 'ProcessItemsDone', 'Outcome', 'SumUpTraffic'];
const RERUN = ['IsRerun', 'RerunValidateInput', 'RerunItems', 'RerunItemsSummary', 'RerunItemsTolerated'];
const RERUN_COUNTED = [...RERUN, 'RerunItemsDone', 'Outcome', 'SumUpTraffic'];

const counts = (numbers: Partial<Record<'total' | 'succeeded' | 'rejected' | 'crashed' | 'unfinished' | 'skipped', number>>): Expected => ({
  ...{ total: 0, succeeded: 0, rejected: 0, crashed: 0, unfinished: 0, skipped: 0 },
  ...numbers,
});

const results = (step: string, failures: boolean): Expected => ({
  bucket: matching(/./),
  manifest: matching(new RegExp(`^bulk/${step}/[^/]+/[^/]+/[^/]+/manifest[.]json$`)),
  ...(failures ? { failures: matching(new RegExp(`^bulk/${step}/[^/]+/[^/]+/failures[.]jsonl$`)) } : {}),
});

/** Counted here in another way than the handlers do. */
function trafficOf(lines: readonly LogLine[]): Expected {
  const sectionOf = ({ path }: LogLine) => /^\/[^/?]*/.exec(path)?.[0] ?? '';
  const classOf = ({ status }: LogLine) => `${String(status)[0]}xx`;
  const number = (test: (line: LogLine) => boolean) => lines.filter(test).length;
  const each = <T>(names: readonly string[], value: (name: string) => T) =>
    Object.fromEntries([...new Set(names)].map((name) => [name, value(name)]));
  return {
    requests: lines.length,
    bytes: lines.reduce((sum, line) => sum + line.bytes, 0),
    statuses: each(lines.map(classOf), (name) => number((line) => classOf(line) === name)),
    sections: each(lines.map(sectionOf), (name) => ({
      requests: number((line) => sectionOf(line) === name),
      errors: number((line) => sectionOf(line) === name && line.status >= 500),
      slowestMillis: Math.max(...lines.filter((line) => sectionOf(line) === name).map(({ millis }) => millis)),
    })),
  };
}

async function upload(driver: Driver, { objects }: LogObjects): Promise<void> {
  for (const [key, body] of objects) await driver.putObject(LOGS, key, body);
}

const playOn =
  (logs: () => LogObjects, check?: (driver: Driver, run: Run) => Promise<void>) =>
  async (driver: Driver, input: Json): Promise<Run> => {
    await upload(driver, logs());
    const run = await driver.start(MACHINE, input);
    await driver.finished(run);
    await check?.(driver, run);
    return run;
  };

/** The lines of the only `failures.jsonl` there is, or of the one of a step. */
async function failuresOf(driver: Driver, step = 'ProcessItems'): Promise<{ key: string; lines: Json[] }> {
  const keys = (await driver.objectKeys(RESULTS, `bulk/${step}/`)).filter((key) => key.endsWith('/failures.jsonl'));
  if (keys.length !== 1) throw new Error(`there should be one failures.jsonl, there are ${keys.length}`);
  const text = await driver.readObject(RESULTS, keys[0]);
  return {
    key: keys[0],
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

const rejectedLine = (item: unknown): Expected => ({
  kind: 'REJECTED',
  error: 'MalformedLine',
  cause: matching(/^(status|time|path|bytes|method|millis) /),
  item: item as Expected,
  execution: matching(/:express:.*\/ProcessItems:/),
});

const byTime = (a: Json, b: Json) => JSON.stringify(a).localeCompare(JSON.stringify(b));

/** Made when they are first asked for: it takes most of a second, and whoever reads the scenarios' names waits for none of it. */
function logs(...options: Parameters<typeof logObjects>): () => LogObjects {
  let made: LogObjects | undefined;
  return () => {
    made ??= logObjects(...options);
    return made;
  };
}

const sound = logs(50_000);
const someMalformed = logs(50_000, { malformed: 37, seed: 2 });
const manyMalformed = logs(2_000, { malformed: 100, seed: 3 });
const few = logObjects(900, { perObject: 300, seed: 4 });
const oneBatch = logObjects(400, { seed: 5 });

const scenarios: Scenario[] = [
  {
    name: 'all-sound',
    title: '50,000 log lines in 50 objects are counted, none is malformed',
    stateMachine: MACHINE,
    input: {},
    play: playOn(sound),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: COUNTED,
      output: {
        counts: counts({ total: 50_000, succeeded: 50_000 }),
        results: results('ProcessItems', false),
        get traffic() {
          return trafficOf(sound().sound);
        },
      },
    },
  },
  {
    name: 'some-malformed',
    title: '37 of 50,000 lines are malformed: the others are counted, these are written down with the reason',
    stateMachine: MACHINE,
    input: {},
    play: playOn(someMalformed, async (driver) => {
      const { lines } = await failuresOf(driver);
      const items = lines.map((line) => (line as { item: Json }).item);
      assertSame(someMalformed().malformed.toSorted(byTime as never) as Expected, items.toSorted(byTime), 'failed items');
      for (const line of lines) assertSame(rejectedLine((line as { item: Json }).item), line, 'failures.jsonl');
    }),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: COUNTED,
      output: {
        counts: counts({ total: 50_000, succeeded: 49_963, rejected: 37 }),
        results: results('ProcessItems', true),
        get traffic() {
          return trafficOf(someMalformed().sound);
        },
      },
    },
  },
  {
    name: 'too-many-malformed',
    title: 'One line in twenty is malformed: more than is tolerated, the run fails and says where the reasons are',
    stateMachine: MACHINE,
    input: {},
    play: playOn(manyMalformed, async (driver) => {
      const { lines } = await failuresOf(driver);
      assertSame(100, lines.length, 'lines of failures.jsonl');
    }),
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(
        /^100 of 2000 items failed: 100 rejected, 0 crashed; 0 were not worked on\. The items and the reasons are in s3:\/\/[^/]+\/bulk\/ProcessItems\/.*failures\.jsonl$/,
      ),
      statesVisited: [...WORKED, 'ProcessItemsTooManyFailures'],
    },
  },
  {
    name: 'no-logs',
    title: 'There are no logs: the run succeeds and counts nothing',
    stateMachine: MACHINE,
    input: {},
    expected: {
      status: 'SUCCEEDED',
      statesVisited: COUNTED,
      output: { counts: counts({}), results: results('ProcessItems', false), traffic: trafficOf([]) },
    },
  },
  {
    name: 'other-objects',
    title: "Objects outside the prefix are nobody's items",
    stateMachine: MACHINE,
    input: {},
    async play(driver, input) {
      await driver.putObject(LOGS, 'logs-of-others/part.jsonl', 'no JSON');
      await upload(driver, few);
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: COUNTED,
      output: { counts: counts({ total: 900, succeeded: 900 }), results: results('ProcessItems', false), traffic: trafficOf(few.sound) },
    },
  },
  {
    name: 'throttled',
    title: 'Lambda throttles the first calls: they are made again, nothing is counted twice',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: {},
    async play(driver, input) {
      await upload(driver, few);
      await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'TooManyRequestsException', statusCode: 429, times: 3 });
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: COUNTED,
      output: { counts: counts({ total: 900, succeeded: 900 }), results: results('ProcessItems', false), traffic: trafficOf(few.sound) },
    },
  },
  {
    name: 'crashed-rerun',
    title: 'Lambda is down for a batch: the run fails, and a rerun of only its failures succeeds',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: {},
    async play(driver, input) {
      await upload(driver, oneBatch);
      await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'ServiceException', statusCode: 500, times: 7 });
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      assertSame('FAILED', first.status, 'status of the first run');
      assertSame(
        matching(/^400 of 400 items failed: 0 rejected, 400 crashed; 0 were not worked on/),
        first.cause,
        'cause of the first run',
      );
      const { key, lines } = await failuresOf(driver);
      assertSame('Lambda.ServiceException', (lines[0] as { error: string }).error, 'error of the first failure');
      return driver.start(MACHINE, { rerunOf: key });
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: RERUN_COUNTED,
      output: {
        counts: counts({ total: 400, succeeded: 400 }),
        results: results('RerunItems', false),
        traffic: trafficOf(oneBatch.sound),
      },
    },
  },
  {
    name: 'rerun-fails-again',
    title: 'What is malformed is malformed in a rerun too: only the failed lines are tried, and each is written down again',
    stateMachine: MACHINE,
    input: {},
    async play(driver, input) {
      await upload(driver, someMalformed());
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      const { key, lines } = await failuresOf(driver);
      const again = await driver.start(MACHINE, { rerunOf: key });
      await driver.finished(again);
      const second = await failuresOf(driver, 'RerunItems');
      const itemsOf = (all: Json[]) => all.map((line) => (line as { item: Json }).item);
      assertSame(itemsOf(lines) as Expected, itemsOf(second.lines), 'items that failed again');
      return again;
    },
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/^37 of 37 items failed: 37 rejected, 0 crashed; 0 were not worked on/),
      statesVisited: [...RERUN, 'RerunItemsTooManyFailures'],
    },
  },
  {
    name: 'unreadable',
    title: 'An object is no JSON Lines: the run fails and counts nothing',
    stateMachine: MACHINE,
    input: {},
    async play(driver, input) {
      await driver.putObject(LOGS, 'logs/part-0000.jsonl', '{"time": \n');
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: matching(/JSON/),
      statesVisited: ['IsRerun', 'ValidateInput', 'ProcessItems'],
    },
  },
  {
    name: 'no-object',
    title: 'The input is no object: refused, nothing is touched',
    stateMachine: MACHINE,
    input: ['logs/'],
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: matching(/must be an object/),
      statesVisited: ['IsRerun', 'ValidateInput', 'InvalidInput'],
    },
  },
  {
    name: 'rerun-of-nothing',
    title: 'A rerun of something that is no list of failures is refused, nothing is touched',
    stateMachine: MACHINE,
    input: { rerunOf: 'logs/part-0000.jsonl' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'rerunOf: is not the results.failures of an earlier run',
      statesVisited: ['IsRerun', 'RerunValidateInput', 'RerunInvalidInput'],
    },
  },
];

/** D23: many objects, many lines, one function for each batch. */
export const largeScaleMap: Pattern = {
  name: 'large-scale-map',
  title: 'Large-scale map: 50,000 log lines counted, the bad ones written down',
  scenarios,
};
