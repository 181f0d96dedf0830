import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, aws_lambda as lambda, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { HandlerFunction, Job, ObservedStateMachine, RoutedJob, type RoutedJobProps } from '../../../../lib';
import { type Assembly, type Json, LocalCloud } from '../../../../local';
import { loadAssembly } from '../../../../local/assembly';
import { synthesized } from '../../../../local/synthesized';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

// Stood in for by the tests.
const CODE = mkdtempSync(join(tmpdir(), 'stepworks-routed-'));
writeFileSync(join(CODE, 'index.js'), 'exports.handler = async () => 1');
afterAll(() => rmSync(CODE, { recursive: true, force: true }));

/** Both places are functions here. */
class RoutedStack extends Stack {
  constructor(props: Partial<RoutedJobProps> = {}) {
    super(new App(), 'Routed');
    const job = (id: string) =>
      Job.invoke(new HandlerFunction(this, id, { code: lambda.Code.fromAsset(CODE) }).alias, { timeout: Duration.seconds(20) });
    const routed = new RoutedJob({
      small: job('Small'),
      large: job('Large'),
      fits: '{% $states.input.size <= 10 %}',
      spillsOn: ['Not.Enough'],
      ...props,
    });
    new ObservedStateMachine(this, 'Own', { definition: routed.step(this, 'Work').next(sfn.Pass.jsonata(this, 'Done')) });
    new ObservedStateMachine(this, 'Told', {
      definition: routed.step(this, 'Try', { outcomeField: 'result', onFailed: sfn.Pass.jsonata(this, 'Noted') }),
    });
  }
}

let assembly: Assembly;
beforeAll(async () => {
  assembly = await loadAssembly(synthesized(new RoutedStack()).directory);
});
let cloud: LocalCloud;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly, { warm });
});
afterEach(() => cloud.dispose());

/** What either place does: an error's name, or an answer. */
async function run(machine: string, input: Json, small: string | object, large: string | object) {
  const asked: string[] = [];
  for (const [name, does] of [['Small', small] as const, ['Large', large] as const]) {
    cloud.function(`Routed/${name}`).replaceWith(() => {
      asked.push(name);
      if (typeof does === 'string') throw Object.assign(new Error('no'), { name: does });
      return does as Json;
    });
  }
  const started = await cloud.stateMachine(machine).start(input);
  await started.finished();
  const { status, output, error, cause } = started;
  return { asked, status, output, error, cause };
}

test.each<[string, Json, string[]]>([
  ['what fits', { size: 10 }, ['Small']],
  ['what does not', { size: 11 }, ['Large']],
  ['what is not known', {}, ['Large']],
])('%s goes where it belongs', async (_, input, asked) => {
  const done = await run('Own', input, { by: 'small' }, { by: 'large' });
  expect(done).toMatchObject({
    asked,
    status: 'SUCCEEDED',
    output: { ...(input as object), job: { output: { by: asked[0].toLowerCase() } } },
  });
  expect(done.output).not.toHaveProperty('jobSpilled');
});

test.each(['Runtime.OutOfMemory', 'Runtime.ExitError', 'Lambda.Unknown', 'Sandbox.Timedout', 'Not.Enough'])(
  'after %s it goes over',
  async (error) => {
    const done = await run('Own', { size: 1 }, error, { by: 'large' });
    expect(done).toMatchObject({ asked: ['Small', 'Large'], output: { job: { output: { by: 'large' } }, jobSpilled: `${error}: no` } });
  },
);

test.each(['SomeError', 'Runtime.ImportModuleError', 'Runtime.OutOfMemoryAgain', 'NotXEnough'])('after %s it does not', async (error) => {
  expect(await run('Own', { size: 1 }, error, {})).toMatchObject({ asked: ['Small'], error: 'JobFailed', cause: `${error}: no` });
});

test('it goes over once: then it has failed, with both reasons', async () => {
  expect(await run('Own', { size: 1 }, 'Lambda.Unknown', 'Runtime.OutOfMemory')).toMatchObject({
    asked: ['Small', 'Large'],
    error: 'JobFailed',
    cause: 'Runtime.OutOfMemory: no; it had gone over after Lambda.Unknown: no',
  });
});

test('what failed is told to the steps for it, whichever place it was in', async () => {
  const noted = { status: 'SUCCEEDED', output: { result: { status: 'FAILED', reason: 'SomeError: no' } } };
  expect(await run('Told', { size: 1 }, 'SomeError', {})).toMatchObject(noted);
  expect(await run('Told', { size: 11 }, {}, 'SomeError')).toMatchObject(noted);
  expect((await run('Told', { size: 1 }, 'Lambda.Unknown', 'SomeError')).output).toMatchObject({ resultSpilled: 'Lambda.Unknown: no' });
});

test('what is no expression is refused', () => {
  expect(() => new RoutedStack({ fits: 'true' })).toThrow(/fits "true" is no JSONata expression/);
});
