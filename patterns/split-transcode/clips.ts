import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Map<string, Uint8Array>();

/** A clip that ffmpeg makes of its own test picture, a counter that runs, and a tone. Made once. */
export function clip(options: {
  readonly seconds: number;
  readonly rate: string;
  readonly sound?: boolean;
  readonly encoder?: readonly string[];
}): Uint8Array {
  const { seconds, rate, sound = true, encoder = ['-g', '50', '-bf', '2'] } = options;
  return ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=size=256x144:rate=${rate}:duration=${seconds}`],
    ...(sound ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`] : []),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...encoder, '-c:a', 'aac', '-movflags', '+faststart'],
  ]);
}

/** A tone, and nothing to see. */
export function tone(seconds: number): Uint8Array {
  return ffmpeg(['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`, '-c:a', 'aac']);
}

/** @throws without an ffmpeg, saying how to get one */
function ffmpeg(args: readonly string[]): Uint8Array {
  const name = args.join(' ');
  const known = made.get(name);
  if (known) return known;
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-clip-'));
  try {
    const file = join(folder, 'clip.mp4');
    const { error, status, stderr } = spawnSync('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args, file], {
      encoding: 'utf8',
    });
    if (error) {
      throw new Error(
        `split-transcode runs the real ffmpeg, and there is none on PATH (${error.message}): install version 5.1 or later, for example with 'apt-get install ffmpeg' or 'brew install ffmpeg'`,
      );
    }
    if (status !== 0) throw new Error(`ffmpeg made no clip: ${stderr}`);
    const bytes = readFileSync(file);
    made.set(name, bytes);
    return bytes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
