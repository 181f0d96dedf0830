import { eachLine, inputOf, run, ToolFailed, textOf } from './ffmpeg';
import { inverse, numberOf, type Rational, rationalOf } from './rational';
import { TranscodeError } from './transcode-error';

/** What has to be known of a source. Times are in seconds from where the file begins. */
export interface Media {
  readonly video: Video;
  readonly audio?: Audio;
}

export interface Video {
  /** Of the stream in the file. */
  readonly index: number;
  /** As it is to be seen: turned upright, with square pixels. */
  readonly width: number;
  readonly height: number;
  /** When each frame is shown, in the order of showing. */
  readonly frames: readonly number[];
  /** By the place in `frames`, in order. */
  readonly keyFrames: readonly number[];
  /** The exact rate, where there is one for all frames. */
  readonly rate?: Rational;
  readonly timeBase: Rational;
  /** How long the last frame is shown. */
  readonly lastSeconds: number;
}

export interface Audio {
  readonly index: number;
  readonly channels: number;
  readonly starts: number;
}

export interface Stream {
  readonly index: number;
  readonly codec_type?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly time_base?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly channels?: number;
  /** How many the container says there are. */
  readonly nb_frames?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

interface Streams {
  readonly streams?: readonly Stream[];
  readonly format?: { readonly start_time?: string; readonly duration?: string };
}

/** One frame, still encoded. */
export interface Packet {
  readonly pts: number;
  readonly duration: number;
  readonly key: boolean;
  /** By an edit list: it is decoded, and not shown. */
  readonly hidden: boolean;
}

/**
 * Reads what streams a file has and when each of its frames is shown. The frames are read, not derived from rate and duration: those say
 * nothing certain of how many there are.
 * @param input file name or URL
 */
export async function probe(input: string): Promise<Media> {
  const { streams, start } = await streamsOf(input);
  const video = streams.find(({ codec_type, disposition }) => codec_type === 'video' && !disposition?.attached_pic);
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  if (!video) throw new TranscodeError('NoVideo', `the source has no video: its streams are ${streams.map(kind).join(', ') || 'none'}`);
  return {
    video: await videoOf(input, video, start),
    ...(audio && { audio: { index: audio.index, channels: audio.channels ?? 2, starts: Number(audio.start_time ?? start) - start } }),
  };
}

/** The streams of a file, the time at which it begins, and how long it is. */
export async function streamsOf(input: string): Promise<{ streams: readonly Stream[]; start: number; seconds: number }> {
  try {
    const found = await run('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', ...inputOf(input)], textOf);
    const { streams = [], format } = JSON.parse(found) as Streams;
    return { streams, start: Number(format?.start_time ?? 0) || 0, seconds: Number(format?.duration) };
  } catch (error) {
    throw unreadable(error);
  }
}

/** The frames of a stream that are shown, by the time at which they are. */
export async function packetsOf(input: string, index: number): Promise<Packet[]> {
  return shownOf(await allPackets(input, index));
}

function shownOf(packets: readonly Packet[]): Packet[] {
  return packets.filter(({ hidden }) => !hidden).sort((a, b) => a.pts - b.pts);
}

async function allPackets(input: string, index: number): Promise<Packet[]> {
  const packets: Packet[] = [];
  const args = [
    '-v',
    'error',
    '-select_streams',
    `${index}`,
    '-show_entries',
    'packet=pts,duration,flags',
    '-of',
    'compact=p=0',
    ...inputOf(input),
  ];
  try {
    await run('ffprobe', args, (output) =>
      eachLine(output, (line) => {
        const fields = Object.fromEntries(line.split('|').map((field) => field.split('=') as [string, string]));
        const { pts = 'N/A', duration = 'N/A', flags = '' } = fields;
        packets.push({ pts: Number(pts), duration: Number(duration), key: flags.startsWith('K'), hidden: flags.includes('D') });
      }),
    );
  } catch (error) {
    throw unreadable(error);
  }
  if (packets.some(({ pts }) => Number.isNaN(pts))) {
    throw new TranscodeError(
      'UnreadableSource',
      'the source has frames without a time: put it into a container that has them, such as MP4',
    );
  }
  return packets;
}

async function videoOf(input: string, stream: Stream, start: number): Promise<Video> {
  const all = await allPackets(input, stream.index);
  if (all.length < Number(stream.nb_frames ?? 0)) {
    throw new TranscodeError('UnreadableSource', `the source is cut off: ${all.length} of its ${stream.nb_frames} frames are there`);
  }
  const packets = shownOf(all);
  if (packets.length === 0) throw new TranscodeError('NoFrames', 'the source has a video stream without a single frame');
  const timeBase = rationalOf(stream.time_base) ?? { num: 1, den: 1000 };
  const tick = numberOf(timeBase);
  const pts = packets.map((packet) => packet.pts);
  const rate = [rationalOf(stream.r_frame_rate), rationalOf(stream.avg_frame_rate)].find(
    (candidate) => candidate && isConstant(pts, tick, candidate),
  );
  const last = packets[packets.length - 1].duration;
  return {
    index: stream.index,
    ...shown(stream),
    frames: pts.map((time) => time * tick - start),
    keyFrames: packets.flatMap(({ key }, i) => (key ? [i] : [])),
    rate,
    timeBase,
    lastSeconds: rate
      ? numberOf(inverse(rate))
      : last > 0
        ? last * tick
        : packets.length > 1
          ? tick * (pts[pts.length - 1] - pts[pts.length - 2])
          : 0.04,
  };
}

/** Containers round: Matroska to milliseconds, MP4 to its own ticks. */
function isConstant(pts: readonly number[], tick: number, rate: Rational): boolean {
  const step = numberOf(inverse(rate));
  const slack = Math.min(step / 4, Math.max(1.01 * tick, 0.00101));
  return pts.every((time, i) => Math.abs((time - pts[0]) * tick - i * step) <= slack);
}

/** ffmpeg turns a picture upright as its file says, and its pixels may not be square. */
function shown({ width = 0, height = 0, sample_aspect_ratio = '', side_data_list = [] }: Stream): { width: number; height: number } {
  const aspect = rationalOf(sample_aspect_ratio.replace(':', '/'));
  const across = Math.round(width * (aspect ? numberOf(aspect) : 1));
  const turned = side_data_list.some(({ rotation }) => rotation !== undefined && Math.abs(rotation) % 180 === 90);
  return turned ? { width: height, height: across } : { width: across, height };
}

const kind = ({ codec_type = 'unknown', disposition }: Stream) => (disposition?.attached_pic ? 'a cover picture' : codec_type);

function unreadable(error: unknown): unknown {
  return error instanceof ToolFailed ? new TranscodeError('UnreadableSource', `the source can't be read: ${error.message}`) : error;
}
