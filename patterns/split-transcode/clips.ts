import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, withTemporaryFolder } from './tools';

const made = new Map<string, Uint8Array>();

/** A clip that ffmpeg makes of its own test picture, a counter that runs, and a tone. Made once. */
export function clip(options: {
  readonly seconds: number;
  readonly rate: string;
  readonly sound?: boolean;
  /** @default "256x144" */
  readonly size?: string;
  readonly encoder?: readonly string[];
}): Uint8Array {
  const { seconds, rate, sound = true, size = '256x144', encoder = ['-g', '50', '-bf', '2'] } = options;
  return ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
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
  const bytes = made.get(name) ?? withTemporaryFolder((folder) => make(join(folder, 'clip.mp4'), args));
  made.set(name, bytes);
  return bytes;
}

function make(file: string, args: readonly string[]): Uint8Array {
  runTool('ffmpeg', [...args, file]);
  return readFileSync(file);
}
