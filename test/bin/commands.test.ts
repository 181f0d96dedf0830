import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CustomResource, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { faults } from '../../bin/commands/faults';
import { graph } from '../../bin/commands/graph';
import { list } from '../../bin/commands/list';
import { run } from '../../bin/commands/run';
import { main } from '../../bin/main';
import { ShopStack } from '../local/cloud/shop';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
const cdkOut = join(folder, 'cdk.out');
beforeAll(() => {
  const app = new App({ outdir: cdkOut });
  new ShopStack(app, 'Shop');
  new ShopStack(app, 'Untrusted', { mayStore: false });
  app.synth();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const SAMPLES = { list, run, graph, faults };

/** What a command gives and writes. */
async function stepworks(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const into = (name: keyof typeof written) => (text: string | Uint8Array) => {
    written[name] += text;
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(into('out')),
    jest.spyOn(process.stderr, 'write').mockImplementation(into('err')),
  ];
  try {
    return { code: await main(args, SAMPLES), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('list names every sample with its scenarios', async () => {
  const { code, out, err } = await stepworks('list');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^account-opening {2}\S.*\n {2}clean +\S/m);
});

test.each([['help'], ['--help'], ['run', '-h'], []])('%s shows how it is used', async (...args) => {
  const { code, out, err } = await stepworks(...args);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Usage:/);
});

test.each([
  [['fly'], "'fly' is not a command"],
  [['run', '--access', 'loose'], "--access is one of enforce, warn, off, not 'loose'"],
  [['list', 'more'], "'list more' is not a command"],
  [['run', 'one', 'two'], "'run one two' is not a command"],
  [['run', '--quickly'], /Unknown option '--quickly'/],
  [['run', '--input'], /'--input <value>' argument missing/],
  [['run', 'no-such-pattern'], "there is no pattern 'no-such-pattern'; there are: account-opening"],
  [['run', 'account-opening', '--scenario', 'none'], /has no scenario 'none'; it has: clean, /],
  [['run', '--scenario', 'clean'], '--scenario and --input go with a pattern'],
  [['run', 'account-opening', '--input', 'nothing.json'], /the input file 'nothing.json' can't be read: ENOENT/],
  [['run', 'account-opening', '--input', file('bad.json', '{')], /the input file '.*bad.json' is not JSON/],
  [['run', '--state-machine', 'Shop/Publish'], '--state-machine goes with --app'],
  [['run', 'account-opening', '--app', cdkOut], 'with --app'],
  [['run', '--app', cdkOut, '--scenario', 'clean', '--state-machine', 'Shop/Publish'], 'with --app'],
  [['run', '--app', cdkOut], /--state-machine: which AWS::StepFunctions::StateMachine\? There are: Shop\/Publish, Untrusted\/Publish/],
  [['run', '--app', cdkOut, '--state-machine', 'Shop/Nothing'], "the construct path or logical id 'Shop/Nothing'; there are:"],
  [['run', '--app', cdkOut, '--state-machine', 'Shop/Publish', '--input', 'nothing.json'], "can't be read"],
  [['run', '--app', folder, '--state-machine', 'Shop/Publish'], 'holds no manifest.json'],
  [['run', '--app', 'true', '--state-machine', 'Shop/Publish'], "the command 'true' wrote no cloud assembly"],
  [['run', '--app', 'nothing.out', '--state-machine', 'Shop/Publish'], "--app: 'nothing.out' is neither a folder nor a command"],
  [['run', '--app', join(cdkOut, 'manifest.json'), '--state-machine', 'Shop/Publish'], 'is neither a folder nor a command'],
  [['run', '--app', ' ', '--state-machine', 'Shop/Publish'], '--app is empty'],
])('%j is not understood', async (args, message) => {
  const { code, out, err } = await stepworks(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
  expect(err).toMatch(/\nHow it is used: stepworks help\n$/);
});

describe('a sample', () => {
  test('as expected', async () => {
    const { code, out, err } = await stepworks('run', 'account-opening', '--scenario', 'fields-missing', '--json');
    expect([code, err, out.trim().split('\n')]).toEqual([0, '', [expect.any(String)]]);
    expect(JSON.parse(out)).toMatchObject({ pattern: 'account-opening', scenario: 'fields-missing', asExpected: true, status: 'FAILED' });
  });
});

describe("a customer's app", () => {
  const order = file('order.json', '{ "order": "A1", "amount": 5 }');
  const runs = (machine: string, ...args: string[]) => stepworks('run', '--app', cdkOut, '--state-machine', machine, ...args);

  test('succeeds', async () => {
    const { code, out, err } = await runs('Shop/Publish', '--input', order, '--json');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({
      stateMachine: 'Shop/Publish',
      asExpected: true,
      status: 'SUCCEEDED',
      output: { stored: 'A1' },
      statesVisited: ['StoreOrder', 'Rest', 'Tell'],
      virtualSeconds: 172_800,
      problems: [],
    });
    expect(out.trim().split('\n')).toHaveLength(1);
  });

  test('in words', async () => {
    const { code, out } = await runs('Shop/Publish', '--input', order, '--report', join(folder, 'words.html'));
    expect(code).toBe(0);
    expect(out).toMatch(/SUCCEEDED after 2 d of virtual time, 3 state transitions/);
    expect(out).toMatch(/Granted, and not used in this run:\n.*dynamodb:DeleteItem/);
  });

  test('lacks a permission', async () => {
    const { code, out } = await runs('Untrusted/Publish', '--input', order, '--json');
    expect(code).toBe(1);
    const { asExpected, status, deniedCalls, problems } = JSON.parse(out);
    expect([asExpected, status]).toEqual([false, 'FAILED']);
    expect(deniedCalls).toMatchObject([{ role: 'Untrusted/Store/ServiceRole', action: 'dynamodb:PutItem' }]);
    expect(problems).toEqual([
      'the run ended as FAILED',
      expect.stringMatching(/^Untrusted\/Store\/ServiceRole may not dynamodb:PutItem on /),
    ]);
  });

  test('lacks a permission, and goes on with a warning', async () => {
    const json = await runs('Untrusted/Publish', '--input', order, '--access', 'warn', '--json');
    const result = JSON.parse(json.out);
    expect(result).toMatchObject({ asExpected: true, status: 'SUCCEEDED', accessMode: 'warn', problems: [] });
    expect(result.deniedCalls).toMatchObject([
      { role: 'Untrusted/Store/ServiceRole', action: 'dynamodb:PutItem', reason: { kind: 'not allowed', mismatches: [] } },
    ]);
    const { code, out } = await runs('Untrusted/Publish', '--input', order, '--access', 'warn', '--report', join(folder, 'warned.html'));
    expect(code).toBe(0);
    expect(out).toMatch(/^ +warning: Untrusted\/Store\/ServiceRole may not dynamodb:PutItem on \S+: no identity-based policy/m);
    expect(readFileSync(join(folder, 'warned.html'), 'utf8')).toContain('1 denied, and let through');
  });

  test('with nobody looking at permissions', async () => {
    const page = join(folder, 'off.html');
    const { code, out } = await runs('Untrusted/Publish', '--input', order, '--access', 'off', '--report', page);
    expect(code).toBe(0);
    expect(out).not.toMatch(/warning|Granted, and not used/);
    expect(readFileSync(page, 'utf8')).toContain('Access was off');
  });

  test('fails by itself', async () => {
    const { code, out } = await runs('Shop/Publish', '--input', file('much.json', '{ "order": "A1", "amount": 5000 }'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: 'FAILED', error: 'TooMuch', deniedCalls: [], problems: ['the run ended as FAILED'] });
  });
});

describe('the report', () => {
  const at = (name: string) => join(folder, 'reports', name);

  test('of an app', async () => {
    const order = file('reported.json', '{ "order": "A1", "amount": 5 }');
    const args = ['run', '--app', cdkOut, '--state-machine', 'Shop/Publish', '--input', order, '--report', at('app.html')];
    const { code, out } = await stepworks(...args);
    expect([code, out]).toEqual([0, expect.stringContaining(`All of it, with pictures: ${at('app.html')}`)]);
    const page = readFileSync(at('app.html'), 'utf8');
    expect(page).toMatch(/<title>Stepworks: 1 of 1 scenario as expected/);
    expect(page).toContain('<svg');
    expect(page).toContain('StoreOrder');
  });

  test('of a sample, beside the JSON', async () => {
    const args = ['run', 'account-opening', '--scenario', 'fields-missing', '--json', '--report', at('sample.html')];
    const { code, out } = await stepworks(...args);
    expect([code, out.trim().split('\n')]).toEqual([0, [expect.stringMatching(/^{"pattern":"account-opening"/)]]);
    expect(readFileSync(at('sample.html'), 'utf8')).toContain('fields-missing');
  });

  test('where it can’t be written', async () => {
    const { code, err } = await stepworks(
      'run',
      '--app',
      cdkOut,
      '--state-machine',
      'Shop/Publish',
      '--report',
      join(file('plain', ''), 'x.html'),
    );
    expect([code, err]).toEqual([2, expect.stringMatching(/^stepworks: the report can't be written to '.*plain\/x.html': /)]);
  });
});

describe('what is not emulated', () => {
  const out = join(folder, 'unknown.out');
  beforeAll(() => {
    const stack = new Stack(new App({ outdir: out }), 'S');
    const lookup = new CustomResource(stack, 'Lookup', { serviceToken: 'arn:aws:lambda:us-east-1:123456789012:function:x' });
    const pass = (id: string, outputs: unknown) =>
      new sfn.StateMachine(stack, id, {
        definitionBody: sfn.DefinitionBody.fromChainable(sfn.Pass.jsonata(stack, `${id}Pass`, { outputs })),
      });
    pass('Tells', { value: lookup.getAttString('Value') });
    pass('Silent', 1);
    (stack.node.root as App).synth();
  });
  const listed = {
    resource: 'S/Lookup/Default',
    type: 'AWS::CloudFormation::CustomResource',
    attribute: 'Value',
    usedBy: ['S/Tells/Resource'],
  };

  test('is no good answer', async () => {
    const { code, out: line } = await stepworks('run', '--app', out, '--state-machine', 'S/Tells', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(line)).toMatchObject({
      status: 'SUCCEEDED',
      asExpected: false,
      problems: ['the output has the attribute Value of S/Lookup/Default (AWS::CloudFormation::CustomResource), which is not emulated'],
      placeholders: [listed],
    });
  });

  test('is listed', async () => {
    const { code, out: words } = await stepworks(
      'run',
      '--app',
      out,
      '--state-machine',
      'S/Silent',
      '--report',
      join(folder, 'silent.html'),
    );
    expect(code).toBe(0);
    expect(words).toContain('Value of S/Lookup/Default (AWS::CloudFormation::CustomResource), known to S/Tells/Resource');
  });
});

describe('an app that a command makes', () => {
  const machine = ['--state-machine', 'S/M', '--json'];
  const app = (more = '') =>
    file(
      'app.js',
      `const { App, Stack, aws_stepfunctions: sfn } = require(${JSON.stringify(require.resolve('aws-cdk-lib'))});
      const stack = new Stack(new App(), 'S');
      const outputs = { greeting: stack.node.tryGetContext('greeting') ?? 'none' };
      new sfn.StateMachine(stack, 'M', { definitionBody: sfn.DefinitionBody.fromChainable(sfn.Pass.jsonata(stack, 'P', { outputs })) });
      ${more}`,
    );

  test('sees the context of cdk.json and cdk.context.json', async () => {
    const here = process.cwd();
    process.chdir(folder);
    try {
      file('cdk.json', '{ "context": { "greeting": "from cdk.json" } }');
      const { code, out } = await stepworks('run', '--app', `"${process.execPath}" "${app()}"`, ...machine);
      expect([code, JSON.parse(out).output]).toEqual([0, { greeting: 'from cdk.json' }]);
      file('cdk.context.json', JSON.stringify({ greeting: 'noted', filler: 'x'.repeat(200_000) }));
      const noted = await stepworks('run', '--app', `"${process.execPath}" "${app()}"`, ...machine);
      expect(JSON.parse(noted.out).output).toEqual({ greeting: 'noted' });
    } finally {
      process.chdir(here);
      for (const name of ['cdk.json', 'cdk.context.json']) rmSync(join(folder, name), { force: true });
    }
  });

  test('one that fails, and one that needs the account, end in 1', async () => {
    const failed = await stepworks('run', '--app', `"${process.execPath}" -e "process.exit(3)"`, ...machine);
    expect([failed.code, failed.out]).toEqual([1, '']);
    expect(failed.err).toMatch(/failed with 3/);
    const lookup = `
      const there = new Stack(stack.node.root, 'T', { env: { account: '111122223333', region: 'eu-west-1' } });
      require(${JSON.stringify(require.resolve('aws-cdk-lib'))}).aws_ec2.Vpc.fromLookup(there, 'V', { isDefault: true });`;
    const unknown = await stepworks('run', '--app', `"${process.execPath}" "${app(lookup)}"`, ...machine);
    expect([unknown.code, unknown.out]).toEqual([1, '']);
    expect(unknown.err).toMatch(/what only the account knows \(vpc-provider:.*\): run cdk synth once/);
  });
});
