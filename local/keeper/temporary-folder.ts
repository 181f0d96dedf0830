import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder } from './keeper';

/** A folder of the host that is made when it is needed, and is gone afterwards, also when this process is killed. */
export class TemporaryFolder {
  private made?: { readonly path: string; release(): void };
  private count = 0;

  /** A path in it where nothing is yet. */
  place(): string {
    this.made ??= make();
    return join(this.made.path, String(this.count++));
  }

  /** An empty folder in it. */
  folder(): string {
    const folder = this.place();
    mkdirSync(folder);
    return folder;
  }

  dispose(): void {
    if (!this.made) return;
    // A process that was ended a moment ago may still have written something.
    rmSync(this.made.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    this.made.release();
    this.made = undefined;
  }
}

function make() {
  const path = join(realpathSync(tmpdir()), `stepworks-${randomBytes(6).toString('hex')}`);
  const release = guardFolder(path); // before it is there, so that it is never there alone
  mkdirSync(path, { mode: 0o700 });
  return { path, release };
}
