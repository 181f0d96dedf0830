import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder } from '../local/functions/guard';
import { undoAtEnd } from './at-end';

/** A folder that is gone afterwards, also when the process is stopped or killed meanwhile. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-'));
  const release = guardFolder(folder);
  const remove = undoAtEnd(() => {
    rmSync(folder, { recursive: true, force: true });
    release();
  });
  try {
    return await use(folder);
  } finally {
    await remove();
  }
}
