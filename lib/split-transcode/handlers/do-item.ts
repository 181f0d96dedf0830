import { join } from 'node:path';
import type { WorkItem } from './plan';
import { packetsOf } from './probe';
import { encodeAudio, encodeVideo } from './recipe';
import type { TranscodeSettings } from './settings';
import { withSource } from './source-server';
import { sizeOf, upload } from './store';
import { TranscodeError } from './transcode-error';
import { withFolder } from './work-folder';

export interface ItemAnswer {
  /** Whether it was there, from an earlier run or an earlier attempt. */
  readonly present: boolean;
}

/** What an encoder may add to the sound at each end, in samples: two frames of AAC. */
const AUDIO_SLACK = 2048;

/** Encodes one segment, or the sound, unless it is there. What is uploaded is counted before. */
export async function doItem(item: WorkItem, { source, scratch }: TranscodeSettings): Promise<ItemAnswer> {
  if ((await sizeOf(scratch.bucket, item.key)) !== undefined) return { present: true };
  return withFolder(async (folder) => {
    const file = join(folder, 'made.mp4');
    const metadata = await withSource(source.bucket, item.source, (url) => make(item, url, file));
    await upload(scratch.bucket, item.key, file, metadata);
    return { present: false };
  });
}

async function make(item: WorkItem, url: string, file: string): Promise<Record<string, string>> {
  if ('audio' in item) {
    const samples = await encodeAudio(url, item.audio, file);
    if (Math.abs(samples.made - samples.source) > AUDIO_SLACK) {
      throw new TranscodeError('EncodingFailed', `the sound has ${samples.made} samples, ${samples.source} in the source`);
    }
    return { samples: String(samples.made) };
  }
  await encodeVideo(url, item.window, item.video, file);
  const { length } = await packetsOf(file, 0);
  if (length !== item.window.frames) {
    throw new TranscodeError(
      'EncodingFailed',
      `the segment from frame ${item.window.first} on has ${length} frames, ${item.window.frames} expected: the source may be damaged there`,
    );
  }
  return { frames: String(length) };
}
