import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { isMadeOf, MADE_OF } from './make-plan';
import { audioKey, joinedKey, type Plan, segmentKey } from './plan';
import type { TranscodeSettings } from './settings';
import { readPlan, remove, s3 } from './store';
import { TranscodeError } from './transcode-error';

export interface PublishEvent {
  /** Key of the plan. */
  readonly plan: string;
  readonly verified: readonly { readonly rendition: string; readonly etag: string }[];
}

export interface Published {
  readonly renditions: readonly { readonly name: string; readonly key: string; readonly width: number; readonly height: number }[];
}

/** Copies what was verified, exactly that, to where it is wanted; then the parts go. Done again, it finds what it did. */
export async function publish(event: PublishEvent, { scratch, destination }: TranscodeSettings): Promise<Published> {
  const plan = await readPlan(scratch.bucket, event.plan);
  const etags = new Map(event.verified.map(({ rendition, etag }) => [rendition, etag]));
  for (const { name, output } of plan.renditions) await copy(plan, name, output, etags.get(name));
  await remove(scratch.bucket, partsOf(plan));
  return { renditions: plan.renditions.map(({ name, output, video: { width, height } }) => ({ name, key: output, width, height })) };

  async function copy({ fingerprint }: Plan, name: string, output: string, etag: string | undefined): Promise<void> {
    if (await isMadeOf(destination.bucket, output, fingerprint)) return;
    if (etag === undefined) throw new Error(`rendition '${name}' was not verified`);
    const key = joinedKey(plan, name);
    try {
      await s3.send(
        new CopyObjectCommand({
          Bucket: destination.bucket,
          Key: output,
          CopySource: encodeURI(`${scratch.bucket}/${key}`),
          CopySourceIfMatch: etag,
          MetadataDirective: 'REPLACE',
          ContentType: 'video/mp4',
          Metadata: { [MADE_OF]: fingerprint },
        }),
      );
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
function partsOf(plan: Plan): string[] {
  return [
    audioKey(plan),
    ...plan.renditions.flatMap(({ name }) => [...plan.windows.map((_, i) => segmentKey(plan, name, i)), joinedKey(plan, name)]),
  ];
}
