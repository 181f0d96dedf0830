import type { Artifact, Checksum, Metrics, ReviewReference } from './review';
import type { Place } from './settings';
import { objectsBelow, readText } from './store';

/** Who decided. */
export interface Approval {
  readonly decision: string;
  readonly by?: string;
  readonly at: string;
  readonly summaryHash: string;
  readonly votes?: readonly { readonly by: string; readonly decision: string; readonly at: string }[];
}

/** A file of a published model. */
export interface PublishedFile {
  readonly name: string;
  readonly bytes: number;
  readonly etag: string;
  readonly checksum?: Checksum;
  /** What it was copied from. */
  readonly source: Pick<Artifact, 'key' | 'versionId' | 'etag'>;
}

/**
 * What a published model is: `manifest.json` in its folder, and the same text in `current.json` of the model while it is in force. It is a
 * manifest as training runs write it, so that what was approved for one stage can be the source of the next.
 */
export interface PublishedModel {
  readonly model: string;
  readonly version: string;
  readonly trainedBy: string;
  /** Key prefix of the files. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly diagnostics: string;
  readonly metrics: Metrics;
  readonly artifacts: readonly PublishedFile[];
  readonly review: ReviewReference & { readonly bucket: string };
  readonly approval: Approval;
  /** Name of the run. */
  readonly execution: string;
}

/** The one object that says which version of a model is in force. */
export const currentKey = ({ prefix }: Place, model: string): string => `${prefix}${model}/current.json`;

/** What is in force, with the ETag of the pointer; undefined when nothing is yet. */
export async function readCurrent(
  destination: Place,
  model: string,
): Promise<{ readonly etag: string; readonly published: PublishedModel } | undefined> {
  const key = currentKey(destination, model);
  const etag = (await objectsBelow(destination.bucket, key)).get(key);
  return etag === undefined ? undefined : { etag, published: JSON.parse(await readText(destination.bucket, key)) as PublishedModel };
}
