import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Kills processes and all that they started. */
export function killTrees(pids: Iterable<number>): void {
  const roots = [...pids];
  if (roots.length === 0) return;
  const children = childrenByParent();
  const doomed = new Set<number>();
  const visit = (pid: number) => {
    if (doomed.has(pid)) return;
    doomed.add(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  for (const root of roots) visit(root);
  for (const pid of doomed) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone already
    }
  }
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of processes()) children.set(parent, [...(children.get(parent) ?? []), pid]);
  return children;
}

function processes(): [pid: number, parent: number][] {
  try {
    if (process.platform === 'linux')
      return readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap(fromProc);
    if (process.platform === 'win32') return []; // only the process itself: Windows keeps no tree
    const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return list
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  } catch {
    return [];
  }
}

function fromProc(pid: string): [number, number][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8'); // pid (name) state parent …
    return [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
  } catch {
    return [];
  }
}
