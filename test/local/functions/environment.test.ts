import { existsSync } from 'node:fs';
import { Harness, START } from './harness';

describe('what a handler finds around it', () => {
  let harness: Harness;
  beforeAll(() => {
    process.env.STEPWORKS_HOST_SECRET = 'host';
    harness = new Harness({ endpointUrl: 'http://127.0.0.1:4566', kinesisEndpointUrl: 'http://127.0.0.1:4567' });
  });
  afterAll(async () => {
    delete process.env.STEPWORKS_HOST_SECRET;
    await harness.dispose();
  });

  test('Lambda’s variables, the function’s own, and nothing of the host', async () => {
    const fn = harness.function('exports.handler = async () => process.env', {
      environment: { TABLE: 'Accounts', AWS_REGION: 'no', AWS_ENDPOINT_URL: 'no' },
      memoryMb: 512,
      runtime: 'nodejs24.x',
    });
    const { payload } = await harness.invoke(fn);
    const { _X_AMZN_TRACE_ID, AWS_LAMBDA_LOG_STREAM_NAME, LAMBDA_TASK_ROOT, TMPDIR, ...rest } = payload;
    expect(_X_AMZN_TRACE_ID).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    expect(AWS_LAMBDA_LOG_STREAM_NAME).toContain('[$LATEST]');
    expect(LAMBDA_TASK_ROOT.endsWith(fn.name)).toBe(true);
    expect(existsSync(TMPDIR)).toBe(true);
    expect(rest).toEqual({
      AWS_ACCESS_KEY_ID: `ASIA${fn.name}Role`,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ENDPOINT_URL_KINESIS: 'http://127.0.0.1:4567',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
      AWS_REGION: 'eu-west-1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      LD_LIBRARY_PATH: expect.any(String),
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      TABLE: 'Accounts',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
    });
  });

  test('a change of the environment stays in the worker', async () => {
    await harness.run('exports.handler = async () => { process.env.STEPWORKS_HOST_SECRET = "changed" }');
    expect(process.env.STEPWORKS_HOST_SECRET).toBe('host');
  });

  test('a disk of its own, which the next invocation finds again and which ends with the environment', async () => {
    const code = `const { readdirSync, writeFileSync } = require('node:fs');
      const disk = require('node:os').tmpdir();
      exports.handler = async ({ file, hangs }) => {
        const found = readdirSync(disk);
        writeFileSync(require('node:path').join(disk, file), disk);
        if (hangs) console.log(disk);
        return hangs ? new Promise(() => setInterval(() => {}, 1000)) : { disk, found };
      }`;
    const other = new Harness();
    const fn = other.function(code, { timeoutSeconds: 1 });
    const { disk, found } = (await other.invoke(fn, { file: 'a' })).payload;
    expect([found, (await other.invoke(fn, { file: 'b' })).payload]).toEqual([[], { disk, found: ['a'] }]);
    const [second] = await Promise.all([other.function(code), other.function(code)].map((next) => other.invoke(next, { file: 'c' })));
    expect([second.payload.disk === disk, second.payload.found]).toEqual([false, []]);

    const { logs } = await other.invoke(fn, { file: 'd', hangs: true });
    expect(logs.join()).toContain(disk);
    expect(existsSync(disk)).toBe(false);
    expect(existsSync(second.payload.disk)).toBe(true);
    await other.dispose();
    expect(existsSync(second.payload.disk)).toBe(false);
  });

  test('the current directory is the asset', async () => {
    const code = 'exports.handler = async () => [process.cwd(), require("path").resolve("data.json"), process.env.LAMBDA_TASK_ROOT]';
    const { payload } = await harness.run(code);
    expect(payload[0]).toBe(payload[2]);
    expect(payload[1]).toBe(`${payload[2]}/data.json`);
  });

  test('request ids are the same in every run', async () => {
    const other = new Harness();
    const ids = async (of: Harness) => {
      const fn = { ...of.function('exports.handler = async () => 1'), arn: 'arn:aws:lambda:eu-west-1:111122223333:function:Same' };
      return [(await of.invoke(fn)).requestId, (await of.invoke(fn)).requestId];
    };
    const [first, second] = await ids(harness);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(second).not.toBe(first);
    expect(await ids(other)).toEqual([first, second]);
    await other.dispose();
  });

  test('environments are reused, and one invocation at a time runs in each', async () => {
    const fn = harness.function(`let calls = 0, running = 0; const id = Math.random();
      exports.handler = async (event) => {
        if (++running > 1) throw new Error('two at once');
        await new Promise((r) => setTimeout(r, 20));
        running--;
        return { id, calls: ++calls, n: event.n };
      }`);
    const results = await Promise.all(Array.from({ length: 24 }, (_, n) => harness.invoke(fn, { n })));
    expect(results.map(({ payload }) => payload.n)).toEqual(Array.from({ length: 24 }, (_, n) => n));
    const environments = new Set(results.map(({ payload }) => payload.id));
    expect(environments.size).toBeGreaterThan(1);
    expect(environments.size).toBeLessThan(24);
    const again = await harness.invoke(fn, { n: 0 });
    expect(environments.has(again.payload.id)).toBe(true);
    expect(again.payload.calls).toBeGreaterThan(1);
  });

  test('a function that waits for its own kind does not wait forever', async () => {
    const narrow = new Harness({ concurrency: 1 });
    // The endpoint answers the outer invocation when the inner one has ended, as `lambda:Invoke` does.
    const url = await narrow.endpoint(async () => (await narrow.invoke(fn, {})).payload);
    const fn = narrow.function('exports.handler = async ({ url }) => (url ? { inner: await (await fetch(url)).json() } : "innermost")');
    expect((await narrow.invoke(fn, { url })).payload).toEqual({ inner: 'innermost' });
    await narrow.dispose();
  });

  test('a changed configuration starts a new environment', async () => {
    const fn = harness.function('exports.handler = async () => process.env.COLOUR', { environment: { COLOUR: 'red' } });
    expect((await harness.invoke(fn)).payload).toBe('red');
    expect((await harness.invoke({ ...fn, environment: { COLOUR: 'blue' } })).payload).toBe('blue');
  });

  test('time stands still while a handler runs, on the cloud’s clock', async () => {
    const fn = harness.function('exports.handler = async () => { await new Promise((r) => setTimeout(r, 80)); return Date.now() }');
    const invocation = harness.invoke(fn);
    const week = harness.clock.advance(7 * 86_400_000);
    expect((await invocation).payload).toBe(START);
    await week;
    expect(harness.clock.now()).toBe(START + 7 * 86_400_000);
  });
});

