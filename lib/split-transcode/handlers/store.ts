import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Plan } from './plan';

export const s3 = new S3Client({ followRegionRedirects: true, maxAttempts: 5 });

const DELETED_AT_ONCE = 1000;

/** Asked by listing: without the permission to list everything, S3 answers a HEAD for what is not there with 403. */
export async function sizeOf(bucket: string, key: string): Promise<number | undefined> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  return Contents[0]?.Key === key ? Contents[0].Size : undefined;
}

export async function metadataOf(bucket: string, key: string): Promise<Readonly<Record<string, string>>> {
  return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).Metadata ?? {};
}

export async function download(bucket: string, key: string, file: string): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await pipeline(Body as Readable, createWriteStream(file));
}

/** In one request, so that an object is there whole or not at all. */
export async function upload(bucket: string, key: string, file: string, metadata?: Record<string, string>): Promise<void> {
  const { size } = await stat(file);
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: createReadStream(file),
      ContentLength: size,
      ContentType: 'video/mp4',
      Metadata: metadata,
    }),
  );
}

export async function writeText(bucket: string, key: string, text: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
}

export async function readPlan(bucket: string, key: string): Promise<Plan> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return JSON.parse((await Body?.transformToString()) ?? '') as Plan;
}

/** What is not there is none the worse for it. */
export async function remove(bucket: string, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += DELETED_AT_ONCE) {
    const Objects = keys.slice(i, i + DELETED_AT_ONCE).map((Key) => ({ Key }));
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0)
      throw new Error(`${Errors.length} objects were not deleted, the first is ${Errors[0].Key}: ${Errors[0].Message}`);
  }
}
