import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const QUIETLY = { ffmpeg: ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y'], ffprobe: ['-loglevel', 'error'] };

const MOST_OUTPUT = 2 ** 28;

/**
 * What ffmpeg or ffprobe write to their standard output: those of FFMPEG_PATH, as in the functions, or on PATH.
 * @throws without one, saying how to get it; and with what it says when it fails
 */
export function runTool(tool: keyof typeof QUIETLY, args: readonly string[]): Buffer {
  const ffmpeg = process.env.FFMPEG_PATH;
  const file = ffmpeg ? join(dirname(ffmpeg), tool) : tool;
  const { error, status, stdout, stderr } = spawnSync(file, [...QUIETLY[tool], ...args], { maxBuffer: MOST_OUTPUT });
  if (error) {
    throw new Error(
      `split-transcode runs the real ${tool}, and it did not start (${error.message}): install version 5.1 or later, for example with 'apt-get install ffmpeg' or 'brew install ffmpeg'`,
    );
  }
  if (status !== 0) throw new Error(`${tool} ended with ${status}: ${stderr}`);
  return stdout;
}

export function withTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-clip-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
