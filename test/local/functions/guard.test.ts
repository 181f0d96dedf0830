import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Lets go of the second of its processes, and tells their numbers. */
const HOST = `
const { spawn } = require('node:child_process');
const { guardProcess } = require('./local/functions/guard.ts');
const pids = ['sleep 60', 'exec sleep 60', 'sleep 60; true'].map((script) => spawn('sh', ['-c', script], { stdio: 'ignore', detached: true }).pid);
const [, release] = pids.map((pid) => guardProcess(pid));
release();
process.stdout.write(JSON.stringify(pids));
setInterval(() => {}, 1000);
`;

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('processes end with a host that is killed outright, but for those that were let go', async () => {
  const host = spawn(process.execPath, ['--import', 'tsx', '-e', HOST], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(host.stdout, 'data');
  const [first, letGo, last] = JSON.parse(String(text)) as number[];
  try {
    expect([first, letGo, last].map(lives)).toEqual([true, true, true]);
    host.kill('SIGKILL');
    while (lives(first) || lives(last)) await sleep(20);
    expect(lives(letGo)).toBe(true);
  } finally {
    for (const pid of [first, letGo, last].filter(lives)) process.kill(pid, 'SIGKILL');
  }
});
