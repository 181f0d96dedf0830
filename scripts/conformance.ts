/**
 * Runs recorded AWS answers (`../shared/conformance/README.md` says what they are) against the engine and Step Functions' API, and prints how many they give.
 *
 *   node --import tsx scripts/conformance.ts <cases.jsonl> [--json] [--check] [--why]
 *
 * --json   one JSON object instead of the tables
 * --check  fails where a case outside test/local/engine/known-misses.json misses, or one inside it passes
 * --why    says for each miss what was expected and what came
 */
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { Json } from '../lib/asl/json';
import { VirtualClock } from '../local/clock';
import { ApiError, type Service } from '../local/cloud-types';
import { createEngine } from '../local/engine';
import { seededRandom } from '../local/engine/random';
import {
  type Engine,
  type Execution,
  type Machine,
  type ObjectsPort,
  StatesError,
  type TaskCall,
  type TaskStarted,
} from '../local/engine/types';
import { createStepFunctions } from '../local/services/stepfunctions';

// biome-ignore lint/suspicious/noExplicitAny: the recordings' own shapes
type Any = any;

interface Verdict {
  readonly id: string;
  readonly kind: string;
  readonly area: string;
  readonly ok: boolean;
  readonly cause?: boolean;
  readonly history?: boolean;
  readonly why?: string;
}

interface Harness {
  loadCases(file: string): Any[];
  same(expected: unknown, actual: unknown, wildcards?: string[]): boolean;
  judge(c: Any, got: object): { ok: boolean; why: string; causeOk?: boolean; level: string };
  World: new (
    c: Any,
  ) => {
    queue: Any[];
    call(resource: string, input: unknown): Promise<Any>;
    s3Get(b: string, k: string): string;
    s3List(b: string, p?: string): string[];
  };
}

const KINDS = ['execution', 'test_state', 'create_error', 'validate', 'api_error'];
const KNOWN_MISSES = path.join(__dirname, '../test/local/engine/known-misses.json');

async function main(args: readonly string[]): Promise<number> {
  const [file, options] = [args.find((a) => !a.startsWith('--')), args.filter((a) => a.startsWith('--'))];
  if (!file) {
    process.stderr.write('usage: conformance <cases.jsonl> [--json] [--check] [--why]\n');
    return 2;
  }
  const harness = await loadHarness(file);
  const verdicts: Verdict[] = [];
  const started = performance.now();
  for (const c of harness.loadCases(file)) verdicts.push(await judgeCase(c, harness));
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    options.includes('--json') ? `${JSON.stringify(summary(verdicts))}\n` : `${tables(verdicts)}\n${seconds.toFixed(1)} s\n`,
  );
  if (options.includes('--why')) {
    for (const v of verdicts) if (!v.ok || v.cause === false || v.history === false) process.stdout.write(`${v.id}\n    ${v.why}\n`);
  }
  return options.includes('--check') ? check(verdicts) : 0;
}

/** The harness lies beside the recordings. */
async function loadHarness(file: string): Promise<Harness> {
  const beside = [path.dirname(path.resolve(file)), path.join(__dirname, '../../shared/conformance')];
  const found = beside.map((folder) => path.join(folder, 'harness.mjs')).find((f) => fs.existsSync(f));
  if (!found) throw new Error(`no harness.mjs in ${beside.join(' or ')}`);
  return import(pathToFileURL(found).href);
}

async function judgeCase(c: Any, harness: Harness): Promise<Verdict> {
  const { id, kind, area } = c;
  try {
    if (kind === 'execution') return await judgeExecution(c, harness);
    if (kind === 'validate') return await judgeAnswer(c, 'ValidateStateMachineDefinition', harness);
    if (kind === 'test_state') return await judgeAnswer(c, 'TestState', harness, TEST_ROLE);
    return await judgeRefusal(c, harness);
  } catch (error) {
    return { id, kind, area, ok: false, why: `threw ${(error as Error).stack}` };
  }
}

async function judgeExecution(c: Any, harness: Harness): Promise<Verdict> {
  const execution = await execute(c, harness);
  const { status, output, error, cause } = execution;
  const result = harness.judge(c, { status, output, error, cause });
  const history = c.events?.length ? sameHistory(c.events, execution.history) : undefined;
  const why = [
    result.why &&
      `${result.why}: ${JSON.stringify({ status, output, error, cause })?.slice(0, 600)}, AWS: ${JSON.stringify(c.expected).slice(0, 600)}`,
    result.causeOk === false && `cause ${cause}, AWS: ${JSON.stringify(c.expected.cause)}`,
    history === false && `history ${types(execution.history)}\n    AWS     ${types(c.events)}`,
  ];
  const failed = c.expected.status === 'FAILED';
  return {
    id: c.id,
    kind: c.kind,
    area: c.area,
    ok: result.ok,
    cause: failed ? result.ok && result.causeOk !== false : undefined,
    history,
    why: why.filter(Boolean).join('\n    '),
  };
}

