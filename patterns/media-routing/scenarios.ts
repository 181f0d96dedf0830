import { Duration } from 'aws-cdk-lib';
import {
  assertSame,
  containing,
  type Driver,
  type Expected,
  JobFailure,
  type JobFunction,
  type Json,
  matching,
  type Pattern,
  type Run,
  type Scenario,
} from '../../local';
import { runContainer } from './handlers/run-container';
import { compressed, swelling } from './sounds';

const STACK = 'MediaRouting';
const MACHINE = `${STACK}/Routing`;
const RECORDINGS = `${STACK}/Recordings`;
const PREVIEWS = `${STACK}/Previews`;
const OPERATOR = 'operator@example.com';

const KEY = 'takes/one.wav';
const PREVIEW = 'takes/one.json';
const INPUT = { key: KEY };

/** Twenty seconds, 20 kB. */
const short = swelling({ seconds: 20, rate: 1000 });
/** Eleven minutes, 132 kB. */
const long = swelling({ seconds: 660, rate: 200 });

/** What a container does. It takes a minute. */
const working: JobFunction<'ecs'> = async ({ environment }, job) => {
  await runContainer(environment, job.clientConfig);
  await job.sleep(Duration.minutes(1));
};

const killed: JobFunction<'ecs'> = async (_, job) => {
  await job.sleep(Duration.seconds(30));
  throw new JobFailure('killed', { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' });
};

interface Playing {
  readonly recording?: string | Uint8Array;
  readonly container?: JobFunction<'ecs'>;
  /** Before the start. */
  prepare?(driver: Driver): Promise<void>;
  /** After the end. */
  check?(driver: Driver): Promise<void>;
}

/** Uploads a recording and starts a run for it. */
const playing =
  ({ recording = short, container = working, prepare, check }: Playing) =>
  async (driver: Driver, input: Json): Promise<Run> => {
    await driver.job('ecs', `${STACK}/Worker`, container);
    await driver.putObject(RECORDINGS, KEY, recording);
    await prepare?.(driver);
    const run = await driver.start(MACHINE, input);
    await driver.finished(run);
    await check?.(driver);
    return run;
  };

async function seconds(driver: Driver): Promise<number> {
  return (JSON.parse(await driver.readObject(PREVIEWS, PREVIEW)) as { seconds: number }).seconds;
}

const drawn = (expected: number) => async (driver: Driver) => {
  assertSame([PREVIEW], await driver.objectKeys(PREVIEWS), 'previews');
  assertSame(expected, await seconds(driver), 'seconds that the preview shows');
};

async function nothing(driver: Driver): Promise<void> {
  assertSame([], await driver.objectKeys(PREVIEWS), 'previews');
}

const MEASURED = ['ValidateInput', 'MeasureRecording', 'IsPresent', 'MakePreviewRoute'];
const MADE = ['CheckPreview', 'IsMade', 'Previewed'];
const IN_LAMBDA = [...MEASURED, 'MakePreview', ...MADE];
const IN_FARGATE = [...MEASURED, 'MakePreviewLarge', ...MADE];
const SPILLED = [...MEASURED, 'MakePreview', 'MakePreviewSpillsOver', 'MakePreviewLarge'];

const previewed = (madeIn: string, more: { readonly [field: string]: Expected } = {}): Expected => ({
  status: 'PREVIEWED',
  preview: PREVIEW,
  madeIn,
  ...more,
});
const told = containing({ to: OPERATOR });
const outOfMemory = /^Runtime\.OutOfMemory: RequestId: \S+ Error: Runtime exited with error: signal: killed$/;

const refused = (error: string, cause: RegExp): Scenario['expected'] => ({
  status: 'FAILED',
  error,
  cause: matching(cause),
  statesVisited: [...MEASURED.slice(0, 2), 'RecordingRefused'],
  mails: [told],
});

/** 7.9 MB, which is little; but sixteen million samples. */
const dense = () => compressed(7_900_000, 48_000);

const scenarios: Scenario[] = [
  {
    name: 'small',
    title: 'A short recording: a Lambda function does it',
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ check: drawn(20) }),
    expected: { status: 'SUCCEEDED', statesVisited: IN_LAMBDA, output: previewed('LAMBDA'), mails: [] },
  },
  {
    name: 'large',
    title: 'Eleven minutes: a container does it',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: long, check: drawn(660) }),
    expected: { status: 'SUCCEEDED', statesVisited: IN_FARGATE, output: previewed('FARGATE'), mails: [] },
  },
  {
    name: 'length-unknown',
    title: 'The recorder did not say how long it is: a container does it, however short it turns out to be',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: swelling({ seconds: 3, rate: 1000, unknownLength: true }), check: drawn(3) }),
    expected: { status: 'SUCCEEDED', statesVisited: IN_FARGATE, output: previewed('FARGATE'), mails: [] },
  },
  {
    name: 'spills-over',
    title: 'A few bytes hold many samples: the function runs out of memory, and the recording goes over to a container, once',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: dense(), check: drawn(328.006) }),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...SPILLED, ...MADE],
      output: previewed('FARGATE', { spilled: matching(outOfMemory) }),
      mails: [],
    },
  },
  {
    name: 'container-fails-too',
    title: 'The container runs out of memory as well: the run fails with both reasons, and the operator is told',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: dense(), container: killed }),
    expected: {
      status: 'FAILED',
      error: 'JobFailed',
      cause: matching(/^Essential container in task exited, exit code 137; it had gone over after Runtime\.OutOfMemory: /),
      statesVisited: [...SPILLED, 'MakePreviewFailed'],
      mails: [told],
    },
  },
  {
    name: 'container-hangs',
    title: 'The container never ends: it is stopped after two hours',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: long, container: (_, job) => job.sleep(Number.POSITIVE_INFINITY), check: nothing }),
    expected: {
      status: 'FAILED',
      error: 'JobTimedOut',
      cause: 'it had not ended after 7200 seconds',
      statesVisited: [...IN_FARGATE.slice(0, -MADE.length), 'MakePreviewFailed'],
      mails: [told],
    },
  },
  {
    name: 'container-idle',
    title: 'An image that does nothing, and ends well: no success',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: long, container: () => {}, check: nothing }),
    expected: {
      status: 'FAILED',
      error: 'PreviewMissing',
      cause: matching(/takes\/one\.json is not there$/),
      statesVisited: [...IN_FARGATE.slice(0, -1), 'PreviewMissing'],
      mails: [told],
    },
  },
  {
    name: 'refused',
    title: 'S3 refuses the preview: no other place would help, so it goes to none',
    requires: ['faults', 'jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({
      prepare: (driver) =>
        driver.fail({ service: 's3', operation: 'PutObject', error: 'AccessDenied', statusCode: 403, role: `${STACK}/Preview` }),
      check: nothing,
    }),
    expected: {
      status: 'FAILED',
      error: 'JobFailed',
      cause: matching(/^AccessDenied: /),
      statesVisited: [...MEASURED, 'MakePreview', 'MakePreviewSpillsOver', 'MakePreviewFailed'],
      mails: [told],
    },
  },
  {
    name: 'duplicate',
    title: 'The same recording twice: the second run finds what the first made',
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await playing({})(driver, input);
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      await drawn(20)(driver);
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...MEASURED.slice(0, 3), 'AlreadyThere'],
      output: { status: 'PRESENT', preview: PREVIEW },
      mails: [],
    },
  },
  {
    name: 'replaced',
    title: 'Other recordings under the same name: each preview replaces the one before, whoever makes it',
    requires: ['jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await playing({ check: drawn(20) })(driver, input);
      await playing({ recording: long, check: drawn(660) })(driver, input);
      return playing({ recording: swelling({ seconds: 5, rate: 1000 }), check: drawn(5) })(driver, input);
    },
    expected: { status: 'SUCCEEDED', statesVisited: IN_LAMBDA, output: previewed('LAMBDA'), mails: [] },
  },
  {
    name: 'throttled',
    title: 'Lambda and ECS are busy: it is tried again',
    requires: ['faults', 'jobs'],
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({
      recording: long,
      async prepare(driver) {
        await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'TooManyRequestsException', statusCode: 429, times: 3 });
        await driver.fail({ service: 'ecs', operation: 'RunTask', error: 'ThrottlingException', times: 2 });
      },
      check: drawn(660),
    }),
    expected: { status: 'SUCCEEDED', statesVisited: IN_FARGATE, output: previewed('FARGATE'), mails: [] },
  },
  {
    name: 'changed',
    title: 'The recording is replaced while the container works: the run fails rather than call the old one done',
    requires: ['jobs', 'timeSkip'],
    stateMachine: MACHINE,
    input: INPUT,
    async play(driver, input) {
      await driver.job('ecs', `${STACK}/Worker`, working);
      await driver.putObject(RECORDINGS, KEY, long);
      const run = await driver.start(MACHINE, input);
      await driver.skip(30);
      await driver.putObject(RECORDINGS, KEY, short);
      return run;
    },
    expected: {
      status: 'FAILED',
      error: 'RecordingChanged',
      cause: matching(/one\.wav is not what it was when the run began: start another run$/),
      statesVisited: [...IN_FARGATE.slice(0, -2), 'RecordingRefused'],
      mails: [told],
    },
  },
  {
    name: 'no-recording',
    title: 'There is no such recording',
    stateMachine: MACHINE,
    input: { key: 'takes/two.wav' },
    play: playing({ check: nothing }),
    expected: refused('NoSuchRecording', /takes\/two\.wav is not there$/),
  },
  {
    name: 'no-sound',
    title: 'A text is no recording',
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: 'a text', check: nothing }),
    expected: refused('InvalidRecording', /^the recording can't be read: it is no WAV file$/),
  },
  {
    name: 'cut-off',
    title: 'Half of the recording was uploaded: refused, rather than half of it shown',
    stateMachine: MACHINE,
    input: INPUT,
    play: playing({ recording: short.subarray(0, 10_000), check: nothing }),
    expected: refused('InvalidRecording', /^the recording is cut off: 10000 of its 20044 bytes are there$/),
  },
  {
    name: 'invalid-input',
    title: 'An input that names no recording is refused',
    stateMachine: MACHINE,
    input: { recording: KEY },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'key: is missing',
      statesVisited: ['ValidateInput', 'InvalidInput'],
      mails: [told],
    },
  },
];

/** F36: by what is measured, a function or a container; and from the one to the other when the measure was wrong. */
export const mediaRouting: Pattern = {
  name: 'media-routing',
  title: 'Media routing: Lambda for what fits, Fargate for the rest, over to it once',
  scenarios,
};
