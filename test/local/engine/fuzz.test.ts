import { parquetWriteBuffer } from 'hyparquet-writer';
import { isAccepted, validateDefinition } from '../../../lib/asl/validate';
import { StatesError } from '../../../local/engine';
import { parquetItems } from '../../../local/engine/distributed/parquet';
import { seededRandom } from '../../../local/engine/random';
import { LAMBDA, only, play, stage, withFunctions } from './play';

/** STEPWORKS_FUZZ sets another number of definitions. */
const RUNS = Number(process.env.STEPWORKS_FUZZ ?? 1500);

const SEEDS = [
  {
    StartAt: 'A',
    States: {
      A: {
        Type: 'Pass',
        Parameters: { 'a.$': "States.Format('{}', $.n)", 'b.$': '$.list[?(@.x > 1)]' },
        ResultPath: '$.r',
        Assign: { 'v.$': '$.a' },
        Next: 'B',
      },
      B: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.n', NumericLessThan: 3, Next: 'C' },
          { And: [{ Variable: '$v', IsString: true }], Next: 'D' },
        ],
        Default: 'C',
      },
      C: {
        Type: 'Map',
        ItemsPath: '$.list',
        MaxConcurrency: 2,
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Wait', Seconds: 1, End: true } } },
        Next: 'D',
      },
      D: {
        Type: 'Task',
        Resource: LAMBDA,
        TimeoutSeconds: 5,
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'E' }],
        Next: 'E',
      },
      E: { Type: 'Succeed' },
    },
  },
  {
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: {
      A: {
        Type: 'Pass',
        Output: { n: '{% $states.input.n + 1 %}', list: '{% $map($states.input.list, function($x) { $x.x }) %}' },
        Assign: { v: '{% $uuid() %}' },
        Next: 'P',
      },
      P: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'X', States: { X: { Type: 'Fail', Error: '{% $v %}' } } },
          { StartAt: 'Y', States: { Y: { Type: 'Wait', Seconds: 9, End: true } } },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'M' }],
        Next: 'M',
      },
      M: {
        Type: 'Map',
        Items: [1, 2, 3],
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'T',
          States: { T: { Type: 'Task', Resource: LAMBDA, Arguments: { i: '{% $states.input %}' }, End: true } },
        },
        ToleratedFailurePercentage: 50,
        End: true,
      },
    },
  },
];

const ODD = [
  null,
  true,
  -1,
  0,
  1.5,
  1e30,
  '',
  '$',
  '$.',
  '$$.Execution',
  '$v',
  '{% $states %}',
  '{% ( %}',
  '{% $states.input.n %}',
  "States.Array('",
  'States.ALL',
  'A',
  [],
  [null],
  {},
  { 'x.$': '$.n' },
];

// biome-ignore lint/suspicious/noExplicitAny: broken on purpose
type Any = any;

/** Puts something odd at, takes something from, or copies something to a place of the definition. */
function mutate(definition: Any, random: () => number): void {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const holders: Any[] = [];
  const walk = (value: Any) => {
    if (typeof value !== 'object' || value === null) return;
    if (Object.keys(value).length > 0) holders.push(value);
    Object.values(value).forEach(walk);
  };
  walk(definition);
  if (holders.length === 0) return;
  const holder = pick(holders);
  const key = pick(Object.keys(holder));
  const action = random();
  if (action < 0.4) put(holder, key, pick(ODD));
  else if (action < 0.6) delete holder[key];
  else if (action < 0.8) put(pick(holders), key, holder[key]);
  else put(holder, pick(['Type', 'Next', 'Output', 'Items', 'Parameters', 'ItemReader', '__proto__', 'constructor']), pick(ODD));
}

/** Makes `__proto__` a member like others, as JSON does. */
function put(holder: Any, key: string, value: Any): void {
  Object.defineProperty(holder, key, { value: structuredClone(value), enumerable: true, writable: true, configurable: true });
}

// The same for what expressions and files hold: a tenth of the runs, since some are ended only when their time is up.

