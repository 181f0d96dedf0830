import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { validate } from '../../bin/commands/validate';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let printed = '';
beforeEach(() => {
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

function file(text: string): string {
  const path = join(folder, 'definition.json');
  writeFileSync(path, text);
  return path;
}

test('a definition that is accepted', async () => {
  expect(await validate({ source: file('{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}') })).toBe(0);
  expect(printed).toMatch(/^✓ .*definition\.json\n$/);
});

test('a definition that is refused, with the place', async () => {
  expect(await validate({ source: file('{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}') })).toBe(1);
  expect(printed).toMatch(/^✗ .*\n {4}error: .* at \/States\/A\/Next\n {4}error: Workflow has no terminal state\n$/);
});

test('what is not JSON', async () => {
  expect(await validate({ source: file('{"StartAt"') })).toBe(1);
  expect(printed).toMatch(/error: /);
});

test('every state machine of a cloud assembly, as JSON', async () => {
  const outdir = join(folder, 'cdk.out');
  const app = new App({ outdir });
  const stack = new Stack(app, 'Shop');
  const machine = (id: string, state: sfn.State) =>
    new sfn.StateMachine(stack, id, { definitionBody: sfn.DefinitionBody.fromChainable(state), queryLanguage: sfn.QueryLanguage.JSONATA });
  machine('Good', sfn.Pass.jsonata(stack, 'Fine'));
  machine('Bad', sfn.Pass.jsonata(stack, 'Broken', { outputs: '{% $sum( %}' }));
  machine('Doubtful', sfn.Pass.jsonata(stack, 'Unknown', { outputs: '{% $nobody %}' }));
  app.synth();
  expect(await validate({ source: outdir, json: true })).toBe(1);
  const lines = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { stateMachine: 'Shop/Good', accepted: true, findings: [] },
    { stateMachine: 'Shop/Bad', accepted: false, findings: [{ severity: 'ERROR', location: '/States/Broken/Output' }] },
    { stateMachine: 'Shop/Doubtful', accepted: true, findings: [{ severity: 'WARNING', location: '/States/Unknown/Output' }] },
  ]);
});

test.each([
  [undefined, /validate what/],
  ['/nowhere', /there is no file or folder '\/nowhere'/],
  [__dirname, /holds no manifest\.json: give what cdk synth wrote/],
])('nothing to validate: %s', async (source, message) => {
  await expect(validate({ source })).rejects.toThrow(message);
});
