import { type ChildProcess, spawn } from 'node:child_process';

/**
 * What is left behind when this process is killed outright, so that none of its own code runs any more, somebody else has to put away: a
 * shell that waits for its input to end. On Windows, which has none, it stays.
 */

/** A folder that goes with this process. The function that it gives lets go of it, which must be gone by then. */
export function guardFolder(folder: string): () => void {
  return guard('rm -rf -- "$it"', folder);
}

/** A process that goes with this one, and all that it started. The function that it gives lets go of it, which has ended by then. */
export function guardProcess(pid: number): () => void {
  return processes.add(pid);
}

/** The processes of a group. */
export function guardProcessGroup(pid: number): () => void {
  return guard('kill -s KILL -- "-$it"', String(pid));
}

function guard(undo: string, it: string): () => void {
  if (process.platform === 'win32') return () => undefined;
  const shell = startShell(`IFS= read -r it; read -r nothing; ${undo}`);
  shell.stdin?.write(`${it}\n`);
  return () => void shell.kill('SIGKILL');
}

/** In a session of its own, where neither Ctrl-C nor a signal to this process's group reaches it. */
function startShell(script: string): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', script], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => undefined); // no shell, no guard
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}

/** How long the shell waits for another process: most handlers that start one start more. */
const LINGER_MS = 1000;

/** Is told of processes that begin and end, and ends those that are left. */
const KEEPER = `
end() { for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || pgrep -P "$1"); do end "$child"; done; kill -9 "$1"; }
pids=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do end "$pid"; done`;

/** One shell for all processes: to start one for each would cost as much as many of them take, since what is forked here is large. */
class GuardedProcesses {
  private shell: ChildProcess | undefined;
  private count = 0;
  private linger: NodeJS.Timeout | undefined;

  add(pid: number): () => void {
    if (process.platform === 'win32') return () => undefined;
    clearTimeout(this.linger);
    this.count++;
    this.shell ??= startShell(KEEPER);
    this.shell.stdin?.write(`+ ${pid}\n`);
    return () => this.remove(pid);
  }

  private remove(pid: number): void {
    this.shell?.stdin?.write(`- ${pid}\n`);
    this.count--;
    if (this.count > 0) return;
    this.linger = setTimeout(() => {
      this.shell?.kill('SIGKILL');
      this.shell = undefined;
    }, LINGER_MS).unref();
  }
}

const processes = new GuardedProcesses();
