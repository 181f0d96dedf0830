import { assertSame, type Driver, type Expected, type Json, matching, type Pattern, type Scenario } from '../../local';

const MACHINE = 'OrderedList/Readings';
const METERS = 'OrderedList/Meters';
const RESULTS = 'OrderedList/Readings/BulkMap/Results';

const WORKED = ['IsRerun', 'ValidateInput', 'ProcessItems', 'ProcessItemsSummary', 'ProcessItemsTolerated'];
const DONE = [...WORKED, 'ProcessItemsDone', 'Outcome'];
const RERUN_DONE = ['IsRerun', 'RerunValidateInput', 'RerunItems', 'RerunItemsSummary', 'RerunItemsTolerated', 'RerunItemsDone', 'Outcome'];

const at = (hour: number) => `2026-01-05T${String(hour).padStart(2, '0')}:00:00Z`;
const reading = (hour: number, value: unknown, meter = 'M-1') => ({ meter, at: at(hour), value }) as Json;

/** Twenty hours; what is used differs from hour to hour, so that a wrong order can't give the right end. */
const VALUES = Array.from({ length: 20 }, (_, hour) => 1000 + hour * hour);
const twentyHours = VALUES.map((value, hour) => reading(hour, value));

const counts = (numbers: Partial<Record<'total' | 'succeeded' | 'rejected' | 'crashed' | 'unfinished' | 'skipped', number>>): Expected => ({
  ...{ total: 0, succeeded: 0, rejected: 0, crashed: 0, unfinished: 0, skipped: 0 },
  ...numbers,
});

const results = (step: string): Expected => ({
  bucket: matching(/./),
  manifest: matching(new RegExp(`^bulk/${step}/[^/]+/[^/]+/[^/]+/manifest[.]json$`)),
});

/** What the table holds after the last reading that was recorded. */
const meter = (hour: number, value: number, consumption: number, readings: number, name = 'M-1'): Expected => ({
  ...{ meter: name, at: at(hour), value, consumption, readings },
});

