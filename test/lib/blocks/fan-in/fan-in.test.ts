import { App, Duration, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { FanIn, FanInPolicy, type FanInProps, ObservedStateMachine } from '../../../../lib';
import type { Json } from '../../../../local/cloud-types';
import { StatesError } from '../../../../local/engine/types';
import { runDefinition } from '../../../support/run-definition';

/** Each branch calls a task of its name; `b` and `c` do so in two states. */
function stackWith(props: Partial<FanInProps> = {}): Stack {
  const stack = new Stack(new App(), 'Test');
  const call = (name: string) =>
    new sfn.CustomState(stack, name, {
      stateJson: {
        Type: 'Task',
        QueryLanguage: 'JSONata',
        Resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
        TimeoutSeconds: 3600,
      },
    });
  const branches = {
    a: call('A'),
    b: sfn.Pass.jsonata(stack, 'BeforeB').next(call('B')),
    c: call('C').next(sfn.Pass.jsonata(stack, 'AfterC', { outputs: { c: '{% $states.input %}' } })),
  };
  new ObservedStateMachine(stack, 'Machine', {
    definition: new FanIn(stack, 'Work', { branches, ...props }).next(sfn.Pass.jsonata(stack, 'Done')),
    stateMachineType: sfn.StateMachineType.STANDARD,
  });
  return stack;
}

/** What the tasks of these names answer; the others answer with their name. */
const run = (stack: Stack, failing: Record<string, StatesError> = {}, delays: Record<string, number> = {}) =>
  runDefinition(stack, { day: 1 }, async ({ resource, input }, clock): Promise<Json> => {
    const name = String(resource).split(':').at(-1) as string;
    if (delays[name]) await clock.sleepUntil(clock.now() + delays[name]);
    if (failing[name]) throw failing[name];
    return { name, input };
  });

const ok = (output: Json) => ({ status: 'SUCCEEDED', output });
const A = ok({ name: 'A', input: { day: 1 } });
const B = ok({ name: 'B', input: { day: 1 } });
const C = ok({ c: { name: 'C', input: { day: 1 } } });
const broken = new StatesError('JobFailed', 'no such day');
const FAILED = { status: 'FAILED', error: 'JobFailed', cause: 'no such day' };

test('outcomes stand under their names, beside the input', async () => {
  expect(await run(stackWith())).toMatchObject({ status: 'SUCCEEDED', output: { day: 1, branches: { a: A, b: B, c: C } } });
  expect((await run(stackWith({ outcomeField: 'parts' }))).output).toEqual({ day: 1, parts: { a: A, b: B, c: C } });
});

test('all: every branch is waited for, and the cause names those that failed', async () => {
  const failed = await run(stackWith(), { A: broken, C: new StatesError('JobTimedOut', 'too slow') }, { B: 3600_000 / 2 });
  expect(failed).toMatchObject({
    status: 'FAILED',
    error: 'BranchesFailed',
    cause: '2 of 3 branches failed, 3 had to succeed: a: JobFailed, no such day; c: JobTimedOut, too slow',
  });
  expect((failed.stopDate as number) - failed.startDate).toBeGreaterThanOrEqual(Duration.minutes(30).toMilliseconds());
});

test.each([
  [2, { A: broken }, 'SUCCEEDED'],
  [2, { A: broken, B: broken }, 'FAILED'],
  [1, { A: broken, B: broken }, 'SUCCEEDED'],
  [0, { A: broken, B: broken, C: broken }, 'SUCCEEDED'],
])('atLeast(%s), when %j fail', async (least, failing, status) => {
  const ended = await run(stackWith({ policy: FanInPolicy.atLeast(least) }), failing);
  expect(ended.status).toBe(status);
  if (status === 'SUCCEEDED') {
    const names = Object.keys(failing);
    expect(ended.output).toEqual({
      day: 1,
      branches: { a: names.includes('A') ? FAILED : A, b: names.includes('B') ? FAILED : B, c: names.includes('C') ? FAILED : C },
    });
  }
});

test('an error without a cause', async () => {
  const policy = FanInPolicy.atLeast(0);
  const ended = await run(stackWith({ policy }), { A: new StatesError('JobFailed') });
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { branches: { a: { status: 'FAILED', error: 'JobFailed' } } } });
});

test('failFast: the first error ends the others', async () => {
  const failed = await run(stackWith({ policy: FanInPolicy.failFast() }), { A: broken }, { A: 1000, B: 3600_000 / 2 });
  expect(failed).toMatchObject({ status: 'FAILED', error: 'JobFailed', cause: 'the branch a: no such day' });
  expect((failed.stopDate as number) - failed.startDate).toBeLessThan(2000);
  expect((await run(stackWith({ policy: FanInPolicy.failFast() }))).output).toEqual({ day: 1, branches: { a: A, b: B, c: C } });
});

test('twice in one definition, and in a Map', () => {
  const stack = new Stack(new App(), 'Test');
  const two = (id: string) => new FanIn(stack, id, { branches: { a: sfn.Pass.jsonata(stack, `${id}A`) }, outcomeField: id });
  const definition = two('First').next(
    sfn.Map.jsonata(stack, 'Each', { items: sfn.ProvideItems.jsonata('{% $states.input.items %}') }).itemProcessor(two('Second')),
  );
  expect(() => new ObservedStateMachine(stack, 'Machine', { definition })).not.toThrow();
});

test.each<[string, Partial<FanInProps>, RegExp]>([
  ['no branch', { branches: {} }, /branches is empty/],
  ['a name that is none', { branches: { 'a-b': new sfn.Pass(new Stack(), 'X') } }, /can't be called "a-b"/],
  [
    'names that are alike',
    { branches: { a: new sfn.Pass(new Stack(), 'X'), A: new sfn.Pass(new Stack(), 'Y') } },
    /the branch A would share/,
  ],
  ['more than there are', { policy: FanInPolicy.atLeast(4) }, /atLeast\(4\) can't decide over 3 branches/],
  ['half a branch', { policy: FanInPolicy.atLeast(0.5) }, /atLeast\(0.5\)/],
  ['a field that is none', { outcomeField: '' }, /outcomeField '' is no field name/],
])('%s is refused', (_, props, message) => {
  expect(() => stackWith(props)).toThrow(message);
});
