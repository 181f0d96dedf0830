import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const FFMPEG = process.env.FFMPEG_PATH || 'ffmpeg';

const there = spawnSync(FFMPEG, ['-version']).status === 0;

/** Where a tool is. */
export function whereIs(tool: 'ffmpeg' | 'ffprobe'): string {
  if (process.env.FFMPEG_PATH) return join(dirname(process.env.FFMPEG_PATH), tool);
  return execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
}

/** As `describe`, where there is an ffmpeg. */
export function describeWithFfmpeg(name: string, tests: () => void): void {
  if (there) describe(name, tests);
  else describe.skip(`${name} (there is no ffmpeg: install one, or say where it is with FFMPEG_PATH)`, tests);
}

export function ffmpeg(...args: string[]): void {
  execFileSync(FFMPEG, ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** A folder for the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-transcode-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What lavfi makes: a moving picture with a counter, and a tone. */
export function makeSource(
  file: string,
  {
    seconds = 8,
    rate = '30',
    size = '320x180',
    video = [] as string[],
    audio = true,
    soundSeconds = undefined as number | undefined,
    after = [] as string[],
  } = {},
): string {
  ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
    ...(audio ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${soundSeconds ?? seconds}`] : []),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...video, '-c:a', 'aac', ...after, file],
  );
  return file;
}

/** The bytes of a file that is made when they are first wanted. */
export function once(make: () => string): () => Uint8Array {
  let bytes: Uint8Array | undefined;
  return () => (bytes ??= readFileSync(make()));
}
