import { spawn } from 'node:child_process';

/**
 * What is left behind when this process is killed outright, so that none of its own code runs any more, somebody else has to put away: a
 * shell that waits for its input to end. On Windows, which has none, it stays.
 */

/** A folder that goes with this process. The function that it gives lets go of it, which must be gone by then. */
export function guardFolder(folder: string): () => void {
  return guard('rm -rf -- "$it"', folder);
}

/** A process that goes with this one, and all that it started. */
export function guardProcess(pid: number): () => void {
  const end = 'end() { for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || pgrep -P "$1"); do end "$child"; done; kill -9 "$1"; }';
  return guard(`${end}; end "$it"`, String(pid));
}

/** The processes of a group. */
export function guardProcessGroup(pid: number): () => void {
  return guard('kill -s KILL -- "-$it"', String(pid));
}

function guard(undo: string, it: string): () => void {
  if (process.platform === 'win32') return () => undefined;
  // It is in a session of its own, where neither Ctrl-C nor a signal to this process's group reaches it.
  const shell = spawn('/bin/sh', ['-c', `IFS= read -r it; read -r nothing; ${undo}`], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => undefined); // no shell, no guard
  shell.stdin.on('error', () => undefined);
  shell.stdin.write(`${it}\n`);
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return () => void shell.kill('SIGKILL');
}
