import { type ChildProcess, spawn } from 'node:child_process';

/**
 * What is left behind when this process is killed outright, so that none of its own code runs any more, somebody else has to put away: a
 * shell that waits for its input to end. On Windows, which has none, it stays.
 */

/** A folder, there already or not yet, and each process whose `TMPDIR` or `CDK_OUTDIR` lies in it (this on Linux only). */
export const guardFolder = (folder: string): (() => void) => keeper.add(`folder ${folder}`);

/** A process, and all that it started. */
export const guardProcess = (pid: number): (() => void) => keeper.add(`process ${pid}`);

/** The processes of a group. */
export const guardProcessGroup = (pid: number): (() => void) => keeper.add(`group ${pid}`);

/** How long the shell waits for the next one: to start it takes time, since what is forked here is large. */
const LINGER_MS = 1000;

/**
 * Who knows a process only once it runs is late at times: what starts between a kill and the end of this process is found by its
 * environment. Until it runs its own program, which takes a moment, it holds this shell's input open, so that none is missed.
 */
const SCRIPT = `
end() { for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || pgrep -P "$1"); do end "$child"; done; kill -9 "$1"; }
users() { grep -lF -e "TMPDIR=$1" -e "CDK_OUTDIR=$1" /proc/[0-9]*/environ | tr -cd '0-9\\n'; }
while IFS= read -r line; do
  case $line in
    '+ '*) set -- "$@" "\${line#* }" ;;
    '- '*) for kept do shift; [ "$kept" = "\${line#* }" ] || set -- "$@" "$kept"; done ;;
  esac
done
for kept do
  it=\${kept#* }
  case $kept in
    'process '*) end "$it" ;;
    'group '*) kill -s KILL -- "-$it" ;;
    'folder '*)
      while sleep 0.1; found=$(users "$it"); [ "$found" ]; do kill -9 $found; done
      rm -rf -- "$it"
      ;;
  esac
done`;

/** One shell for all. What it gives for a thing lets go of it, which must be gone by then. */
class Keeper {
  private shell: ChildProcess | undefined;
  private count = 0;
  private linger: NodeJS.Timeout | undefined;

  add(it: string): () => void {
    if (process.platform === 'win32') return () => undefined;
    clearTimeout(this.linger);
    this.count++;
    this.shell ??= startShell();
    this.shell.stdin?.write(`+ ${it}\n`);
    return () => this.remove(it);
  }

  private remove(it: string): void {
    this.shell?.stdin?.write(`- ${it}\n`);
    this.count--;
    if (this.count > 0) return;
    this.linger = setTimeout(() => {
      this.shell?.kill('SIGKILL');
      this.shell = undefined;
    }, LINGER_MS).unref();
  }
}

/** In a session of its own, where neither Ctrl-C nor a signal to this process's group reaches it. */
function startShell(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => undefined); // no shell, no keeper
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}

const keeper = new Keeper();
