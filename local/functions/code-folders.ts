import { realpathSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { unzip } from '../assembly/zip';
import type { TemporaryFolder } from '../keeper/temporary-folder';
import type { FunctionConfiguration } from './types';

/** Folders with the code of functions: an asset's own, or one that is made for a .zip file or for code in the template. */
export class CodeFolders {
  private readonly made = new Map<string, string>();

  constructor(private readonly temporary: TemporaryFolder) {}

  of(fn: FunctionConfiguration): string {
    if (fn.inlineCode === undefined) return this.unpacked(fn.codeDirectory);
    const { inlineCode } = fn;
    return this.make(`inline ${inlineCode}`, (folder) => writeFileSync(path.join(folder, 'index.js'), inlineCode));
  }

  unpacked(location: string): string {
    const real = realpathSync(location);
    return statSync(real).isDirectory() ? real : this.make(real, (folder) => unzip(real, folder));
  }

  private make(key: string, fill: (folder: string) => void): string {
    const existing = this.made.get(key);
    if (existing) return existing;
    const folder = this.temporary.folder();
    fill(folder);
    this.made.set(key, folder);
    return folder;
  }
}
