'use strict';
/**
 * The function's memory limit. V8's own limit is no good for it: a worker that runs into it may take the whole process down. So
 * V8 gets more than the function has, and heap and buffers are looked at here, and from the host while the handler's loop is busy.
 */
const v8 = require('node:v8');
const vm = require('node:vm');

const INTERVAL_MS = 100;

/** Calls `exceeded` when more than `limit` bytes are in use. Returns a function that looks at once. */
function watchMemory(limit, exceeded) {
  const check = () => {
    if (used() <= limit) return false;
    collectGarbage(); // what is counted may be waiting for collection only
    if (used() <= limit) return false;
    exceeded();
    return true;
  };
  setInterval(check, INTERVAL_MS).unref();
  return check;
}

function used() {
  const { used_heap_size: heap, external_memory: buffers } = v8.getHeapStatistics();
  return heap + buffers;
}

function collectGarbage() {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  v8.setFlagsFromString('--no-expose-gc');
  collect();
}

module.exports = { watchMemory };
