import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import { PLAYLIST } from './ffmpeg';
import type { Plan } from './plan';

export const s3 = new S3Client({ followRegionRedirects: true, maxAttempts: 5 });

const DELETED_AT_ONCE = 1000;

/** Asked by listing: without the permission to list everything, S3 answers a HEAD for what is not there with 403. */
export async function sizeOf(bucket: string, key: string): Promise<number | undefined> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  return Contents[0]?.Key === key ? Contents[0].Size : undefined;
}

/** @returns the object's metadata */
export async function download(bucket: string, key: string, file: string): Promise<Readonly<Record<string, string>>> {
  const { Body, Metadata = {} } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await pipeline(Body as Readable, createWriteStream(file));
  return Metadata;
}

/** What is done with an object, or undefined where it is not there, or is deleted meanwhile: S3 says 403 then to who may not list everything. */
export async function ifThere<T>(bucket: string, key: string, use: () => Promise<T>): Promise<T | undefined> {
  if ((await sizeOf(bucket, key)) === undefined) return undefined;
  try {
    return await use();
  } catch (error) {
    if ([403, 404].includes(statusOf(error) ?? 0) && (await sizeOf(bucket, key)) === undefined) return undefined;
    throw error;
  }
}

/** How often an upload is tried: a stream is used up then, and the SDK does not send it again by itself. */
const UPLOADS = 5;

/** In one request, so that an object is there whole or not at all. */
export async function upload(bucket: string, key: string, file: string, metadata?: Record<string, string>): Promise<void> {
  const { size } = await stat(file);
  const target = { Bucket: bucket, Key: key, ContentLength: size, ContentType: typeOf(file), Metadata: metadata };
  for (let attempt = 1; ; attempt++) {
    try {
      await s3.send(new PutObjectCommand({ ...target, Body: createReadStream(file) }));
      return;
    } catch (error) {
      if (attempt === UPLOADS || !isBusy(statusOf(error))) throw error;
      await sleep(100 * 2 ** attempt);
    }
  }
}

/** Whether it may go well the next time; without a status there was no answer. */
const isBusy = (status?: number): boolean => status === undefined || status === 429 || status >= 500;

export const typeOf = (name: string): string => (name.endsWith(PLAYLIST) ? 'application/vnd.apple.mpegurl' : 'video/mp4');

export async function writeText(
  bucket: string,
  key: string,
  text: string,
  more: Omit<PutObjectCommandInput, 'Bucket' | 'Key' | 'Body'> = {},
): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ...more }));
}

/** The object that an ETag says. @param bytes only so many from its beginning */
export async function readBytes(bucket: string, key: string, etag: string, bytes?: number): Promise<Buffer> {
  const Range = bytes === undefined ? undefined : `bytes=0-${bytes - 1}`;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
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
