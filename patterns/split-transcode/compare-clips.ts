import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, withTemporaryFolder } from './tools';

/** Of a frame and the one it was made of. One that is shown a frame too early or late has 0.85. */
const LEAST_SSIM = 0.9;

/** What an encoder may add to the sound at each end, in samples: two frames of AAC. */
const AUDIO_SLACK = 2048;

interface Probed {
  readonly streams: readonly {
    readonly codec_type: string;
    readonly width?: number;
    readonly height?: number;
    readonly nb_read_packets: string;
  }[];
}

const compared = new Map<string, readonly string[]>();

/**
 * How a file differs from the clip that it should show: frame by frame what is to be seen, and how long it sounds. Knows nothing of plans
 * and segments. The same two files are compared once.
 * @param size of the picture: "160x90"
 * @returns in words; nothing where it shows the clip
 */
export function differences(made: Uint8Array, source: Uint8Array, size: string): readonly string[] {
  const key = [size, ...[made, source].map((bytes) => createHash('sha256').update(bytes).digest('hex'))].join(' ');
  const found = compared.get(key) ?? withTemporaryFolder((folder) => compare(folder, made, source, size));
  compared.set(key, found);
  return found;
}

function compare(folder: string, made: Uint8Array, source: Uint8Array, size: string): string[] {
  const [madeFile, sourceFile] = [join(folder, 'made.mp4'), join(folder, 'source.mp4')];
  writeFileSync(madeFile, made);
  writeFileSync(sourceFile, source);
  const [is, shouldBe] = [madeFile, sourceFile].map(streamsOf);
  const problems: string[] = [];
  if (is.size !== size) problems.push(`its picture is ${is.size}, not ${size}`);
  if (is.frames !== shouldBe.frames) problems.push(`it has ${is.frames} frames, the clip ${shouldBe.frames}`);
  if (Math.abs(is.samples - shouldBe.samples) > AUDIO_SLACK)
    problems.push(`it has ${is.samples} samples of sound, the clip ${shouldBe.samples}`);
  if (problems.length > 0) return problems;
  const likeness = likenesses(madeFile, sourceFile, size);
  const other = likeness.findIndex((one) => !(one >= LEAST_SSIM));
  if (likeness.length !== is.frames) return [`${likeness.length} of its ${is.frames} frames can be seen`];
  return other < 0 ? [] : [`its frame ${other} is another than the clip's: a likeness of ${likeness[other]}`];
}

function streamsOf(file: string): { readonly size: string; readonly frames: number; readonly samples: number } {
  const { streams } = JSON.parse(
    runTool('ffprobe', [
      '-count_packets',
      '-show_entries',
      'stream=codec_type,width,height,nb_read_packets',
      '-of',
      'json',
      file,
    ]).toString(),
  ) as Probed;
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  const hasSound = streams.some(({ codec_type }) => codec_type === 'audio');
  const samples = hasSound ? runTool('ffmpeg', ['-i', file, '-map', '0:a:0', '-ac', '1', '-f', 's16le', 'pipe:1']).length / 2 : 0;
  return { size: `${video?.width}x${video?.height}`, frames: Number(video?.nb_read_packets ?? 0), samples };
}

/** SSIM of each frame, in order. */
function likenesses(made: string, source: string, size: string): number[] {
  const inOrder = 'settb=1/25,setpts=N';
  const graph = `[0:v:0]${inOrder}[made];[1:v:0]scale=${size.replace('x', ':')},${inOrder}[source];[made][source]ssim=stats_file=-`;
  const lines = runTool('ffmpeg', ['-i', made, '-i', source, '-lavfi', graph, '-f', 'null', '-']).toString();
  return [...lines.matchAll(/ All:([\d.]+)/g)].map(([, one]) => Number(one));
}
