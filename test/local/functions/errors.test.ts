import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Harness } from './harness';

describe('what goes wrong in a handler', () => {
  let harness: Harness;
  beforeAll(() => {
    harness = new Harness();
  });
  afterAll(() => harness.dispose());

  const failure = async (...args: Parameters<Harness['run']>) => {
    const result = await harness.run(...args);
    expect(result.functionError).toBe('Unhandled');
    return result;
  };

  test('an Error: its name, message and stack', async () => {
    const code = `class AddressInvalid extends Error { constructor(m) { super(m); this.name = 'AddressInvalid' } }
      exports.handler = async () => { throw new AddressInvalid('no postcode') }`;
    const { payload, logs, requestId } = await failure(code);
    expect(payload).toMatchObject({ errorType: 'AddressInvalid', errorMessage: 'no postcode' });
    expect(payload.trace[0]).toBe('AddressInvalid: no postcode');
    expect(payload.trace[1]).toMatch(/at exports\.handler.*index\.js:2/);
    expect(logs[0]).toContain(`\t${requestId}\tERROR\tInvoke Error {"errorType":"AddressInvalid","errorMessage":"no postcode"`);
  });

  test.each([
    ['throw "text"', { errorType: 'string', errorMessage: 'text', trace: [] }],
    ['throw 5', { errorType: 'number', errorMessage: '5', trace: [] }],
    ['throw undefined', { errorType: 'undefined', errorMessage: 'undefined', trace: [] }],
    ['throw { a: 1 }', { errorType: 'object', errorMessage: '[object Object]', trace: [] }],
    ['throw Object.create(null)', { errorType: 'handled', errorMessage: expect.stringContaining('there was a problem'), trace: [] }],
  ])('%s', async (statement, expected) => {
    expect((await failure(`exports.handler = async () => { ${statement} }`)).payload).toEqual(expected);
  });

  test('thrown synchronously, and given to the callback', async () => {
    expect((await failure('exports.handler = () => { throw new TypeError("sync") }')).payload).toMatchObject({ errorType: 'TypeError' });
    const code = 'exports.handler = (event, context, callback) => callback(new RangeError("called back"))';
    expect((await failure(code)).payload).toMatchObject({ errorType: 'RangeError', errorMessage: 'called back' });
  });

  test('a result that JSON has no form for, each runtime in its way', async () => {
    const code = 'exports.handler = async () => { const a = {}; a.a = a; return a }';
    const old = await failure(code, { runtime: 'nodejs22.x' });
    expect(old.payload).toMatchObject({ errorType: 'Error', errorMessage: 'Unable to stringify response body' });
    const recent = await failure(code, { runtime: 'nodejs24.x' });
    expect(recent.payload).toMatchObject({ errorType: 'Runtime.JSONStringifyError', errorMessage: 'Unable to stringify response body' });
  });

  test('an unhandled rejection, and the next invocation starts anew', async () => {
    const fn = harness.function(`let count = 0; exports.handler = async (event) => {
      count++;
      if (event.reject) { Promise.reject(new Error('nobody cares')); await new Promise((r) => setTimeout(r, 1000)); }
      return count;
    }`);
    expect((await harness.invoke(fn)).payload).toBe(1);
    expect((await harness.invoke(fn)).payload).toBe(2);
    const rejected = await harness.invoke(fn, { reject: true });
    expect(rejected.payload).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: nobody cares' });
    expect((await harness.invoke(fn)).payload).toBe(1);
  });

  test('an exception in a timer', async () => {
    const code = `exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('in a timer') }, 1))`;
    expect((await failure(code)).payload).toMatchObject({ errorType: 'Error', errorMessage: 'in a timer' });
  });

  test('a crash between two invocations costs a new environment, and nothing else', async () => {
    const fn = harness.function(`let count = 0; exports.handler = async (event) => {
      if (event.bomb) setTimeout(() => { throw new Error('later') }, 1);
      return ++count;
    }`);
    expect((await harness.invoke(fn, { bomb: true })).payload).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await harness.invoke(fn)).payload).toBe(1);
  });

  test.each([
    [1, 'Runtime exited with error: exit status 1'],
    [0, 'Runtime exited without providing a reason'],
  ])('process.exit(%i)', async (code, reason) => {
    const { payload, requestId, logs } = await failure(`exports.handler = async () => { console.log('bye'); process.exit(${code}) }`);
    expect(payload).toEqual({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${reason}` });
    expect(logs).toEqual([expect.stringMatching(/\tINFO\tbye$/)]);
  });

  test('a busy loop ends at the timeout', async () => {
    const code = `exports.handler = async () => { console.log('before'); for (;;); }`;
    const { payload, logs, requestId } = await failure(code, { timeoutSeconds: 1 });
    expect(payload).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
    });
    expect(logs).toEqual([
      expect.stringMatching(/\tINFO\tbefore$/),
      `2031-03-04T05:06:07.890Z ${requestId} Task timed out after 1.00 seconds`,
    ]);
  });

  test('a handler that hangs ends at the timeout; the next one is not hurt by it', async () => {
    const fn = harness.function('exports.handler = async (event) => event.hang ? new Promise((r) => setTimeout(r, 60_000)) : "fine"', {
      timeoutSeconds: 1,
    });
    expect((await harness.invoke(fn, { hang: true })).payload.errorType).toBe('Sandbox.Timedout');
    expect((await harness.invoke(fn)).payload).toBe('fine');
  });

  test('loading does not count for the timeout', async () => {
    const code = `const end = performance.now() + 1200; while (performance.now() < end); exports.handler = async () => 'loaded'`;
    expect((await harness.run(code, { timeoutSeconds: 1 })).payload).toBe('loaded');
  });

  test.each([
    ['heap, in a busy loop', 'for (;;) all.push({ n: all.length, text: String(all.length), list: [1, 2, 3] })'],
    [
      'heap, step by step',
      'for (;;) { all.push(JSON.parse(JSON.stringify(new Array(10_000).fill(all.length)))); await new Promise(setImmediate) }',
    ],
    ['buffers', 'for (;;) { all.push(Buffer.alloc(1_000_000, 1)); await new Promise(setImmediate) }'],
    ['at the very end', 'all.push(Buffer.alloc(200_000_000, 1)); globalThis.all = all'],
  ])('more memory than the function has: %s', async (_, code) => {
    const { payload, requestId } = await failure(`exports.handler = async () => { const all = []; ${code} }`, { timeoutSeconds: 60 });
    expect(payload).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
    });
  });

  test('garbage is no memory', async () => {
    const code = `exports.handler = async () => {
      for (let i = 0; i < 400; i++) { Buffer.alloc(1_000_000, 1); new Array(100_000).fill(i).join(); if (i % 20 === 0) await new Promise(setImmediate) }
      return 'done' }`;
    expect((await harness.run(code, { timeoutSeconds: 60 })).payload).toBe('done');
  });

  test.each([
    [
      'a missing module',
      { 'index.js': 'require("left-pad"); exports.handler = async () => 1' },
      'index.handler',
      'Runtime.ImportModuleError',
      "Error: Cannot find module 'left-pad'",
    ],
    [
      'a client of the SDK that neither the runner nor the project has',
      { 'index.js': 'require("@aws-sdk/client-nobody"); exports.handler = async () => 1' },
      'index.handler',
      'Runtime.ImportModuleError',
      "Error: Cannot find module '@aws-sdk/client-nobody'\nstepworks: of the AWS SDK that Lambda's runtime has, the local runner carries only",
    ],
    [
      'the same of an import',
      { 'index.mjs': 'import "@aws-sdk/client-nobody"; export const handler = async () => 1' },
      'index.handler',
      'Error',
      "Cannot find module '@aws-sdk/client-nobody'\nstepworks: of the AWS SDK that Lambda's runtime has, the local runner carries only",
    ],
    ['a missing file', { 'index.js': '' }, 'main.handler', 'Runtime.ImportModuleError', "Error: Cannot find module 'main'"],
    [
      'a missing export',
      { 'index.js': 'exports.other = 1' },
      'index.handler',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    [
      'an export that is no function',
      { 'index.js': 'exports.handler = 5' },
      'index.handler',
      'Runtime.HandlerNotFound',
      'index.handler is not a function',
    ],
    ['no export named', { 'index.js': '' }, 'index', 'Runtime.MalformedHandlerName', 'Bad handler'],
    [
      'a path upwards',
      { 'index.js': '' },
      '../index.handler',
      'Runtime.MalformedHandlerName',
      "'../index.handler' is not a valid handler name",
    ],
    ['a syntax error', { 'index.js': 'exports.handler = async (=>' }, 'index.handler', 'Runtime.UserCodeSyntaxError', 'SyntaxError: '],
    ['an error while loading', { 'index.js': 'throw new TypeError("at load")' }, 'index.handler', 'TypeError', 'at load'],
    [
      'a missing package in an ES module',
      { 'index.mjs': 'import "left-pad"; export const handler = async () => 1' },
      'index.handler',
      'Error',
      "Cannot find package 'left-pad'",
    ],
  ])('%s', async (_, files, handler, errorType, message) => {
    const { payload } = await failure(files, { handler });
    expect(payload.errorType).toBe(errorType);
    expect(payload.errorMessage).toContain(message);
  });

  test('processes that a function started end with it', async () => {
    const code = `const { spawn } = require('node:child_process');
      exports.handler = async () => {
        const child = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
        const grandchild = await new Promise((resolve) => child.stdout.once('data', (d) => resolve(Number(d))));
        console.log(JSON.stringify([child.pid, grandchild]));
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }`;
    const { payload, logs } = await failure(code, { timeoutSeconds: 1 });
    expect(payload.errorType).toBe('Sandbox.Timedout');
    const pids: number[] = JSON.parse(logs[0].split('\t')[3]);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await ended(pid)).toBe(true);
  });

  test('a synchronous child process ends at the timeout as well', async () => {
    const code = `exports.handler = async () => require('node:child_process').execSync('sleep 60')`;
    const { payload } = await failure(code, { timeoutSeconds: 1 });
    expect(payload.errorType).toMatch(/Sandbox.Timedout|Error/);
  });

  test('disposing ends what runs, and leaves no temporary folder', async () => {
    const other = new Harness();
    const fn = other.function('', { inlineCode: 'exports.handler = async () => __dirname' });
    const folder = (await other.invoke(fn)).payload;
    expect(existsSync(folder)).toBe(true);
    const running = other.invoke(
      other.function('exports.handler = () => new Promise((r) => setTimeout(r, 60_000))', { timeoutSeconds: 60 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.dispose();
    expect((await running).payload.errorType).toBe('Runtime.ExitError');
    expect(existsSync(path.dirname(folder))).toBe(false);
    await expect(other.invoke(fn)).rejects.toThrow('after the runtime was disposed of');
  });
});

async function ended(pid: number): Promise<boolean> {
  for (let i = 0; i < 50; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    // a zombie waits for its parent, which may be init and slow
    if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
