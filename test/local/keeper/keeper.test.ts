import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs the lines in a process of its own, which prints one line of JSON and stays. */
async function hostOf<T>(lines: string) {
  const script = `const { spawn } = require('node:child_process');
    const start = (script, env) => spawn('sh', ['-c', script], { stdio: 'ignore', detached: true, env: { ...process.env, ...env } }).pid;
    ${lines}
    setInterval(() => {}, 1000);`;
  const env = { ...process.env, TMPDIR: folder };
  const host = spawn(process.execPath, ['--import', 'tsx', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [text] = await once(host.stdout, 'data');
  return { host, printed: JSON.parse(String(text)) as T };
}

test('processes end with a host that is killed outright, but for those that were let go', async () => {
  const { host, printed } = await hostOf<number[]>(`
    const { guardProcess } = require('./local/keeper/keeper.ts');
    const pids = ['sleep 60', 'exec sleep 60', 'sleep 60; true'].map((script) => start(script));
    const [, release] = pids.map((pid) => guardProcess(pid));
    release();
    process.stdout.write(JSON.stringify(pids));`);
  const [first, letGo, last] = printed;
  try {
    expect([first, letGo, last].map(lives)).toEqual([true, true, true]);
    host.kill('SIGKILL');
    while (lives(first) || lives(last)) await sleep(20);
    expect(lives(letGo)).toBe(true);
  } finally {
    for (const pid of [first, letGo, last].filter(lives)) process.kill(pid, 'SIGKILL');
  }
});

test('a temporary folder goes with its host, and so do the processes nobody told of that have it as theirs', async () => {
  const { host, printed } = await hostOf<{ mine: string; released: string; user: number; other: number }>(`
    const { TemporaryFolder } = require('./local/keeper/temporary-folder.ts');
    const [first, second] = [new TemporaryFolder(), new TemporaryFolder()];
    const [mine, released] = [first.folder(), second.folder()];
    second.dispose();
    require('node:fs').mkdirSync(released, { recursive: true }); // another's by now
    const [user, other] = [start('sleep 60; true', { TMPDIR: mine }), start('sleep 60; true', {})];
    process.stdout.write(JSON.stringify({ mine, released, user, other }));`);
  const { mine, released, user, other } = printed;
  try {
    expect([existsSync(mine), existsSync(released), lives(user), lives(other)]).toEqual([true, true, true, true]);
    host.kill('SIGKILL');
    while (existsSync(mine) || (process.platform === 'linux' && lives(user))) await sleep(20);
    expect([existsSync(released), lives(other)]).toEqual([true, true]);
  } finally {
    for (const pid of [user, other].filter(lives)) process.kill(pid, 'SIGKILL');
  }
});
