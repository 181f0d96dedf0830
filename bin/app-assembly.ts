import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Assembly, loadAssembly } from '../local';
import { guardProcessGroup } from '../local/keeper/keeper';
import { undoAtEnd } from './at-end';
import { AppError } from './commands/app-error';
import { UsageError } from './commands/usage-error';
import { inTemporaryFolder } from './temporary-folder';

/** Linux takes 128 KiB for one variable; the CDK reads what doesn't fit from a file. */
const LONGEST_VARIABLE = 100_000;

/** @param app folder that `cdk synth` wrote, or the command that makes it, as `app` in cdk.json */
export async function withAssembly<T>(app: string, use: (assembly: Assembly) => Promise<T>): Promise<T> {
  if (app.trim() === '') throw new UsageError('--app is empty: give what cdk synth wrote, or the command that makes it');
  if (existsSync(app) && statSync(app).isDirectory()) {
    if (!existsSync(join(app, 'manifest.json')))
      throw new UsageError(`the folder '${app}' holds no manifest.json: give what cdk synth wrote`);
    return use(await loadAssembly(app));
  }
  return inTemporaryFolder(async (folder) => {
    await synthesize(app, folder);
    return use(await loadAssembly(folder));
  });
}

/** Runs the command as the CDK's own command line does: https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html */
async function synthesize(command: string, outdir: string): Promise<void> {
  const context = JSON.stringify({
    ...readJson('cdk.json').context,
    ...readJson('cdk.context.json'),
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
  });
  const env: NodeJS.ProcessEnv = { ...process.env, CDK_OUTDIR: outdir };
  if (context.length <= LONGEST_VARIABLE) {
    env.CDK_CONTEXT_JSON = context;
  } else {
    env.CONTEXT_OVERFLOW_LOCATION_ENV = join(outdir, 'context.json');
    writeFileSync(env.CONTEXT_OVERFLOW_LOCATION_ENV, context);
  }
  await execute(command, env);
  const manifest = join(outdir, 'manifest.json');
  if (!existsSync(manifest)) {
    throw new UsageError(
      `the command '${command}' wrote no cloud assembly: it should make a CDK app, which writes to the folder $CDK_OUTDIR`,
    );
  }
  const missing: { key: string }[] = JSON.parse(readFileSync(manifest, 'utf8')).missing ?? [];
  if (missing.length > 0) {
    const keys = missing.map(({ key }) => key).join(', ');
    throw new AppError(`the app asks for what only the account knows (${keys}): run cdk synth once, which notes it in cdk.context.json`);
  }
}

function readJson(file: string): Record<string, unknown> & { readonly context?: object } {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AppError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** Its standard output goes to our standard error, so that `--json` prints nothing else. */
async function execute(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  // A group of its own, so that the shell's children end with it.
  const child = spawn(command, {
    shell: true,
    env,
    stdio: ['ignore', process.stderr, process.stderr],
    detached: process.platform !== 'win32',
  });
  const release = child.pid === undefined ? undefined : guardProcessGroup(child.pid);
  const stop = undoAtEnd(() => {
    kill(child.pid);
    release?.();
  });
  try {
    const ended = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ?? String(code)));
    });
    // The shell's own codes: it found none, or what can't be run.
    if (ended === '127' || ended === '126') throw new UsageError(`--app: '${command}' is neither a folder nor a command`);
    if (ended !== '0') throw new AppError(`the command '${command}' failed with ${ended}; what it wrote stands above`);
  } finally {
    await stop();
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // nothing of it is left
  }
}
