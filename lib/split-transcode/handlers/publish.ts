import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { partsOf } from './join-rendition';
import { multivariantOf } from './multivariant';
import { joinedKey, joinsOf, mediaOf, type Plan, type PlannedHls, playlistKey, SOUND } from './plan';
import { newerThan, publishedMetadata, publishedOf, publishTo, Superseded, type WriteCondition } from './published';
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

/** Nothing more of this version is to be seen: what stands there was made of a newer one. */
export interface NotPublished {
  /** That version. */
  readonly newer: string;
}

/**
 * Copies what was verified, exactly that, to where it is wanted, and what names the others last; then the parts go. Done again, it finds what it did.
 * It replaces what was made of an older version of the source, and nothing that was made of a newer one, also when runs of both publish at the same time.
 */
export async function publish(event: PublishEvent, settings: TranscodeSettings): Promise<Published | NotPublished> {
  const plan = await readPlan(settings.scratch.bucket, event.plan);
  const newer = await newerThan(plan, await publishedOf(plan, settings), settings);
  const published = newer === undefined ? await put(plan, event, settings).catch(notPublished) : { newer };
  await remove(settings.scratch.bucket, temporary(plan));
  return published;
}

function notPublished(error: unknown): NotPublished {
  if (error instanceof Superseded) return { newer: error.newer };
  throw error;
}

async function put(plan: Plan, event: PublishEvent, settings: TranscodeSettings): Promise<Published> {
  const { scratch, destination } = settings;
  const { renditions, hls } = plan;
  const verified = new Map(event.verified.map((one) => [one.rendition, one]));
  const streamed = [...renditions.filter((rendition) => rendition.hls), ...(hls?.sound ? [{ name: SOUND, output: hls.sound }] : [])];
  for (const { name, output } of renditions.filter((rendition) => !rendition.hls)) {
    await copy(joinedKey(plan, name), verified.get(name)?.etag, output);
  }
  for (const { name, output } of streamed) {
    await copy(joinedKey(plan, name), verified.get(name)?.etag, mediaOf(output));
    await copy(playlistKey(plan, name), verified.get(name)?.playlist, output);
  }
  if (hls) await publishTo(hls.playlist, plan, settings, (condition) => writeMultivariant(hls, condition));
  return {
    renditions: renditions.map(({ name, output, video: { width, height } }) => ({ name, key: output, width, height })),
    ...(hls && { playlist: hls.playlist }),
  };

  async function copy(key: string, etag: string | undefined, output: string): Promise<void> {
    const write = (condition: WriteCondition) =>
      s3.send(
        new CopyObjectCommand({
          Bucket: destination.bucket,
          Key: output,
          CopySource: encodeURI(`${scratch.bucket}/${key}`),
          CopySourceIfMatch: needed(key, etag),
          MetadataDirective: 'REPLACE',
          ContentType: typeOf(output),
          Metadata: publishedMetadata(plan),
          ...condition,
        }),
      );
    await asVerified(key, () => publishTo(output, plan, settings, write));
  }

  /** Nothing is read when it is there: the parts may have gone. */
  async function writeMultivariant({ playlist, sound, rate }: PlannedHls, condition: WriteCondition): Promise<void> {
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
    await writeText(destination.bucket, playlist, text, {
      ContentType: typeOf(playlist),
      Metadata: publishedMetadata(plan),
      ...condition,
    });
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
