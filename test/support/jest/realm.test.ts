import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each of two test files finds what the other must not have left behind, and leaves it. */
const FILE = `
  const { readFileSync } = require('node:fs');
  const counter = require('./counter');

  test('a module is the file’s own', () => expect(counter.next()).toBe(1));

  test('nothing is left of the file before', () => {
    expect(globalThis.left).toBeUndefined();
    expect(process.env.LEFT).toBeUndefined();
    expect(process.exitCode).toBeUndefined();
    expect(process.listenerCount('SIGUSR2')).toBe(0);
    expect(Error.left).toBeUndefined();
    expect(process.hrtime()).not.toBe('left');
    expect(Date.now()).toBeGreaterThan(Date.UTC(2020));
    expect(expect(1).toBeLeft).toBeUndefined();

    globalThis.left = 1;
    process.env.LEFT = '1';
    process.exitCode = 1;
    process.on('SIGUSR2', () => {});
    Error.left = 1;
    jest.spyOn(process, 'hrtime').mockReturnValue('left');
    jest.useFakeTimers({ now: 1 });
    expect.extend({ toBeLeft: () => ({ pass: true }) });
  });

  test('an error of Node.js is an Error', () => {
    let error;
    try { readFileSync('/there/is/none'); } catch (caught) { error = caught; }
    expect(error).toBeInstanceOf(Error);
  });
`;

const STRAY = `
  test('thrower', async () => {
    setImmediate(() => { throw new Error('stray'); });
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
  test('bystander', () => {});
`;

test('test files that run in one realm know nothing of each other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-realm-'));
  try {
    const config = {
      rootDir: folder,
      testEnvironment: join(__dirname, 'environment.cjs'),
      runtime: join(__dirname, 'runtime.cjs'),
      transform: {},
    };
    writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'counter.js'), 'let count = 0; exports.next = () => ++count;');
    for (const name of ['one', 'other']) writeFileSync(join(folder, `${name}.test.js`), FILE);
    writeFileSync(join(folder, 'stray.test.js'), STRAY);
    const jest = require.resolve('jest/bin/jest');
    const { status, stderr } = spawnSync(process.execPath, [jest, '--runInBand', '--config', join(folder, 'jest.config.json')], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(stderr).toContain('Tests:       1 failed, 7 passed, 8 total');
    // An error that nobody catches fails the test that it comes from.
    expect(stderr).toContain('● thrower');
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
