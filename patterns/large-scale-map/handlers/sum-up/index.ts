import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { NO_TRAFFIC, type Traffic, together } from '../traffic';

const s3 = new S3Client({});

/** Where the results of a bulk run are. */
export interface SumUpEvent {
  readonly bucket: string;
  readonly manifest: string;
}

/** Adds up what every batch counted. */
export async function handler({ bucket, manifest }: SumUpEvent): Promise<Traffic> {
  let traffic = NO_TRAFFIC;
  for (const key of await succeededFiles(bucket, manifest)) {
    for await (const line of lines(bucket, key)) {
      const output = JSON.parse(JSON.parse(line).Output) as { result: Traffic };
      traffic = together(traffic, output.result);
    }
  }
  return traffic;
}

async function succeededFiles(bucket: string, manifest: string): Promise<string[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: manifest }));
  const { ResultFiles } = JSON.parse((await Body?.transformToString()) ?? '');
  return ResultFiles.SUCCEEDED.map(({ Key }: { Key: string }) => Key);
}

async function* lines(bucket: string, key: string): AsyncIterable<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  for await (const line of createInterface({ input: Body as Readable })) if (line !== '') yield line;
}