async function failuresOf(driver: Driver): Promise<{ key: string; lines: Json[] }> {
  const [key] = (await driver.objectKeys(RESULTS, 'bulk/ProcessItems/')).filter((name) => name.endsWith('/failures.jsonl'));
  const text = await driver.readObject(RESULTS, key);
  return {
    key,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

const scenarios: Scenario[] = [
  {
    name: 'in-order',
    title: 'Twenty readings of a meter are recorded in their order',
    stateMachine: MACHINE,
    input: { readings: twentyHours },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: DONE,
      output: { counts: counts({ total: 20, succeeded: 20 }), results: results('ProcessItems') },
      tables: { [METERS]: [meter(19, 1361, 37, 20)] },
    },
  },
  {
    name: 'two-meters',
    title: 'Readings of two meters take turns in the list',
    stateMachine: MACHINE,
    input: { readings: [reading(1, 10), reading(1, 500, 'A-1'), reading(2, 13), reading(2, 520, 'A-1')] },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: DONE,
      output: { counts: counts({ total: 4, succeeded: 4 }), results: results('ProcessItems') },
      tables: { [METERS]: [meter(2, 520, 20, 2, 'A-1'), meter(2, 13, 3, 2)] },
    },
  },
  {
    name: 'empty-list',
    title: 'A list without readings: the run succeeds, nothing is recorded',
    stateMachine: MACHINE,
    input: { readings: [] },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: DONE,
      output: { counts: counts({}), results: results('ProcessItems') },
      tables: { [METERS]: [] },
    },
  },
  {
    name: 'lower-reading',
    title: 'The fourth reading is lower than the third: the run stops there, and says which were not worked on',
    stateMachine: MACHINE,
    input: { readings: [reading(0, 10), reading(1, 20), reading(2, 30), reading(3, 5), reading(4, 40), reading(5, 50)] },
    async play(driver, input) {
      const run = await driver.start(MACHINE, input);
      await driver.finished(run);
      const { lines } = await failuresOf(driver);
      const refused = { kind: 'REJECTED', error: 'InvalidReading', cause: 'the reading 5 is lower than the last, 30' };
      const unfinished = (index: number, item: Json): Expected => ({ kind: 'UNFINISHED', item: item as Expected, index });
      assertSame({ ...refused, item: reading(3, 5) as Expected, index: 3, execution: matching(/./) }, lines[0], 'first line');
      const rest = (lines.slice(1) as { kind: string; item: Json; index: number }[]).map(({ kind, item, index }) => ({
        kind,
        item,
        index,
      }));
      assertSame([unfinished(4, reading(4, 40)), unfinished(5, reading(5, 50))], rest, 'other lines');
      return run;
    },
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/^1 of 6 items failed: 1 rejected, 0 crashed; 2 were not worked on\./),
      statesVisited: [...WORKED, 'ProcessItemsTooManyFailures'],
      tables: { [METERS]: [meter(2, 30, 10, 3)] },
    },
  },
  {
    name: 'stopped-rerun',
    title: 'The table throttles for too long at the third reading: a rerun goes on from there, in order',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: { readings: twentyHours },
    async play(driver) {
      const two = await driver.start(MACHINE, { readings: twentyHours.slice(0, 2) });
      await driver.finished(two);
      // As often as the SDK tries by itself.
      await driver.fail({ service: 'dynamodb', operation: 'UpdateItem', error: 'ThrottlingException', times: 3 });
      const stopped = await driver.start(MACHINE, { readings: twentyHours.slice(2) });
      await driver.finished(stopped);
      assertSame(
        matching(/^1 of 18 items failed: 0 rejected, 1 crashed; 17 were not worked on/),
        stopped.cause,
        'cause of the stopped run',
      );
      const [key] = (await driver.objectKeys(RESULTS)).filter((name) => name.endsWith('/failures.jsonl'));
      return driver.start(MACHINE, { rerunOf: key });
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: RERUN_DONE,
      output: { counts: counts({ total: 18, succeeded: 18 }), results: results('RerunItems') },
      tables: { [METERS]: [meter(19, 1361, 37, 20)] },
    },
  },
  {
    name: 'sent-twice',
    title: 'The last reading comes twice: it is recorded once',
    stateMachine: MACHINE,
    input: { readings: [reading(0, 10), reading(1, 20), reading(1, 20)] },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: DONE,
      output: { counts: counts({ total: 3, succeeded: 3 }), results: results('ProcessItems') },
      tables: { [METERS]: [meter(1, 20, 10, 2)] },
    },
  },
  {
    name: 'throttled',
    title: 'Lambda throttles the first calls: they are made again, in order',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: { readings: twentyHours },
    async play(driver, input) {
      await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'TooManyRequestsException', statusCode: 429, times: 3 });
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: DONE,
      output: { counts: counts({ total: 20, succeeded: 20 }), results: results('ProcessItems') },
      tables: { [METERS]: [meter(19, 1361, 37, 20)] },
    },
  },
  {
    name: 'rerun-of-nothing',
    title: 'A rerun of something that is no list of failures is refused, nothing is touched',
    stateMachine: MACHINE,
    input: { rerunOf: 'readings.jsonl' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'rerunOf: is not the results.failures of an earlier run',
      statesVisited: ['IsRerun', 'RerunValidateInput', 'RerunInvalidInput'],
      tables: { [METERS]: [] },
    },
  },
  {
    name: 'no-list',
    title: 'The input has no list: refused, nothing is touched',
    stateMachine: MACHINE,
    input: { readings: 'M-1 10' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'readings: must be a list, is string',
      statesVisited: ['IsRerun', 'ValidateInput', 'InvalidInput'],
      tables: { [METERS]: [] },
    },
  },
];

/** Seed 001's "handling lists of datapoints". */
export const orderedList: Pattern = { name: 'ordered-list', title: 'Ordered list: meter readings, one after the other', scenarios };
