import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** The results bucket. */
export interface BucketTarget {
  readonly s3: S3Client;
  readonly bucket: string;
}

interface Manifest {
  readonly ResultFiles: { readonly [kind: string]: readonly { readonly Key: string }[] };
}

/** Keys of the result files that a manifest lists. */
export async function readManifest({ s3, bucket }: BucketTarget, key: string): Promise<string[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const { ResultFiles } = JSON.parse((await Body?.transformToString()) ?? '') as Manifest;
  return Object.values(ResultFiles).flatMap((files) => files.map(({ Key }) => Key));
}

/** The manifest in a folder: of a map run that was stopped, whose ARN the state machine isn't told. */
export async function findManifest({ s3, bucket }: BucketTarget, folder: string): Promise<string> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: `${folder}/` })) {
    const found = Contents.find(({ Key }) => Key?.endsWith('/manifest.json'))?.Key;
    if (found) return found;
  }
  throw new ResultsNotWritten(`no manifest below s3://${bucket}/${folder}/`);
}

/** The state retries it. */
class ResultsNotWritten extends Error {
  override readonly name = 'ResultsNotWritten';
}

/** The lines of a result file, read piece by piece: it can be larger than memory. */
export async function* recordLines({ s3, bucket }: BucketTarget, key: string): AsyncIterable<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  for await (const line of createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY })) if (line !== '') yield line;
}