test(
  `${Math.ceil(RUNS / 10)} regular expressions: each matches or fails by name, as JavaScript's own do where they end`,
  async () => {
    const random = seededRandom(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    const pattern = (depth: number): string => {
      const part = () =>
        depth > 0 && random() < 0.4
          ? pick([`(${pattern(depth - 1)})`, `(?:${pattern(depth - 1)}|a)`])
          : pick(['a', 'b', '.', '[ab]', '\\w']);
      return Array.from({ length: 1 + Math.floor(random() * 3) }, () => part() + pick(['', '', '*', '+', '?', '{1,3}', '*?'])).join('');
    };
    for (let i = 0; i < RUNS / 10; i++) {
      const source = pattern(2);
      const text = Array.from({ length: pick([0, 3, 12, 26]) }, () => pick(['a', 'a', 'a', 'b', 'c'])).join('');
      const execution = await play(
        only({ Type: 'Pass', QueryLanguage: 'JSONata', Output: `{% $contains($states.input, /${source}$/) %}` }),
        text,
      );
      if (execution.error === undefined)
        expect({ source, output: execution.output }).toEqual({ source, output: new RegExp(`${source}$`).test(text) });
      else
        expect(execution).toMatchObject({
          error: 'States.QueryEvaluationError',
          cause: expect.stringContaining('Expression evaluation timeout'),
        });
    }
  },
  60_000 + 100 * RUNS,
);

test(
  `${Math.ceil(RUNS / 10)} Parquet files with flipped bits: each is read or fails by name`,
  async () => {
    const random = seededRandom(11);
    let readable = 0;
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    const files = [
      { columnData: [{ name: 'n', data: numbers, type: 'INT32' as const }] },
      { columnData: [{ name: 't', data: numbers.map((n) => (n % 7 ? `t${n % 5}` : null)), type: 'STRING' as const }] },
      { columnData: [{ name: 'l', data: numbers.map((n) => ({ a: [n] })), type: 'JSON' as const }] },
      { columnData: [{ name: 'b', data: numbers.map((n) => n % 3 === 0), type: 'BOOLEAN' as const }], codec: 'UNCOMPRESSED' as const },
    ].map((options) => Buffer.from(parquetWriteBuffer(options)));
    for (let i = 0; i < RUNS / 10; i++) {
      const bytes = Buffer.from(files[i % files.length]);
      for (let flips = 1 + Math.floor(random() * 3); flips > 0; flips--)
        bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
      const pieces = (async function* () {
        yield bytes;
      })();
      const failure = await (async () => {
        for await (const _ of parquetItems(pieces, 'S3://in/items')) {
        }
      })().catch((error) => error);
      if (failure === undefined) readable++;
      else expect(failure).toMatchObject({ error: 'States.ItemReaderFailed', causeText: expect.stringContaining('S3://in/items') });
    }
    // Both ends are reached.
    expect(readable).toBeGreaterThan(RUNS / 100);
    expect(readable).toBeLessThan(RUNS / 10);
  },
  60_000 + 100 * RUNS,
);

test(
  `${RUNS} broken definitions: every run ends, and never with a fault of the engine's own`,
  async () => {
    const random = seededRandom(Number(process.env.STEPWORKS_FUZZ_SEED ?? 42));
    let accepted = 0;
    for (let i = 0; i < RUNS; i++) {
      const broken = withFunctions(SEEDS[i % SEEDS.length]);
      for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) mutate(broken, random);
      const text = JSON.stringify(broken);
      const definition = JSON.parse(text);
      const fine = isAccepted(validateDefinition(definition));
      if (fine) accepted++;
      const { engine, finish, start } = stage((call) => {
        if (random() < 0.3) throw new StatesError('Bad', 'by chance');
        return { echoed: call.input };
      });
      const execution = start(definition, {
        input: { n: 1, list: [{ x: 1 }, { x: 2 }], a: 'text' },
        type: i % 3 === 0 ? 'EXPRESS' : 'STANDARD',
      });
      await finish(execution);
      for (const { cause, error, status } of engine.executions()) {
        if (status === 'RUNNING') throw new Error(`still runs: ${text}`);
        if (error === 'Stepworks.InternalError') throw new Error(`${cause}\nby ${text}`);
      }
    }
    // Most are broken, but the engine's own paths are reached as well.
    expect(accepted).toBeGreaterThan(RUNS / 20);
    expect(accepted).toBeLessThan(RUNS);
  },
  60_000 + 20 * RUNS,
);
