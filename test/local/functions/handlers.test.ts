import { Harness } from './harness';

describe('the forms of a handler', () => {
  let harness: Harness;
  beforeAll(() => {
    harness = new Harness();
  });
  afterAll(() => harness.dispose());

  test('async', async () => {
    const { payload, functionError } = await harness.run('exports.handler = async (event) => ({ got: event.a + 1 })', {}, { a: 1 });
    expect(payload).toEqual({ got: 2 });
    expect(functionError).toBeUndefined();
  });

  test('undefined becomes null', async () => {
    expect((await harness.run('exports.handler = async () => {}')).payload).toBeNull();
  });

  test('any thenable counts as a promise', async () => {
    expect((await harness.run('exports.handler = () => ({ then: (done) => done("late") })')).payload).toBe('late');
  });

  test('callback', async () => {
    const code = 'exports.handler = (event, context, callback) => setTimeout(() => callback(null, event.name), 5)';
    expect((await harness.run(code, {}, { name: 'Ada' })).payload).toBe('Ada');
  });

  test('a callback waits for the empty event loop, and does not when told so', async () => {
    const code = `exports.handler = (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = event.wait;
      setTimeout(() => console.log('late work'), 60);
      callback(null, 'done');
    }`;
    const fn = harness.function(code);
    const waited = await harness.invoke(fn, { wait: true });
    expect([waited.payload, waited.logs.length]).toEqual(['done', 1]);
    const hurried = await harness.invoke(fn, { wait: false });
    expect([hurried.payload, hurried.logs.length]).toEqual(['done', 0]);
  });

  test('context.succeed, fail and done', async () => {
    const fn = harness.function('exports.handler = (event, context) => { context[event.how](...event.with) }');
    expect((await harness.invoke(fn, { how: 'succeed', with: [1] })).payload).toBe(1);
    expect((await harness.invoke(fn, { how: 'done', with: [null, 2] })).payload).toBe(2);
    expect((await harness.invoke(fn, { how: 'fail', with: ['no'] })).payload).toEqual({
      errorType: 'string',
      errorMessage: 'no',
      trace: [],
    });
  });

  // nodejs22.x gives null, the newer runtime awaits whatever is returned
  test('what is returned without a promise is nobody’s before Node.js 24', async () => {
    const code = 'exports.handler = () => 5';
    expect((await harness.run(code, { runtime: 'nodejs22.x' })).payload).toBeNull();
    expect((await harness.run(code, { runtime: 'nodejs24.x' })).payload).toBe(5);
  });

  test('Node.js 24 refuses callbacks', async () => {
    const { payload, functionError } = await harness.run('exports.handler = (event, context, callback) => callback(null, 1)', {
      runtime: 'nodejs24.x',
    });
    expect(functionError).toBe('Unhandled');
    expect(payload.errorType).toBe('Runtime.CallbackHandlerDeprecated');
  });

  test('a promise that is never settled', async () => {
    const { payload } = await harness.run('exports.handler = () => new Promise(() => {})');
    expect(payload.errorType).toBe('Runtime.NodeJsExit');
    expect(payload.errorMessage).toContain('a Promise that was never settled');
  });

  test('the context', async () => {
    const code = `exports.handler = async (event, context) => ({
      ...context, remaining: context.getRemainingTimeInMillis(), functions: Object.keys(context).filter((k) => typeof context[k] === 'function') })`;
    const fn = harness.function(code, { timeoutSeconds: 7, memoryMb: 256 });
    const { payload, requestId } = await harness.invoke(fn);
    expect(payload).toMatchObject({
      callbackWaitsForEmptyEventLoop: true,
      functionName: fn.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: fn.arn,
      memoryLimitInMB: '256',
      awsRequestId: requestId,
      logGroupName: `/aws/lambda/${fn.name}`,
      logStreamName: expect.stringMatching(/^2031\/03\/04\/\[\$LATEST\][0-9a-f]{32}$/),
      functions: ['getRemainingTimeInMillis', 'done', 'succeed', 'fail'],
    });
    expect(payload.remaining).toBeGreaterThan(5000);
    expect(payload.remaining).toBeLessThanOrEqual(7000);
  });

  test.each([
    ['nested folders', { 'src/app/main.js': 'exports.handler = async () => 1' }, 'src/app/main.handler'],
    ['a nested export', { 'index.js': 'exports.api = { v1: { run: async () => 1 } }' }, 'index.api.v1.run'],
    ['.cjs', { 'index.cjs': 'exports.handler = async () => 1' }, 'index.handler'],
    ['.mjs', { 'index.mjs': 'export const handler = async () => 1' }, 'index.handler'],
    [
      '.js in a module package',
      { 'index.js': 'export const handler = async () => 1', 'package.json': '{"type":"module"}' },
      'index.handler',
    ],
    ['a default export', { 'index.mjs': 'export default { handler: async () => 1 }' }, 'index.handler'],
    ['no extension', { index: 'exports.handler = async () => 1' }, 'index.handler'],
    ['a folder with an index', { 'lib/index.js': 'exports.handler = async () => 1' }, 'lib.handler'],
    ['top-level await', { 'index.mjs': 'const one = await Promise.resolve(1); export const handler = async () => one' }, 'index.handler'],
  ])('%s', async (_, files, handler) => {
    const { payload } = await harness.run(files, { handler });
    expect(payload).toBe(1);
  });

  test.each(['nodejs18.x', 'nodejs20.x', 'nodejs22.x', 'nodejs24.x'])('%s', async (runtime) => {
    const { payload } = await harness.run('exports.handler = async () => process.env.AWS_EXECUTION_ENV', { runtime });
    expect(payload).toBe(`AWS_Lambda_${runtime}`);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html: experimental features that Lambda disables
  describe.each(['nodejs20.x', 'nodejs22.x'])('require of an ES module in %s', (runtime) => {
    const files = { 'index.js': 'exports.handler = async () => require("./part.mjs").one', 'part.mjs': 'export const one = 1' };

    test('is refused', async () => {
      expect((await harness.run(files, { runtime })).payload.errorMessage).toMatch(/require\(\) of ES Module/);
    });

    test('works when NODE_OPTIONS allows it', async () => {
      const environment = { NODE_OPTIONS: '--experimental-require-module' };
      expect((await harness.run(files, { runtime, environment })).payload).toBe(1);
    });
  });

  test('require of an ES module in nodejs24.x', async () => {
    const files = { 'index.js': 'exports.handler = async () => require("./part.mjs").one', 'part.mjs': 'export const one = 1' };
    expect((await harness.run(files, { runtime: 'nodejs24.x' })).payload).toBe(1);
  });

  test.each(['python3.13', 'java21', 'provided.al2023', 'nodejs26.x', 'nodejs'])('%s is refused by name', async (runtime) => {
    const fn = harness.function('', { runtime });
    await expect(harness.invoke(fn)).rejects.toThrow(
      `Not served by the local runner (stepworks): the runtime ${runtime}, only nodejs18.x to nodejs24.x. Put code of your own in its place: cloud.function('${fn.name}').replaceWith(event => …).`,
    );
  });

  test('code that stands in the template', async () => {
    const fn = harness.function('', { inlineCode: 'exports.handler = async () => "inline"', codeDirectory: '/nowhere' });
    expect((await harness.invoke(fn)).payload).toBe('inline');
  });

  test('a response may have 6 MB, a request too', async () => {
    const fn = harness.function('exports.handler = async ({ size }) => "x".repeat(size)');
    expect((await harness.invoke(fn, { size: 6_291_554 })).payload).toHaveLength(6_291_554);
    const { payload, functionError } = await harness.invoke(fn, { size: 6_291_555 });
    expect(functionError).toBe('Unhandled');
    expect(payload).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    await expect(harness.runtime.invoke(fn, JSON.stringify('x'.repeat(6_291_455)))).rejects.toMatchObject({
      code: 'RequestTooLargeException',
      message: '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    });
  });
});
