import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { withFolder } from '../../../../lib/split-transcode/handlers/work-folder';

const disk = mkdtempSync(join(os.tmpdir(), 'stepworks-disk-'));
beforeAll(() => jest.spyOn(os, 'tmpdir').mockReturnValue(disk));
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(disk, { recursive: true });
});

test('is there for as long as it is used, however that ends', async () => {
  const folders: string[] = [];
  await expect(
    withFolder(async (folder) => {
      folders.push(folder);
      writeFileSync(join(folder, 'part.mp4'), 'frames');
      throw new Error('cut off');
    }),
  ).rejects.toThrow('cut off');
  expect(dirname(folders[0])).toBe(disk);
  expect(readdirSync(disk)).toEqual([]);
});

test('what a process has left that is no more goes, of one that lives it stays', async () => {
  const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
  const [left, used, other] = [`stepworks-transcode-${gone}-a`, `stepworks-transcode-${process.pid}-b`, 'transcode-of-others'];
  for (const name of [left, used, other]) {
    mkdirSync(join(disk, name));
    writeFileSync(join(disk, name, 'joined.mp4'), 'frames');
  }
  const there = await withFolder(async () => [left, used, other].map((name) => existsSync(join(disk, name, 'joined.mp4'))));
  expect(there).toEqual([false, true, true]);
});
