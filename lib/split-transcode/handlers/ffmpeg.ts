import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { TranscodeError } from './transcode-error';

type Tool = 'ffmpeg' | 'ffprobe';

/** Enough of what ffmpeg says for a cause. */
const SAID_CHARACTERS = 800;

/** What it says when disk or memory is full. Where memory is short the system may kill it instead, and it says nothing. */
const TOO_LITTLE = /No space left on device|Cannot allocate memory/;

/** What ffmpeg wrote to its standard error when it ended otherwise than well. */
export class ToolFailed extends Error {}

/** In `FFMPEG_PATH`, with ffprobe beside it; otherwise on PATH, which has a layer's `/opt/bin` on Lambda. */
function fileOf(tool: Tool): string {
  const given = process.env.FFMPEG_PATH;
  if (!given) return tool;
  return tool === 'ffmpeg' ? given : join(dirname(given), tool);
}

/**
 * Runs ffmpeg or ffprobe to its end.
 * @param read what becomes of the standard output @default - it is thrown away
 * @throws ToolFailed when it ends with an error, with what it said; WorkerTooSmall when it lacked memory or disk
 */
export async function run<T = void>(tool: Tool, args: readonly string[], read?: (output: Readable) => Promise<T>): Promise<T> {
  const file = fileOf(tool);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS);
  });
  const ended = new Promise<Error | undefined>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missing(tool, file) : error));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(undefined);
      const message = `${tool} ended with ${signal ?? `code ${code}`}: ${said.trim() || 'it said nothing'}`;
      resolve(signal === 'SIGKILL' || TOO_LITTLE.test(said) ? new TranscodeError('WorkerTooSmall', message) : new ToolFailed(message));
    });
  });
  if (!read) child.stdout.resume();
  const [failure, result] = await Promise.all([ended, read?.(child.stdout)]);
  if (failure) throw failure;
  return result as T;
}

/** Containers that hold what they show. Playlists, scripts and the like would have ffmpeg read other files and addresses. */
const CONTAINERS = 'mov,matroska,webm,mpegts,mpeg,avi,flv,mxf,asf,ogg,gxf,dv,mp3,wav,flac,aac';

/** An input of ffmpeg or ffprobe, which reads it and nothing else, whatever stands in it. A playlist is one that was made here. */
export function inputOf(input: string): string[] {
  const protocols = input.startsWith('http://') ? 'http,tcp' : 'file';
  const formats = protocols === 'file' && input.endsWith(PLAYLIST) ? `hls,${CONTAINERS}` : CONTAINERS;
  return ['-protocol_whitelist', protocols, '-format_whitelist', formats, '-i', input];
}

/** What the name of a playlist ends in. */
export const PLAYLIST = '.m3u8';

function missing(tool: Tool, file: string): TranscodeError {
  const hint =
    'give the construct an ffmpegLayer that has bin/ffmpeg and bin/ffprobe, or ffmpegPath; on your own machine install ffmpeg or set FFMPEG_PATH';
  return new TranscodeError('FfmpegMissing', `${tool} was not found (looked for '${file}' on ${process.env.PATH}): ${hint}`);
}

export async function textOf(output: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export async function bytesIn(output: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of output) bytes += (chunk as Buffer).length;
  return bytes;
}

export async function eachLine(output: Readable, use: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: output })) if (line !== '') use(line);
}
