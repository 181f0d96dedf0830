'use strict';
/** One invocation: the three forms of a handler, and the context object. */
const { errorShape, JsonStringifyError } = require('./errors.cjs');
const { nodeMajor } = require('./handler.cjs');

function invoke({ fn, invocation, runtime, remaining, output, done }) {
  const callbacks = nodeMajor(runtime) < 24;
  let settled = false;
  let promised = false;

  const settle = (message) => {
    if (settled) return;
    settled = true;
    process.removeListener('beforeExit', onEmptyLoop);
    // An unhandled rejection of the same turn must be seen before the answer is.
    setImmediate(() => done(message));
  };
  const fail = (error) => {
    output.error('Invoke Error', error);
    settle({ type: 'error', error: errorShape(error) });
  };
  const succeed = (result) => {
    let payload;
    try {
      payload = JSON.stringify(result === undefined ? null : result) ?? 'null';
    } catch {
      const message = 'Unable to stringify response body';
      fail(callbacks ? new Error(message) : new JsonStringifyError(message));
      return;
    }
    settle({ type: 'result', payload });
  };

  /** The callback's answer waits until nothing is left to do, unless `callbackWaitsForEmptyEventLoop` is false. */
  let waiting;
  let answered = false;
  const callback = (error, result) => {
    if (answered || settled) return;
    answered = true;
    if (error !== undefined && error !== null) fail(error);
    else if (context.callbackWaitsForEmptyEventLoop) waiting = () => succeed(result);
    else succeed(result);
  };

  // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html, Runtime.NodejsExit; a handler without a promise
  // that never calls back has null for a result.
  const onEmptyLoop = () => {
    if (waiting) waiting();
    else if (promised) settle({ type: 'crash', error: neverSettled(invocation.requestId) });
    else succeed(null);
  };
  process.on('beforeExit', onEmptyLoop);

  // https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: invocation.arn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: invocation.requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: undefined,
    clientContext: undefined,
    /** Real time while the handler works, the virtual clock's while it waits: that is what the function's timeout counts. */
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(remaining())),
  };
  if (callbacks) {
    context.done = (error, result) => (error === undefined || error === null ? succeed(result) : fail(error));
    context.succeed = succeed;
    context.fail = (error) => fail(error ?? 'handled');
  }

  try {
    const event = JSON.parse(invocation.payload);
    const result = callbacks ? fn(event, context, callback) : fn(event, context);
    if (typeof result?.then === 'function') {
      promised = true;
      result.then(succeed, fail);
    } else if (!callbacks) {
      succeed(result); // before Node.js 24, a value that is returned without a promise is nobody's
    }
  } catch (error) {
    fail(error);
  }
}

function neverSettled(requestId) {
  return { errorType: 'Runtime.NodeJsExit', errorMessage: `RequestId: ${requestId} Error: a Promise that was never settled`, trace: [] };
}

module.exports = { invoke };
