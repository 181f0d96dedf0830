'use strict';
/**
 * What a handler writes becomes log lines, and nothing of it reaches the host's own output. Formats:
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { format } = require('node:util');
const { errorShape } = require('./errors.cjs');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const METHODS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };

function installOutput({ write, current }) {
  const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
  const least = json ? Math.max(0, LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO')) : 0;

  for (const [method, level] of Object.entries(METHODS)) {
    console[method] = (...values) => {
      if (LEVELS.indexOf(level) < least) return;
      flush();
      write((json ? jsonLine : textLine)(new Date().toISOString(), current.requestId, level, values));
    };
  }

  /** Text without its newline yet, by file descriptor. */
  const pending = { 1: '', 2: '' };
  const raw = (fd, chunk, encoding) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString();
    const decoded =
      typeof chunk === 'string' && Buffer.isEncoding(encoding) && encoding !== 'utf8' ? Buffer.from(text, encoding).toString() : text;
    const lines = (pending[fd] + decoded).split('\n');
    pending[fd] = lines.pop();
    for (const line of lines) write(line);
  };
  const flush = () => {
    for (const fd of [1, 2]) {
      if (pending[fd]) write(pending[fd]);
      pending[fd] = '';
    }
  };
  for (const [fd, stream] of [
    [1, process.stdout],
    [2, process.stderr],
  ]) {
    stream.write = (chunk, encoding, callback) => {
      raw(fd, chunk, encoding);
      const then = typeof encoding === 'function' ? encoding : callback;
      if (then) queueMicrotask(() => then(null));
      return true;
    };
  }
  captureFileDescriptors(raw);

  /** The line that the runtime itself writes about an error. */
  const error = (label, cause) => console.error(label, json ? cause : JSON.stringify(described(cause)));
  return { flush, error };
}

/** Loggers such as pino write to the file descriptors 1 and 2 themselves. */
function captureFileDescriptors(raw) {
  const isOutput = (fd) => fd === 1 || fd === 2;
  const { writeSync, write } = fs;
  const slice = (data, offset, length) =>
    typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset + (offset ?? 0), length ?? data.byteLength - (offset ?? 0));
  fs.writeSync = (fd, data, offset, length, ...rest) => {
    if (!isOutput(fd)) return writeSync(fd, data, offset, length, ...rest);
    const chunk = typeof offset === 'object' && offset !== null ? slice(data, offset.offset, offset.length) : slice(data, offset, length);
    raw(fd, chunk, typeof data === 'string' ? length : undefined);
    return Buffer.byteLength(chunk);
  };
  fs.write = (fd, data, ...rest) => {
    if (!isOutput(fd)) return write(fd, data, ...rest);
    const callback = rest.pop();
    const written = fs.writeSync(fd, data, ...rest);
    process.nextTick(() => callback(null, written, data));
    return undefined;
  };
  syncBuiltinESMExports();
}

function textLine(time, requestId, level, values) {
  return [time, String(requestId), level, format(...values)].join('\t'); // while a module loads Lambda says "undefined"
}

function jsonLine(timestamp, requestId, level, values) {
  const line = { timestamp, level, requestId, message: values.length === 1 ? values[0] : format(...values) };
  const failure = values.length > 1 && values.find((value) => value instanceof Error);
  if (failure) {
    const { errorType, errorMessage, trace } = errorShape(failure);
    Object.assign(line, { errorType, errorMessage, stackTrace: trace });
  }
  const replace = (_, value) => (value instanceof Error ? described(value) : value);
  try {
    return JSON.stringify(line, replace);
  } catch {
    return JSON.stringify({ ...line, message: format(...values) });
  }
}

function described(error) {
  const { errorType, errorMessage, trace } = errorShape(error);
  return { errorType, errorMessage, ...(error instanceof Error ? error : {}), stack: trace };
}

module.exports = { installOutput };