/** A call that the API answers: a single state that is tested, or a definition that is only looked at. */
async function judgeAnswer(c: Any, operation: string, harness: Harness, roleArn?: string): Promise<Verdict> {
  const { ResponseMetadata: _, ...expected } = c.expected;
  const { operations } = recordedService(c, harness);
  const answer: Any = await operations[operation].run({ ...(roleArn && { roleArn }), ...c.args, definition: c.definitionText }, OPERATOR);
  const got = JSON.parse(JSON.stringify(answer));
  const ok = harness.same(
    operation === 'TestState' ? expected : expected.diagnostics,
    operation === 'TestState' ? got : got.diagnostics,
    c.wildcards,
  );
  return { id: c.id, kind: c.kind, area: c.area, ok, why: `${JSON.stringify(got)}\n    AWS ${JSON.stringify(expected)}` };
}

/** The recordings leave out the generated role that most calls were made with. */
const TEST_ROLE = 'arn:aws:iam::111111111111:role/test-role';
const OPERATOR = { kind: 'operator' } as const;

/** Step Functions' API, whose tasks are answered from the recording. */
function recordedService(c: Any, { World }: Harness): Service {
  const world = new World(c);
  const clock = new VirtualClock(Date.parse('2026-11-20T09:18:00Z'));
  const options = { clock, accountId: '111111111111', region: 'us-east-1', partition: 'aws', random: seededRandom(1) };
  const tasks = { start: async (call: TaskCall) => ({ output: await world.call(call.resource, call.input) }) };
  const cloud: Any = { ...options, call: async () => ({}), emit: () => {}, setResourcePolicy: () => {} };
  return createStepFunctions(cloud, createEngine({ ...options, tasks }));
}

/**
 * A call that AWS refused. The same error is what counts, and of TestState, whose texts hold no names, the same text too. What the
 * recording client refused by itself never reached AWS: any error that says so of a parameter is right.
 */
async function judgeRefusal(c: Any, harness: Harness): Promise<Verdict> {
  const { id, kind, area } = c;
  const name = c.op.replace(/(^|_)([a-z])/g, (_: string, __: string, letter: string) => letter.toUpperCase());
  const recorded = recordedRefusal(c.expected);
  const allowed = recorded.code === CLIENT_SIDE ? PARAMETER_ERRORS : [recorded.code];
  const { operations } = recordedService(c, harness);
  if (!operations[name]) return { id, kind, area, ok: false, why: `${name} is not emulated` };
  const args = recordedArguments(c);
  if (name !== 'TestState') await prepare(operations, args, c, recorded.code);
  try {
    await operations[name].run(args, OPERATOR);
    return { id, kind, area, ok: false, why: `not refused, AWS: ${recorded.code}: ${recorded.text}` };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const sameText = recorded.code === CLIENT_SIDE || harness.same(recorded.text, error.message, c.wildcards);
    const ok = allowed.includes(error.code) && (name !== 'TestState' || sameText);
    const why = `${error.code}: ${error.message}\n    AWS ${recorded.code}: ${recorded.text}`;
    return { id, kind, area, ok, cause: ok ? sameText : undefined, why };
  }
}

const CLIENT_SIDE = 'ParamValidationError';
const PARAMETER_ERRORS = ['ValidationException', 'MissingRequiredParameter'];

/** The service's own error and text, without what the recording client puts around them. */
function recordedRefusal(expected: Any): { code: string; text: string } {
  const text: string = typeof expected === 'string' ? expected : (expected.Error?.Message ?? expected.exception_value);
  const [prefix, inText] = /^An error occurred \((\w+)\) when calling the \w+ operation: /.exec(text) ?? ['', undefined];
  return { code: expected.Error?.Code ?? expected.exception_typename ?? inText ?? CLIENT_SIDE, text: text.slice(prefix.length) };
}

