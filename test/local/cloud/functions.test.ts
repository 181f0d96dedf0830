/** What may stand in a template as a function: which of it runs as it is, and what is said of the rest. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  App,
  type Duration,
  aws_ecr as ecr,
  aws_lambda as lambda,
  Stack,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';
import { type Assembly, loadAssembly } from '../../../local/assembly';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
const NODE = lambda.Runtime.NODEJS_22_X;
let assembly: Assembly;
let cloud: LocalCloud;

function files(name: string, contents: Record<string, string>): string {
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name, file)), { recursive: true });
    writeFileSync(join(folder, name, file), text);
  }
  return join(folder, name);
}

beforeAll(async () => {
  const app = new App({ outdir: join(folder, 'cdk.out'), analyticsReporting: false });
  const stack = new Stack(app, 'S');
  const inline = (id: string, code: string, more: Partial<lambda.FunctionProps> = {}) =>
    new lambda.Function(stack, id, { runtime: NODE, handler: 'index.handler', code: lambda.Code.fromInline(code), ...more });
  const layer = (id: string, code: lambda.Code) => new lambda.LayerVersion(stack, id, { code });

  inline('Inline', 'exports.handler = async ({ n }) => ({ n: n + 1, here: __filename.split("/").pop() });');
  inline('InlineModule', 'export const handler = async () => 1;');
  new lambda.Function(stack, 'Module', {
    runtime: NODE,
    handler: 'src/app.handler',
    code: lambda.Code.fromAsset(
      files('module', {
        'src/app.mjs': `import { one } from './one.mjs'; import layered from 'layered'; export const handler = async () => ({ one, layered, url: typeof import.meta.url });`,
        'src/one.mjs': 'export const one = await Promise.resolve(1);',
      }),
    ),
    layers: [
      layer(
        'ModuleLayer',
        lambda.Code.fromAsset(files('module-layer', { 'nodejs/node_modules/layered/index.js': 'module.exports = "layer"' })),
      ),
    ],
  });

  const zipped = files('zipped', {
    'nodejs/node_modules/shared/index.js': 'module.exports = "zipped"',
    'nodejs/node_modules/only/index.js': 'module.exports = "only"',
    'nodejs/tools.js': 'exports.tool = () => require("only")',
  });
  const zip = join(folder, 'zipped.zip');
  execFileSync('python3', ['-c', 'import shutil, sys; shutil.make_archive(sys.argv[1][:-4], "zip", sys.argv[2])', zip, zipped]);
  const later = files('later', {
    'nodejs/node_modules/shared/index.js': 'module.exports = "later"',
    'nodejs/node22/node_modules/versioned/index.js': 'module.exports = "for Node.js 22"',
    'nodejs/node20/node_modules/other/index.js': '',
  });
  inline(
    'Layered',
    `exports.handler = async () => [require('shared'), require('only'), require('versioned'), require('/opt/nodejs/tools').tool(),
      (await import('/opt/nodejs/tools.js')).default.tool(), (() => { try { require('other'); } catch (e) { return e.code; } })()];`,
    { layers: [layer('First', lambda.Code.fromAsset(zip)), layer('Second', lambda.Code.fromAsset(later))] },
  );
  inline('Foreign', 'exports.handler = async () => 1;', {
    layers: [
      lambda.LayerVersion.fromLayerVersionArn(stack, 'Theirs', 'arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:53'),
    ],
  });
  new lambda.Function(stack, 'Python', {
    runtime: lambda.Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: lambda.Code.fromInline('def handler(event, context): return 1'),
  });
  new lambda.DockerImageFunction(stack, 'Image', {
    code: lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Images', 'images')),
  });

  const rare = inline('Rare', 'exports.handler = async (n) => n;', { reservedConcurrentExecutions: 2 });
  const machine = (id: string, chain: sfn.IChainable) =>
    new sfn.StateMachine(stack, id, {
      queryLanguage: sfn.QueryLanguage.JSONATA,
      definitionBody: sfn.DefinitionBody.fromChainable(chain),
    });
  const call = (id: string, fn: lambda.IFunction, interval?: Duration) => {
    const task = tasks.LambdaInvoke.jsonata(stack, id, {
      lambdaFunction: fn,
      payload: sfn.TaskInput.fromText('{% $states.input %}'),
      outputs: '{% $states.result.Payload %}',
      retryOnServiceExceptions: interval !== undefined,
    });
    return task;
  };
  const each = sfn.Map.jsonata(stack, 'Each', { items: sfn.ProvideItems.jsonata('{% $states.input %}') });
  machine('Many', each.itemProcessor(call('CallRare', rare)));
  machine(
    'Patient',
    sfn.Map.jsonata(stack, 'EachPatiently', { items: sfn.ProvideItems.jsonata('{% $states.input %}') }).itemProcessor(
      call('CallRarePatiently', rare).addRetry({ errors: ['Lambda.TooManyRequestsException'], maxAttempts: 4 }),
    ),
  );
  machine('Snake', call('CallPython', stack.node.findChild('Python') as lambda.Function));
  app.synth();
  assembly = await loadAssembly(join(folder, 'cdk.out'));
});
beforeEach(async () => {
  cloud = await LocalCloud.deploy(assembly);
});
afterEach(() => cloud.dispose());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const invoke = (name: string, payload: Parameters<ReturnType<LocalCloud['function']>['invoke']>[0] = {}) =>
  cloud.function(name).invoke(payload);

describe('what runs as it is', () => {
  test('code in the template is index.js', async () => {
    expect(await invoke('Inline', { n: 1 })).toEqual({ n: 2, here: 'index.js' });
  });

  // "the index file that CloudFormation creates uses the extension .js. This means that Node.js treats the file as a CommonJS module"
  test('code in the template is no ES module', async () => {
    await expect(invoke('InlineModule')).rejects.toMatchObject({ name: 'Runtime.UserCodeSyntaxError' });
  });

  test('ES modules, with a layer', async () => {
    expect(await invoke('Module')).toEqual({ one: 1, layered: 'layer', url: 'string' });
  });

  test('layers from a .zip file and a folder: the last one wins, the version’s own modules, files of /opt', async () => {
    expect(await invoke('Layered')).toEqual(['later', 'only', 'for Node.js 22', 'only', 'only', 'MODULE_NOT_FOUND']);
  });
});

test('what functions were given is kept as long as there is room', async () => {
  const small = await LocalCloud.deploy(assembly, { recordedBytes: 10 });
  try {
    await small.function('Inline').invoke({ n: 1 });
    await small.function('Inline').invoke({ n: 2 });
    expect(small.invocations).toMatchObject([
      { payload: { n: 1 }, result: { n: 2 } },
      { payload: '7 characters, not kept', result: { n: 3 } },
    ]);
  } finally {
    await small.dispose();
  }
});

describe('reserved concurrency', () => {
  test('calls beyond it are throttled', async () => {
    const run = await cloud.stateMachine('Many').start([1, 2, 3]);
    await run.finished();
    expect([run.status, run.error]).toEqual(['FAILED', 'Lambda.TooManyRequestsException']);
    expect(cloud.function('Rare').invocations).toHaveLength(2);
  });

  test('as many as are reserved, and any number one after the other, are not', async () => {
    for (let times = 0; times < 3; times++) {
      const run = await cloud.stateMachine('Many').start([1, 2]);
      expect((await run.finished()).output).toEqual([1, 2]);
    }
  });

  test('a retry gets through', async () => {
    const run = await cloud.stateMachine('Patient').start([1, 2, 3, 4, 5]);
    await run.finished();
    expect([run.status, run.output]).toEqual(['SUCCEEDED', [1, 2, 3, 4, 5]]);
    expect(cloud.calls.filter(({ service, error }) => service === 'lambda' && error?.code === 'TooManyRequestsException')).toHaveLength(3);
  });
});

describe('what does not run here', () => {
  test.each([
    ['Python', 'Not served by the local runner (stepworks): the runtime python3.13, only nodejs18.x to nodejs24.x.'],
    ['Image', 'Not served by the local runner (stepworks): functions from container images.'],
    [
      'Foreign',
      'Not served by the local runner (stepworks): the layer arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:53, which the assembly does not have.',
    ],
  ])('%s: says so, and how to go on', async (name, message) => {
    await expect(invoke(name)).rejects.toThrow(
      `${message} Put code of your own in its place: cloud.function('S/${name}').replaceWith(event => …)`,
    );
  });

  test.each(['Python', 'Image', 'Foreign'])('%s: code of the test stands in for it', async (name) => {
    cloud.function(name).replaceWith(({ n }) => ({ doubled: 2 * n }));
    expect(await invoke(name, { n: 21 })).toEqual({ doubled: 42 });
  });

  test('ends a run that no Catch could save', async () => {
    const run = await cloud.stateMachine('Snake').start({});
    await run.finished();
    expect([run.status, run.error]).toEqual(['FAILED', 'Stepworks.InternalError']);
    expect(run.cause).toContain("cloud.function('S/Python').replaceWith");
  });
});