describe('the log', () => {
  let harness: Harness;
  beforeAll(() => {
    harness = new Harness();
  });
  afterAll(() => harness.dispose());

  test('console, the streams and the file descriptors, in order', async () => {
    const code = `const fs = require('node:fs'); console.log('loading');
      exports.handler = async () => {
        console.log('one %d', 1); console.info('two'); console.warn('three'); console.error('four'); console.debug({ five: 5 });
        process.stdout.write('half '); process.stdout.write('line\\nwhole\\n');
        fs.writeSync(1, 'by descriptor\\n'); fs.writeSync(2, Buffer.from('xx error\\n'), 3);
        console.log('several\\nlines'); process.stderr.write('no newline');
      }`;
    const { logs, requestId } = await harness.run(code);
    const at = '2031-03-04T05:06:07.890Z';
    expect(logs).toEqual([
      `${at}\tundefined\tINFO\tloading`,
      `${at}\t${requestId}\tINFO\tone 1`,
      `${at}\t${requestId}\tINFO\ttwo`,
      `${at}\t${requestId}\tWARN\tthree`,
      `${at}\t${requestId}\tERROR\tfour`,
      `${at}\t${requestId}\tDEBUG\t{ five: 5 }`,
      'half line',
      'whole',
      'by descriptor',
      'error',
      `${at}\t${requestId}\tINFO\tseveral\nlines`,
      'no newline',
    ]);
  });

  test('the log format JSON, and its level', async () => {
    const code =
      'exports.handler = async () => { console.debug("no"); console.log({ a: 1 }); console.error("failed:", new TypeError("bad")) }';
    const { logs, requestId } = await harness.run(code, { environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'INFO' } });
    const [first, second] = logs.map((line) => JSON.parse(line));
    expect(logs).toHaveLength(2);
    expect(first).toEqual({ timestamp: '2031-03-04T05:06:07.890Z', level: 'INFO', requestId, message: { a: 1 } });
    expect(second).toMatchObject({ level: 'ERROR', errorType: 'TypeError', errorMessage: 'bad' });
  });

  test('child processes that inherit the streams', async () => {
    const code = `const { execFileSync, spawn, spawnSync } = require('node:child_process');
      exports.handler = async () => {
        await new Promise((r) => spawn('sh', ['-c', 'echo spawned; echo failed >&2'], { stdio: 'inherit' }).on('close', r));
        spawnSync('echo', ['spawned sync'], { stdio: 'inherit' });
        return [String(execFileSync('echo', ['captured'])), execFileSync('echo', ['inherited'], { stdio: 'inherit' })];
      }`;
    const { logs, payload } = await harness.run(code);
    expect(payload).toEqual(['captured\n', null]);
    expect([...logs].sort()).toEqual(['failed', 'inherited', 'spawned', 'spawned sync']);
  });
});
