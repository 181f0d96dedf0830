import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { statusOf } from '../../../lib/core/handlers/status-of';
import { RecordingError } from './recording-error';

/** An object as it was when it was measured. */
export interface Recording {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  /** As far as its head says. */
  readonly seconds?: number;
  /** Where its preview goes. */
  readonly preview: string;
}

export interface Buckets {
  readonly recordings: string;
  readonly previews: string;
}

/** The metadata of a preview that says what it was made of. */
export const MADE_OF = 'made-of';

export function bucketsFromEnvironment({ RECORDINGS, PREVIEWS }: Readonly<Record<string, string | undefined>>): Buckets {
  if (!RECORDINGS || !PREVIEWS) throw new Error('the environment variables RECORDINGS and PREVIEWS are needed');
  return { recordings: RECORDINGS, previews: PREVIEWS };
}

/**
 * Some of an object, at most `bytes` from its beginning, or all of it.
 * @throws NoSuchRecording; RecordingChanged when it is not what the ETag says
 */
export async function read(s3: S3Client, bucket: string, { key, etag, bytes }: { key: string; etag?: string; bytes?: number }) {
  const Range = bytes === undefined ? undefined : `bytes=0-${bytes - 1}`;
  try {
    const { Body, ETag = '', ContentRange } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range }));
    const data = Buffer.from((await Body?.transformToByteArray()) ?? []);
    return { data, etag: ETag, size: ContentRange ? Number(ContentRange.split('/')[1]) : data.length };
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) throw new RecordingError('NoSuchRecording', `s3://${bucket}/${key} is not there`);
    if (status === 412)
      throw new RecordingError('RecordingChanged', `s3://${bucket}/${key} is not what it was when the run began: start another run`);
    if (status === 416) throw new RecordingError('InvalidRecording', `s3://${bucket}/${key} has no bytes`);
    throw error;
  }
}

/** Whether the preview of exactly this recording is there. */
export async function isMade(s3: S3Client, bucket: string, { preview, etag }: Pick<Recording, 'preview' | 'etag'>): Promise<boolean> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: preview, MaxKeys: 1 }));
  if (Contents[0]?.Key !== preview) return false;
  return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: preview }))).Metadata?.[MADE_OF] === etag;
}
