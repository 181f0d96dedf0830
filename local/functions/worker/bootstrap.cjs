'use strict';
/**
 * The entry of a worker thread: one Lambda execution environment. It makes the thread look like Lambda's Node.js runtime, loads
 * the handler, and answers invocations one at a time. Plain JavaScript, so that it runs from the sources and from a bundle alike.
 *
 * It is no sandbox for hostile code: a handler may still read files and start processes as the user who runs the tests.
 */
const { parentPort, workerData } = require('node:worker_threads');
const { installDate } = require('./date.cjs');
const { installOutput } = require('./output.cjs');
const { guardNetwork } = require('./egress.cjs');
const { trackProcesses } = require('./processes.cjs');
const { installModules } = require('./modules.cjs');
const { loadHandler } = require('./handler.cjs');
const { invoke } = require('./invoke.cjs');
const { watchMemory } = require('./memory.cjs');
const { whenQuiet } = require('./quiet.cjs');
const { errorShape, UnhandledPromiseRejection } = require('./errors.cjs');

const { root, handler, runtime, memoryMb, layers, sdkPaths, time, credit, nodeOptions } = workerData;
const post = (message) => parentPort.postMessage(message);
const now = () => Number(Atomics.load(time, 0));
/** The invocation in hand; none while the handler's module loads. */
const current = { requestId: undefined, deadline: Number.POSITIVE_INFINITY };

process.cwd = () => root; // a worker can't change its directory; this serves path.resolve, but fs still takes relative paths from the host's
if (nodeOptions.includes('--enable-source-maps')) process.setSourceMapsEnabled(true);
installDate({ now, timeZone: process.env.TZ });
const output = installOutput({ write: (line) => post({ type: 'log', line }), current });
process.on('exit', () => output.flush());
guardNetwork();
/** Of the invocation's time; what of it did not pass as real time is in `credit`. */
const remaining = () => current.deadline + Number(Atomics.load(credit, 0)) - performance.now();
trackProcesses({ post, remaining });

const isOutOfMemory = watchMemory(memoryMb * 1024 * 1024, () => post({ type: 'out-of-memory' }));

/** After these Lambda ends the environment: whatever was left in memory isn't trusted. */
const fatal = (label, error) => {
  output.error(label, error);
  post({ type: 'crash', error: errorShape(error) });
};
process.on('uncaughtException', (error) => fatal('Uncaught Exception', error));
process.on('unhandledRejection', (reason, promise) => fatal('Unhandled Promise Rejection', new UnhandledPromiseRejection(reason, promise)));

async function main() {
  installModules({ root, layers, sdkPaths, handler, runtime });
  const fn = await loadHandler(root, handler, runtime);
  parentPort.on('message', (invocation) => {
    if (invocation.question !== undefined) return whenQuiet(() => post({ type: 'quiet', question: invocation.question }));
    // The port must not keep the event loop alive: that it runs empty means something to Lambda.
    parentPort.unref();
    current.requestId = invocation.requestId;
    current.deadline = performance.now() + invocation.timeoutMs;
    process.env._X_AMZN_TRACE_ID = invocation.traceId;
    invoke({ fn, invocation, runtime, remaining, output, done });
  });
  post({ type: 'ready' });
}

function done(message) {
  output.flush();
  current.deadline = Number.POSITIVE_INFINITY;
  parentPort.ref();
  if (!isOutOfMemory()) post(message);
}

main().catch((error) => {
  output.error('Init Error', error);
  output.flush();
  post({ type: 'crash', error: errorShape(error) });
});
