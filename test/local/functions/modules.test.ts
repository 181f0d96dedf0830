import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { createFunctionRuntime } from '../../../local/functions';
import { Harness, START, write } from './harness';

/** A package as npm lays it out, for `require` and `import` alike. */
const fake = (folder: string, name: string, says: string) =>
  write(path.join(folder, 'node_modules', name), {
    'package.json': JSON.stringify({ name, exports: { require: './index.cjs', import: './index.mjs' } }),
    'index.cjs': `exports.says = '${says}'`,
    'index.mjs': `export const says = '${says}'`,
  });

const CJS = (name: string) => ({ 'index.js': `const { says } = require('${name}'); exports.handler = async () => says` });
const ESM = (name: string) => ({ 'index.mjs': `import { says } from '${name}'; export const handler = async () => says` });
const DYNAMIC = (name: string) => ({ 'index.js': `exports.handler = async () => (await import('${name}')).says` });

describe.each([
  ['require', CJS],
  ['import', ESM],
  ['import()', DYNAMIC],
])('modules by %s', (form, files) => {
  let harness: Harness;
  let sdk: string;
  beforeAll(() => {
    sdk = mkdtempSync(path.join(tmpdir(), 'stepworks-sdk-'));
    harness = new Harness({ sdkPaths: [path.join(sdk, 'node_modules')] });
    fake(sdk, '@aws-sdk/client-thing', 'runner');
    fake(sdk, '@smithy/part', 'runner');
    fake(sdk, 'other', 'runner');
  });
  afterAll(async () => {
    await harness.dispose();
    rmSync(sdk, { recursive: true });
  });

  test('the runner’s SDK, when the project has none', async () => {
    expect((await harness.run(files('@aws-sdk/client-thing'))).payload).toBe('runner');
    expect((await harness.run(files('@smithy/part'))).payload).toBe('runner');
  });

  test('the asset’s own SDK wins', async () => {
    const fn = harness.function(files('@aws-sdk/client-thing'));
    fake(fn.codeDirectory, '@aws-sdk/client-thing', 'own');
    expect((await harness.invoke(fn)).payload).toBe('own');
  });

  test('the SDK of the project around the asset wins too; nothing else of the project is seen', async () => {
    const around = path.join(harness.folder, `project-${form}`);
    mkdirSync(around);
    fake(around, '@aws-sdk/client-thing', 'project');
    fake(around, 'other', 'project');
    const place = (name: string) => {
      const folder = path.join(around, `asset.${name.length}`);
      write(folder, files(name));
      return { ...harness.function({}), codeDirectory: folder };
    };
    expect((await harness.invoke(place('@aws-sdk/client-thing'))).payload).toBe('project');
    const { payload } = await harness.invoke(place('other'));
    expect(payload.errorMessage).toContain("Cannot find module 'other'");
    expect(payload.errorMessage).toContain("is not part of the function's asset, so Lambda wouldn't find it");
  });

  test('layers', async () => {
    const layer = path.join(harness.folder, `layer-${form}`);
    fake(path.join(layer, 'nodejs'), 'layered', 'layer');
    expect((await harness.invoke({ ...harness.function(files('layered')), layerDirectories: [layer] })).payload).toBe('layer');
    expect((await harness.run(files('layered'))).functionError).toBe('Unhandled');
  });
});

describe('assets', () => {
  let harness: Harness;
  beforeAll(() => {
    harness = new Harness();
  });
  afterAll(() => harness.dispose());

  test('a package.json above the asset does not make ES modules of its files', async () => {
    const around = path.join(harness.folder, 'module-project');
    write(around, {
      'package.json': '{"type":"module"}',
      'asset/index.js': 'const a = require("./lib/a.js"); exports.handler = async () => a',
      'asset/lib/a.js': 'module.exports = 5',
    });
    expect((await harness.invoke({ ...harness.function({}), codeDirectory: path.join(around, 'asset') })).payload).toBe(5);
  });

  test('a .zip file is unpacked', async () => {
    const file = path.join(harness.folder, 'code.zip');
    writeFileSync(
      file,
      zip({ 'src/index.js': 'exports.handler = async () => require("./data.json")', 'src/data.json': '{"zipped":true}' }),
    );
    expect((await harness.invoke({ ...harness.function({}), codeDirectory: file, handler: 'src/index.handler' })).payload).toEqual({
      zipped: true,
    });
  });

  test('the real SDK reaches the endpoint with the role’s credentials, for CommonJS and ES modules', async () => {
    let request: { authorization?: string; target?: string; body?: string } = {};
    const plain = new Harness();
    const endpointUrl = await plain.endpoint(({ headers }, body) => {
      request = { authorization: headers.authorization, target: String(headers['x-amz-target']), body };
      return { Item: { id: { S: 'a' } } };
    });
    const runtime = createFunctionRuntime({
      // sdkPaths left out: the runner's own
      clock: plain.clock,
      region: 'eu-west-1',
      accountId: '111122223333',
      endpointUrl,
      credentialsFor: () => ({ accessKeyId: 'ASIAROLE', secretAccessKey: 's', sessionToken: 't' }),
    });
    const body = `const client = new DynamoDBClient({}); const handler = async () => (await client.send(new GetItemCommand({ TableName: 'T', Key: { id: { S: 'a' } } }))).Item.id.S;`;
    const cjs = plain.function(
      `const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb'); ${body} exports.handler = handler`,
    );
    const esm = plain.function({
      'index.mjs': `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'; ${body} export { handler }`,
    });
    for (const fn of [cjs, esm]) {
      request = {};
      const { payload, logs } = await runtime.invoke({ ...fn, memoryMb: 256 }, '{}');
      expect([payload, logs]).toEqual(['"a"', []]);
      expect(request.target).toBe('DynamoDB_20120810.GetItem');
      expect(request.authorization).toContain(
        `Credential=ASIAROLE/${new Date(START).toISOString().slice(0, 10).replaceAll('-', '')}/eu-west-1/dynamodb`,
      );
    }
    await runtime.dispose();
    await plain.dispose();
  });
});

/** The least that is a zip archive. */
function zip(files: Record<string, string>): Buffer {
  const { crc32 } = require('node:zlib') as { crc32(data: string): number };
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = deflateRawSync(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(text), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(text.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
