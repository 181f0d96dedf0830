import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { unzip } from '../assembly/zip';
import { guardFolder } from './guard';
import type { FunctionConfiguration } from './types';

/** Folders with the code of functions: an asset's own, or one that is made for a .zip file or for code in the template. */
export class CodeFolders {
  private readonly made = new Map<string, string>();
  private base?: string;
  private release?: () => void;

  of(fn: FunctionConfiguration): string {
    if (fn.inlineCode === undefined) return this.unpacked(fn.codeDirectory);
    const { inlineCode } = fn;
    return this.make(`inline ${inlineCode}`, (folder) => writeFileSync(path.join(folder, 'index.js'), inlineCode));
  }

  unpacked(location: string): string {
    const real = realpathSync(location);
    return statSync(real).isDirectory() ? real : this.make(real, (folder) => unzip(real, folder));
  }

  dispose = (): void => {
    process.off('exit', this.dispose);
    if (this.base) rmSync(this.base, { recursive: true, force: true });
    this.base = undefined;
    this.release?.();
    this.made.clear();
  };

  private make(key: string, fill: (folder: string) => void): string {
    const existing = this.made.get(key);
    if (existing) return existing;
    if (!this.base) {
      this.base = realpathSync(mkdtempSync(path.join(tmpdir(), 'stepworks-code-')));
      this.release = guardFolder(this.base);
      process.once('exit', this.dispose);
    }
    const folder = path.join(this.base, String(this.made.size));
    mkdirSync(folder);
    fill(folder);
    this.made.set(key, folder);
    return folder;
  }
}
