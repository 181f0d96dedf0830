import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { partsOf } from './join-rendition';
import { isMadeOf, MADE_OF } from './make-plan';
import { multivariantOf } from './multivariant';
import { joinedKey, joinsOf, mediaOf, type Plan, type PlannedHls, playlistKey, SOUND } from './plan';
import type { TranscodeSettings } from './settings';
import { readBytes, readPlan, remove, s3, typeOf, writeText } from './store';
import { TranscodeError } from './transcode-error';

export interface PublishEvent {
  /** Key of the plan. */
  readonly plan: string;
  readonly verified: readonly Verified[];
}

interface Verified {
  readonly rendition: string;
  readonly etag: string;
  /** ETag of its playlist, for HLS. */
  readonly playlist?: string;
}

export interface Published {
  readonly renditions: readonly { readonly name: string; readonly key: string; readonly width: number; readonly height: number }[];
  /** Key of the multivariant playlist. */
  readonly playlist?: string;
}

/** Enough of a file for HLS to have its encoder's settings. */
const HEAD_BYTES = 4096;

/** Copies what was verified, exactly that, to where it is wanted, and what names the others last; then the parts go. Done again, it finds what it did. */
export async function publish(event: PublishEvent, { scratch, destination }: TranscodeSettings): Promise<Published> {
  const plan = await readPlan(scratch.bucket, event.plan);
  const { fingerprint, renditions, hls } = plan;
  const verified = new Map(event.verified.map((one) => [one.rendition, one]));
  const streamed = [...renditions.filter((rendition) => rendition.hls), ...(hls?.sound ? [{ name: SOUND, output: hls.sound }] : [])];
  for (const { name, output } of renditions.filter((rendition) => !rendition.hls)) {
    await copy(joinedKey(plan, name), verified.get(name)?.etag, output);
  }
  for (const { name, output } of streamed) {
    await copy(joinedKey(plan, name), verified.get(name)?.etag, mediaOf(output));
    await copy(playlistKey(plan, name), verified.get(name)?.playlist, output);
  }
  if (hls) await writeMultivariant(hls);
  await remove(scratch.bucket, temporary(plan));
  return {
    renditions: renditions.map(({ name, output, video: { width, height } }) => ({ name, key: output, width, height })),
    ...(hls && { playlist: hls.playlist }),
  };

  async function copy(key: string, etag: string | undefined, output: string): Promise<void> {
    if (await isMadeOf(destination.bucket, output, fingerprint)) return;
    const command = new CopyObjectCommand({
      Bucket: destination.bucket,
      Key: output,
      CopySource: encodeURI(`${scratch.bucket}/${key}`),
      CopySourceIfMatch: needed(key, etag),
      MetadataDirective: 'REPLACE',
      ContentType: typeOf(output),
      Metadata: { [MADE_OF]: fingerprint },
    });
    await asVerified(key, () => s3.send(command));
  }

  async function writeMultivariant({ playlist, sound, rate }: PlannedHls): Promise<void> {
    if (await isMadeOf(destination.bucket, playlist, fingerprint)) return;
    const read = (key: string, etag: string | undefined, bytes?: number) =>
      asVerified(key, () => readBytes(scratch.bucket, key, needed(key, etag), bytes));
    const playlists = new Map<string, string>();
    for (const { name } of streamed) playlists.set(name, `${await read(playlistKey(plan, name), verified.get(name)?.playlist)}`);
    const uriOf = (output: string) => output.slice(playlist.lastIndexOf('/') + 1);
    const variants = await Promise.all(
      renditions
        .filter((rendition) => rendition.hls)
        .map(async ({ name, output, video: { width, height } }) => ({
          ...{ uri: uriOf(output), playlist: playlists.get(name) ?? '', width, height },
          head: await read(joinedKey(plan, name), verified.get(name)?.etag, HEAD_BYTES),
        })),
    );
    const text = multivariantOf({
      variants,
      rate,
      ...(sound && { sound: { uri: uriOf(sound), playlist: playlists.get(SOUND) ?? '' } }),
    });
    await writeText(destination.bucket, playlist, text, { ContentType: typeOf(playlist), Metadata: { [MADE_OF]: fingerprint } });
  }

  function needed(key: string, etag: string | undefined): string {
    if (etag === undefined) throw new Error(`s3://${scratch.bucket}/${key} was not verified`);
    return etag;
  }

  async function asVerified<T>(key: string, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (statusOf(error) !== 412 && statusOf(error) !== 404) throw error;
      throw new TranscodeError(
        'OutputChanged',
        `s3://${scratch.bucket}/${key} is not what was verified: another run of the same source is under way`,
      );
    }
  }
}

/** The plan stays, for whoever asks what was done; it expires. */
function temporary(plan: Plan): string[] {
  return [...new Set(joinsOf(plan).flatMap((name) => [...partsOf(plan, name), joinedKey(plan, name), playlistKey(plan, name)]))];
}
