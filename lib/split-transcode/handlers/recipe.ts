import { bytesIn, inputOf, run, ToolFailed, textOf } from './ffmpeg';
import { TranscodeError } from './transcode-error';

/** How a video is encoded: the same for every segment of a rendition, so that they can be joined without encoding again. */
export interface VideoSettings {
  /** Of the stream in the source. */
  readonly stream: number;
  readonly width: number;
  readonly height: number;
  /** x264's constant rate factor. */
  readonly quality: number;
  readonly maxKbps?: number;
  readonly preset: string;
  /** Frames from one key frame to the next. */
  readonly keyFrameEvery: number;
  /** Whether the source's frames are all shown for one `timeBase`; otherwise each keeps its time. */
  readonly constantRate: boolean;
  /** Seconds, as a fraction. */
  readonly timeBase: string;
  /** Ticks a second of the MP4 file. */
  readonly timescale: number;
}

export interface AudioSettings {
  readonly stream: number;
  readonly channels: number;
  readonly kbps: number;
}

const QUIETLY = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y'];
const BARE = ['-map_metadata', '-1', '-map_chapters', '-1'];

/** Encodes frames of a source, accurate to the frame, into an MP4 file without sound. */
export function encodeVideo(
  input: string,
  { seek, frames }: { readonly seek?: number; readonly frames: number },
  settings: VideoSettings,
  output: string,
): Promise<void> {
  const { stream, width, height, quality, maxKbps, preset, keyFrameEvery, constantRate, timeBase, timescale } = settings;
  const filters = [
    `scale=${width}:${height}`,
    'setsar=1',
    'format=yuv420p',
    `settb=${timeBase}`,
    `setpts=${constantRate ? 'N' : 'PTS-STARTPTS'}`,
  ];
  return encode([
    ...QUIETLY,
    ...(seek === undefined ? [] : ['-ss', seek.toFixed(6)]),
    ...[...inputOf(input), '-map', `0:${stream}`, '-frames:v', `${frames}`],
    ...['-vf', filters.join(','), '-fps_mode', 'passthrough', '-enc_time_base', timeBase],
    ...['-c:v', 'libx264', '-preset', preset, '-crf', `${quality}`],
    ...(maxKbps === undefined ? [] : ['-maxrate', `${maxKbps}k`, '-bufsize', `${2 * maxKbps}k`]),
    // Closed groups of pictures at fixed distances: no segment refers to another.
    ...['-flags', '+cgop', '-g', `${keyFrameEvery}`, '-keyint_min', `${keyFrameEvery}`, '-sc_threshold', '0'],
    ...BARE,
    ...['-video_track_timescale', `${timescale}`, '-f', 'mp4', output],
  ]);
}

/**
 * Encodes all the sound of a source, once: pieces of it would not join without gaps.
 * @returns the samples of one channel in the source, and in what was made
 */
export async function encodeAudio(
  input: string,
  { stream, channels, kbps }: AudioSettings,
  output: string,
): Promise<{ readonly source: number; readonly made: number }> {
  const source = await encode(
    [
      ...[...QUIETLY, ...inputOf(input), '-map', `0:${stream}`, '-c:a', 'aac', '-b:a', `${kbps}k`, '-ac', `${channels}`, ...BARE],
      ...['-f', 'mp4', output, '-map', `0:${stream}`, '-ac', '1', '-f', 's16le', 'pipe:1'],
    ],
    bytesIn,
  );
  return { source: source / 2, made: await samplesOf(output) };
}

/** Decoded samples of one channel of a file's sound. */
export async function samplesOf(input: string): Promise<number> {
  return (await encode([...QUIETLY, ...inputOf(input), '-map', '0:a:0', '-ac', '1', '-f', 's16le', 'pipe:1'], bytesIn)) / 2;
}

/** Of a file's sound as it is encoded, whatever the container. */
export function soundHash(input: string): Promise<string> {
  return encode([...QUIETLY, ...inputOf(input), '-map', '0:a:0', '-c', 'copy', '-f', 'streamhash', 'pipe:1'], textOf);
}

/** What is joined into a file. */
export interface Joined {
  /** File of ffmpeg's concat script, see `concatScript`. */
  readonly script: string;
  readonly timescale: number;
  /** How much later than the sound the picture begins, in seconds. */
  readonly videoStarts: number;
  readonly audio?: { readonly file: string; readonly starts: number };
  /** Stands in the file, so that no two plans give the same bytes: S3 tells objects apart by their ETags alone. */
  readonly comment: string;
}

/** Puts segments and sound together, without encoding again. */
export function join({ script, timescale, videoStarts, audio, comment }: Joined, output: string): Promise<void> {
  return encode([
    ...[...QUIETLY, '-itsoffset', videoStarts.toFixed(6), '-f', 'concat', '-safe', '0', '-i', script],
    ...(audio ? ['-itsoffset', audio.starts.toFixed(6), '-i', audio.file, '-map', '0:v:0', '-map', '1:a:0'] : ['-map', '0:v:0']),
    ...[
      '-c',
      'copy',
      ...BARE,
      '-metadata',
      `comment=${comment}`,
      '-video_track_timescale',
      `${timescale}`,
      '-movflags',
      '+faststart',
      '-f',
      'mp4',
      output,
    ],
  ]);
}

/** Seconds of a piece that a player loads at once: from the first key frame after so many to the next. */
const HLS_SECONDS = 6;

/** What is cut for HTTP live streaming: the segments of a rendition, or the sound. */
export interface Streamed {
  /** File of ffmpeg's concat script, or of the sound. */
  readonly input: string;
  /** Of a rendition. */
  readonly timescale?: number;
  /** How much later than the other it begins, in seconds. */
  readonly starts: number;
}

/**
 * Writes a playlist and beside it the one file that it is of, fragmented MP4, without encoding again. Its pieces begin at key frames; those are
 * at the same frames in each rendition, so a player can go from one to another.
 * @see https://www.rfc-editor.org/rfc/rfc8216
 */
export function stream(
  { input, timescale, starts }: Streamed,
  { playlist, media }: { readonly playlist: string; readonly media: string },
): Promise<void> {
  const isSound = timescale === undefined;
  return encode([
    ...[...QUIETLY, '-itsoffset', starts.toFixed(6)],
    ...(isSound ? inputOf(input) : ['-f', 'concat', '-safe', '0', '-i', input]),
    // What comes before the first frame that is shown, such as an encoder's delay, stays before it.
    ...['-map', isSound ? '0:a:0' : '0:v:0', '-c', 'copy', '-avoid_negative_ts', 'disabled', ...BARE],
    ...(isSound ? [] : ['-video_track_timescale', `${timescale}`]),
    ...['-f', 'hls', '-hls_time', `${HLS_SECONDS}`, '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4'],
    ...['-hls_flags', `single_file${isSound ? '' : '+independent_segments'}`, '-hls_segment_filename', media, playlist],
  ]);
}

/** The durations are given: what a file says of its own is rounded. */
export function concatScript(segments: readonly { readonly file: string; readonly seconds: number }[]): string {
  return segments.map(({ file, seconds }) => `file '${file.replaceAll("'", "'\\''")}'\nduration ${seconds.toFixed(6)}\n`).join('');
}

async function encode<T = void>(args: readonly string[], read?: Parameters<typeof run<T>>[2]): Promise<T> {
  try {
    return await run('ffmpeg', args, read);
  } catch (error) {
    throw error instanceof ToolFailed ? new TranscodeError('EncodingFailed', error.message) : error;
  }
}
