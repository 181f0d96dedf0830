/**
 * Runs recorded AWS answers (`../shared/conformance/README.md` says what they are) against the engine and prints how many it gives.
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
import { invalidDefinitionMessage, isAccepted, validateDefinition } from '../lib/asl/validate';
import { VirtualClock } from '../local/clock';
import { ApiError } from '../local/cloud-types';
import { createEngine, type ResultShape, testState } from '../local/engine';
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
import { memberOf, membersOf, models, type Ref, Scalar, type ServiceModel, shapeOf } from '../local/wire/model';

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
    if (kind === 'validate') return judgeValidation(c, harness);
    if (kind === 'test_state' || (kind === 'api_error' && c.op === 'test_state')) return await judgeTestState(c, harness);
    if (kind === 'create_error') return judgeRefusal(c, harness);
    return await judgeCall(c);
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

function judgeValidation(c: Any, { same }: Harness): Verdict {
  const diagnostics = validateDefinition(c.definitionText, { type: c.args.type }).filter(
    (d) => d.severity === 'ERROR' || c.args.severity === 'WARNING',
  );
  const ok = same(c.expected.diagnostics, JSON.parse(JSON.stringify(diagnostics)), c.wildcards);
  return {
    id: c.id,
    kind: c.kind,
    area: c.area,
    ok,
    why: `${JSON.stringify(diagnostics)}, AWS: ${JSON.stringify(c.expected.diagnostics)}`,
  };
}

/** Only that the definition is refused counts, and by which error: some of the recorded texts are not AWS's own. */
function judgeRefusal(c: Any, { same }: Harness): Verdict {
  const expected = c.expected.Error?.Code ?? c.expected.exception_typename;
  const diagnostics = validateDefinition(c.definitionText, { type: c.args.type });
  const ok = expected === 'InvalidDefinition' && !isAccepted(diagnostics);
  const message = invalidDefinitionMessage(diagnostics);
  const recorded: string = c.expected.Error?.Message ?? c.expected.exception_value ?? '';
  const why = `${ok ? message : 'accepted'}, AWS: ${recorded}`;
  return { id: c.id, kind: c.kind, area: c.area, ok, cause: ok ? same(recorded.replace(/^.*operation: /, ''), message) : undefined, why };
}

/** Services whose names differ between integrations and SDK clients. */
const CLIENTS: Readonly<Record<string, string>> = { events: 'eventbridge', states: 'sfn' };

/** The answers' shapes, as far as the SDK's own schemas tell: types and required members, no enumerations and no limits. */
function resultShapes(resourceType: string, operation: string): ResultShape | undefined {
  const service = resourceType.replace(/^aws-sdk:/, '');
  const model = models[CLIENTS[service] ?? service];
  const output = model?.operations[operation[0].toUpperCase() + operation.slice(1)]?.[1];
  return output === undefined ? undefined : resultShape(model, output);
}

function resultShape(model: ServiceModel, ref: Ref): ResultShape {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return scalarShape(shape);
  if (shape[0] === 1) return { kind: 'list', item: resultShape(model, memberOf(shape[1]).ref) };
  if (shape[0] === 2) return { kind: 'map', value: resultShape(model, memberOf(shape[2]).ref) };
  // Step Functions writes members with a capital, as the Java SDK does.
  const members = new Map(Object.entries(membersOf(shape)).map(([name, member]) => [name[0].toUpperCase() + name.slice(1), member]));
  const required = shape[0] === 3 ? [...members.keys()].slice(0, shape[2]) : [];
  const member = (name: string) => {
    const found = members.get(name);
    return found === undefined ? undefined : resultShape(model, memberOf(found).ref);
  };
  return { kind: 'structure', required, member };
}

function scalarShape(scalar: number): ResultShape {
  if (scalar === Scalar.NUMBER) return { kind: 'number' };
  if (scalar === Scalar.BOOLEAN) return { kind: 'boolean' };
  // A stream's content is given as it is, JSON or text.
  return scalar === Scalar.DOCUMENT || scalar === Scalar.STREAM ? { kind: 'any' } : { kind: 'string' };
}

/** The recordings leave out the generated role that most calls were made with. */
const TEST_ROLE = 'arn:aws:iam::111111111111:role/test-role';

/**
 * Another call that AWS refused: the same error is what counts. What the recording client refused by itself is a
 * ValidationException. Machines and executions that the recorded test had made before are not there.
 */
async function judgeCall(c: Any): Promise<Verdict> {
  const clock = new VirtualClock();
  const options = { clock, accountId: '111111111111', region: 'us-east-1', partition: 'aws', random: seededRandom(1) };
  const engine = createEngine({ ...options, tasks: { start: async () => ({ output: {} }) } });
  const cloud: Any = { ...options, emit: () => {}, setResourcePolicy: () => {} };
  const name = c.op.replace(/(^|_)([a-z])/g, (_: string, __: string, letter: string) => letter.toUpperCase());
  const operation = createStepFunctions(cloud, engine).operations[name];
  const text = typeof c.expected === 'string' ? c.expected : c.expected.exception_value;
  const recorded =
    c.expected.Error?.Code ?? c.expected.exception_typename ?? /^An error occurred \((\w+)\)/.exec(text)?.[1] ?? 'ParamValidationError';
  const expected = recorded === 'ParamValidationError' ? 'ValidationException' : recorded;
  const verdict = (ok: boolean, why: string): Verdict => ({
    id: c.id,
    kind: c.kind,
    area: c.area,
    ok,
    why: `${why}, AWS: ${JSON.stringify(c.expected).slice(0, 300)}`,
  });
  if (!operation) return verdict(false, `${name} is not emulated`);
  try {
    await operation.run(c.args, { kind: 'operator' });
    return verdict(false, 'not refused');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return verdict(error.code === expected, `${error.code}: ${error.message}`);
  }
}

async function judgeTestState(c: Any, { World, same }: Harness): Promise<Verdict> {
  const world = new World(c);
  const options = {
    clock: new VirtualClock(Date.parse('2026-11-20T09:18:00Z')),
    accountId: '111111111111',
    region: 'us-east-1',
    partition: 'aws',
    random: seededRandom(1),
    resultShapes,
    tasks: { start: async (call: TaskCall) => ({ output: await world.call(call.resource, call.input) }) },
  };
  const { ResponseMetadata, ...expected } = c.kind === 'test_state' ? c.expected : {};
  const refusal = c.kind === 'api_error' ? refusalText(c.expected) : undefined;
  try {
    const result = JSON.parse(JSON.stringify(await testState(options, { roleArn: TEST_ROLE, ...c.args, definition: c.definitionText })));
    const ok = refusal === undefined && same(expected, result, c.wildcards);
    return { id: c.id, kind: c.kind, area: c.area, ok, why: `${JSON.stringify(result)}\n    AWS ${refusal ?? JSON.stringify(expected)}` };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const ok = refusal !== undefined && same(refusal, error.message, c.wildcards);
    return { id: c.id, kind: c.kind, area: c.area, ok, why: `${error.message}\n    AWS ${refusal ?? JSON.stringify(expected)}` };
  }
}

/** The service's own text, without what the recording client puts around it. */
function refusalText(expected: Any): string {
  const text: string = typeof expected === 'string' ? expected : (expected.Error?.Message ?? expected.exception_value);
  return text.replace(/^An error occurred \(\w+\) when calling the \w+ operation: /, '').replace(/^Parameter validation failed:\n/, '');
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