const VERSION_PLACEHOLDER = 'arn:aws:x:us-east-1:111111111111:stateMachineVersionArn';
const STATE_MACHINE = /arn:aws:states:us-east-1:111111111111:stateMachine:([^:"/]+)(?::(\d+))?/;

/** The arguments, with ARNs in place of those that the recording leaves out: of further versions, and of Express executions. */
function recordedArguments(c: Any): Any {
  const definition = c.definitionText ? { definition: c.definitionText } : {};
  let text = JSON.stringify({ ...(c.op === 'test_state' && { roleArn: TEST_ROLE }), ...c.args, ...definition });
  const [base] = STATE_MACHINE.exec(text) ?? ['arn:aws:states:us-east-1:111111111111:stateMachine:recorded'];
  for (let version = 2; text.includes(VERSION_PLACEHOLDER); version++) {
    text = text.replace(VERSION_PLACEHOLDER, `${base.replace(/:\d+$/, '')}:${version}`);
  }
  return JSON.parse(isExpress(c) ? text.replace(':execution:', ':express:') : text);
}

/** The recording has no type of what the test had made; the test's name tells. */
const isExpress = (c: Any): boolean => /express/i.test(c.id);

const passing = (comment: string) => JSON.stringify({ Comment: comment, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });

/** Makes what the recorded test had made before, as far as the call and its refusal tell of it. */
async function prepare(operations: Service['operations'], args: Any, c: Any, code: string): Promise<void> {
  const call = (operation: string, input: object): Any => operations[operation].run(input, OPERATOR);
  const roleArn = TEST_ROLE;
  const { definition: _, ...members } = args;
  const named = [...JSON.stringify(members).matchAll(new RegExp(STATE_MACHINE, 'g'))];
  const [arn, name] = named[0] ?? [];
  const newest = Math.max(0, ...named.map(([, , version]) => Number(version ?? 0)));
  const absent = /DoesNotExist|NotFound/.test(code);
  if (name && (!absent || newest > 0)) {
    const type = isExpress(c) ? 'EXPRESS' : 'STANDARD';
    const { stateMachineArn } = await call('CreateStateMachine', { name, roleArn, type, definition: passing('0') });
    for (let version = 1; version <= newest; version++) {
      await call('UpdateStateMachine', { stateMachineArn, definition: passing(String(version)), publish: true });
    }
  }
  if (args.activityArn?.startsWith('arn:') && !absent) await call('CreateActivity', { name: args.activityArn.split(':').pop() });
  if (code === 'StateMachineAlreadyExists') await call('CreateStateMachine', { name: args.name, roleArn, definition: passing('another') });
  if (code === 'ExecutionAlreadyExists') await call('StartExecution', { stateMachineArn: arn, name: args.name });
  if (code === 'ConflictException' && newest > 0) {
    const routingConfiguration = [{ stateMachineVersionArn: `${arn.replace(/:\d+$/, '')}:1`, weight: 100 }];
    await call('CreateStateMachineAlias', { name: args.name ?? 'recorded', description: 'another', routingConfiguration });
  }
}

async function execute(c: Any, harness: Harness): Promise<Execution> {
  const [, partition, , region, accountId, , machineName] = c.executionArn.split(':');
  const clock = new VirtualClock(Date.parse('2026-11-20T09:18:00Z'));
  const world = new harness.World(c);
  const engine = createEngine({
    clock,
    accountId,
    region,
    partition,
    random: seededRandom(1),
    objects: objectsOf(c),
    tasks: { start: (call) => answerTask(call, c, world, harness, engine) },
  });
  const machine: Machine = {
    arn: `arn:${partition}:states:${region}:${accountId}:stateMachine:${machineName}`,
    name: machineName,
    type: c.type,
    roleArn: c.roleArn,
    definition: c.definition,
  };
  for (const mock of c.mocks ?? []) if (mock.kind === 'activity') void work(engine, mock.resource, world);
  const execution = engine.startExecution(machine, { input: c.input ?? '{}', name: c.executionName });
  await clock.runUntil(() => execution.status !== 'RUNNING', c.id);
  return execution;
}

/** A recorded answer has two stages where the service took the job and somebody answered later. */
async function answerTask(call: TaskCall, c: Any, world: Any, harness: Harness, engine: Engine): Promise<TaskStarted> {
  const mock = world.queue.find((m: Any) => m.resource === call.resource && harness.same(m.input, call.input, c.wildcards));
  const answer: Promise<Json> = world.call(call.resource, call.input);
  if (!mock?.submitted) return { output: await answer };
  if (call.resource.includes('.sync')) return { output: mock.submitted, completion: answer };
  answer.then(
    (output) => engine.sendTaskSuccess(call.taskToken ?? '', JSON.stringify(output)),
    (failure) => engine.sendTaskFailure(call.taskToken ?? '', failure.error, failure.cause),
  );
  return { output: mock.submitted };
}

/** The recorded objects, by `bucket/key`. */
function objectsOf(c: Any): ObjectsPort {
  const content: Record<string, string> = c.s3 ?? {};
  return {
    async get({ bucket, key }) {
      const text = content[`${bucket}/${key}`];
      if (text === undefined) throw new StatesError('S3.NoSuchKey', 'The specified key does not exist.');
      return Readable.from([Buffer.from(text)]);
    },
    async *list({ bucket, prefix = '' }) {
      for (const name of Object.keys(content)
        .filter((k) => k.startsWith(`${bucket}/${prefix}`))
        .sort()) {
        const key = name.slice(bucket.length + 1);
        yield { key, size: Buffer.byteLength(content[name]), etag: `Etag-${key}`, lastModified: 0 };
      }
    },
    async put({ bucket, key, body }) {
      content[`${bucket}/${key}`] = body;
    },
  };
}

async function work(engine: Engine, activityArn: string, world: Any): Promise<void> {
  const task = await engine.getActivityTask(activityArn, 'worker');
  if (!task) return;
  try {
    engine.sendTaskSuccess(task.taskToken, JSON.stringify(await world.call(activityArn, JSON.parse(task.input))));
  } catch (failure) {
    engine.sendTaskFailure(task.taskToken, (failure as Any).error, (failure as Any).cause);
  }
}

type Typed = { readonly type: string; readonly id?: unknown };

function types(events: readonly Typed[]): string {
  return events.map((e) => e.type).join(' ');
}

/**
 * The same sequence of event types. Recordings of a Parallel have its events sorted and some of their ends left out, which shows in the
 * ids; only the kinds of events are compared there.
 */
function sameHistory(recorded: readonly Typed[], actual: readonly Typed[]): boolean {
  if (recorded[0].id === recorded.length && recorded.length > 1) return types([...recorded].reverse()) === types(actual);
  if (recorded.at(-1)?.id === recorded.length) return types(recorded) === types(actual);
  const kinds = (events: readonly Typed[]) =>
    types(events.filter((e) => !/^ParallelState(Succeeded|Failed|Exited)$/.test(e.type)).toSorted((a, b) => a.type.localeCompare(b.type)));
  return kinds(recorded) === kinds(actual);
}

function count(verdicts: readonly Verdict[], passed: (v: Verdict) => boolean | undefined): { total: number; result: number } {
  const counted = verdicts.filter((v) => passed(v) !== undefined);
  return { total: counted.length, result: counted.filter(passed).length };
}

function summary(verdicts: readonly Verdict[]): object {
  const kinds = KINDS.map(
    (kind) =>
      [
        kind,
        count(
          verdicts.filter((v) => v.kind === kind),
          (v) => v.ok,
        ),
      ] as const,
  );
  const executions = verdicts.filter((v) => v.kind === 'execution');
  const [causes, histories] = [count(executions, (v) => v.cause), count(executions, (v) => v.history)];
  const areas = [...new Set(verdicts.map((v) => v.area))].sort();
  const byKind = Object.fromEntries(kinds);
  return {
    ...byKind,
    execution: {
      ...byKind.execution,
      causeTotal: causes.total,
      cause: causes.result,
      historyTotal: histories.total,
      history: histories.result,
    },
    areas: Object.fromEntries(
      areas.map((area) => [
        area,
        count(
          verdicts.filter((v) => v.area === area),
          (v) => v.ok,
        ),
      ]),
    ),
    misses: verdicts.filter((v) => !v.ok).map((v) => v.id),
  };
}

function tables(verdicts: readonly Verdict[]): string {
  const line = (name: string, { total, result }: { total: number; result: number }) =>
    `${name.padEnd(24)} ${String(result).padStart(4)} / ${String(total).padStart(4)}  ${total ? ((100 * result) / total).toFixed(1) : '-'} %`;
  const executions = verdicts.filter((v) => v.kind === 'execution');
  return [
    ...KINDS.map((kind) =>
      line(
        kind,
        count(
          verdicts.filter((v) => v.kind === kind),
          (v) => v.ok,
        ),
      ),
    ),
    line(
      '  cause',
      count(executions, (v) => v.cause),
    ),
    line(
      '  history',
      count(executions, (v) => v.history),
    ),
    '',
    ...[...new Set(verdicts.map((v) => v.area))].sort().map((area) =>
      line(
        area,
        count(
          verdicts.filter((v) => v.area === area),
          (v) => v.ok,
        ),
      ),
    ),
  ].join('\n');
}

function check(verdicts: readonly Verdict[]): number {
  const known: string[] = JSON.parse(fs.readFileSync(KNOWN_MISSES, 'utf8'));
  const missed = verdicts.filter((v) => !v.ok).map((v) => v.id);
  const fresh = missed.filter((id) => !known.includes(id));
  const healed = verdicts.filter((v) => v.ok && known.includes(v.id)).map((v) => v.id);
  for (const id of fresh) process.stderr.write(`misses, and is not listed in known-misses.json: ${id}\n`);
  for (const id of healed) process.stderr.write(`passes, take it out of known-misses.json: ${id}\n`);
  return fresh.length + healed.length > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
