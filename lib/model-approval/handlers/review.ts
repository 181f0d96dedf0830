import { createHash } from 'node:crypto';
import { ModelError } from './model-error';
import type { Place } from './settings';
import { objectsBelow, readText, writeJson } from './store';

/** S3's own, or what the object was uploaded with. */
export interface Checksum {
  readonly algorithm: string;
  readonly value: string;
  readonly type?: string;
}

/** One version of a file: what can't change any more. */
export interface Artifact {
  /** Below the manifest's folder. */
  readonly name: string;
  readonly key: string;
  readonly versionId: string;
  readonly etag: string;
  readonly bytes: number;
  readonly contentType?: string;
  readonly checksum?: Checksum;
}

export type Metrics = Readonly<Record<string, string | number | boolean>>;

/** What is decided about. */
export interface Review {
  readonly model: string;
  readonly version: string;
  readonly trainedBy: string;
  readonly manifest: { readonly key: string; readonly versionId: string };
  readonly diagnostics: string;
  readonly metrics: Metrics;
  readonly artifacts: readonly Artifact[];
}

/** Where a review is kept, and the SHA-256 of its text, in hexadecimal, which the reviewers see. */
export interface ReviewReference {
  readonly key: string;
  readonly sha256: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function writeReview({ bucket, prefix }: Place, name: string, review: Review): Promise<ReviewReference> {
  const text = JSON.stringify(review);
  const key = `${prefix}${name}.json`;
  await writeJson(bucket, key, text);
  return { key, sha256: sha256(text) };
}

/** @throws ModelError when it is not, to the letter, what the reviewers were shown the hash of */
export async function readReview({ bucket }: Place, { key, sha256: expected }: ReviewReference): Promise<Review> {
  const text = (await objectsBelow(bucket, key)).has(key) ? await readText(bucket, key) : '';
  const found = sha256(text);
  if (found !== expected) {
    throw new ModelError('ReviewChanged', `s3://${bucket}/${key} has the SHA-256 ${found}, and what was reviewed ${expected}`);
  }
  return JSON.parse(text) as Review;
}

/** Where the files of a review are copied to: a folder that no other review has. */
export function folderOf({ prefix }: Place, { model, version }: Review, reference: ReviewReference): string {
  return `${prefix}${model}/${version}/${reference.sha256.slice(0, 16)}/`;
}
