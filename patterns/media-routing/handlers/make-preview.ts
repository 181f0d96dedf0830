import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { decode } from './decode';
import { type Buckets, isMade, MADE_OF, type Recording, read } from './recordings';
import { readWav } from './wav';
import { waveformOf } from './waveform';

/**
 * Makes the preview of a recording, in a function or in a container alike. It holds all of the sound in memory, decoded: that is why a
 * function can't take every recording. Done again, it finds what it did.
 */
export async function makePreview(
  recording: Recording,
  s3: S3Client,
  { recordings, previews }: Buckets,
): Promise<{ readonly present: boolean }> {
  if (await isMade(s3, previews, recording)) return { present: true };
  const { data } = await read(s3, recordings, recording);
  const wav = readWav(data);
  const sound = data.subarray(wav.start, wav.bytes === undefined ? undefined : wav.start + wav.bytes);
  const waveform = waveformOf(decode(wav, sound), wav.rate);
  await s3.send(
    new PutObjectCommand({
      Bucket: previews,
      Key: recording.preview,
      Body: JSON.stringify(waveform),
      ContentType: 'application/json',
      Metadata: { [MADE_OF]: recording.etag },
    }),
  );
  return { present: false };
}
