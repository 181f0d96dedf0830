import type { S3Client } from '@aws-sdk/client-s3';
import { RecordingError } from './recording-error';
import { type Buckets, isMade, type Recording, read } from './recordings';
import { readWav, secondsOf } from './wav';

export interface Measured extends Recording {
  /** Whether its preview is there already. */
  readonly present: boolean;
}

/** The head of a WAV file is 44 bytes long, unless a recorder puts notes there. */
const HEAD_BYTES = 65_536;

export interface MeasureEvent {
  readonly key: string;
  /** Of the recording that is meant. @default - whatever is there */
  readonly etag?: string;
}

/** Reads the head of a recording: what it takes to choose the worker, and whether there is anything to do. */
export async function measure({ key, etag: wanted }: MeasureEvent, s3: S3Client, { recordings, previews }: Buckets): Promise<Measured> {
  const { data, etag, size } = await read(s3, recordings, { key, etag: wanted, bytes: HEAD_BYTES });
  const wav = readWav(data);
  const end = wav.start + (wav.bytes ?? 0);
  if (end > size) throw new RecordingError('InvalidRecording', `the recording is cut off: ${size} of its ${end} bytes are there`);
  const recording = { key, etag, bytes: size, preview: `${key.replace(/\.[^./]*$/, '')}.json` };
  const seconds = secondsOf(wav);
  return { ...recording, ...(seconds !== undefined && { seconds }), present: await isMade(s3, previews, recording) };
}
