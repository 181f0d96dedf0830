'use strict';
/**
 * Child processes: the host is told of each, so that none outlives its function, and what they inherit as output becomes log lines.
 */
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');

function trackProcesses({ post, remaining }) {
  const { ChildProcess } = childProcess;
  const { spawn } = ChildProcess.prototype;
  ChildProcess.prototype.spawn = function (options) {
    const captured = withoutInherited(options.stdio);
    const result = spawn.call(this, { ...options, stdio: captured.stdio });
    if (this.pid !== undefined) {
      const { pid } = this;
      post({ type: 'process', pid });
      this.once('exit', () => post({ type: 'process-end', pid }));
    }
    if (captured.out) this.stdout?.on('data', (chunk) => process.stdout.write(chunk));
    if (captured.err) this.stderr?.on('data', (chunk) => process.stderr.write(chunk));
    return result;
  };

  // A thread that waits for a process can't be terminated, so a synchronous child ends with the invocation's time.
  const limited = (options = {}) => {
    const left = Math.max(1, Math.ceil(remaining()));
    const timeout = Number.isFinite(left) ? Math.min(options.timeout || left, left) : options.timeout;
    return { ...options, timeout, killSignal: options.killSignal ?? 'SIGKILL' };
  };
  const { spawnSync, execSync, execFileSync } = childProcess;
  childProcess.spawnSync = (file, ...rest) => {
    const [args, options] = argumentsAndOptions(rest);
    const captured = withoutInherited(options.stdio);
    const result = spawnSync(file, args, limited({ ...options, stdio: captured.stdio }));
    if (captured.out && result.stdout) process.stdout.write(result.stdout);
    if (captured.err && result.stderr) process.stderr.write(result.stderr);
    return result;
  };
  const output = (run) => (options) => {
    const captured = withoutInherited(options.stdio);
    // With no stdio at all, Node hands the child's errors on by itself.
    const result = run(limited({ ...options, stdio: captured.err && captured.out ? undefined : captured.stdio }));
    if (!captured.out) return result;
    process.stdout.write(result);
    return null;
  };
  childProcess.execSync = (command, options = {}) => output((with_) => execSync(command, with_))(options);
  childProcess.execFileSync = (file, ...rest) => {
    const [args, options] = argumentsAndOptions(rest);
    return output((with_) => execFileSync(file, args, with_))(options);
  };
  syncBuiltinESMExports();
}

function argumentsAndOptions(rest) {
  return Array.isArray(rest[0]) ? [rest[0], rest[1] ?? {}] : [[], rest[0] ?? {}];
}

/** `inherit` would be the host's own standard streams. */
function withoutInherited(stdio) {
  const each = typeof stdio === 'string' ? [stdio, stdio, stdio] : [...(stdio ?? [])];
  const inherits = (fd, stream) => each[fd] === 'inherit' || each[fd] === fd || (each[fd] !== undefined && each[fd] === stream);
  const out = inherits(1, process.stdout);
  const err = inherits(2, process.stderr);
  if (each[0] === 'inherit' || each[0] === 0 || each[0] === process.stdin) each[0] = 'ignore';
  if (out) each[1] = 'pipe';
  if (err) each[2] = 'pipe';
  return { stdio: stdio === undefined ? undefined : each, out, err };
}

module.exports = { trackProcesses };
