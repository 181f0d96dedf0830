/** S3 beside the services that it works with, behind the real gateway. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { createKms } from '../../../../local/services/kms';
import { createLambda } from '../../../../local/services/lambda';
import { createS3, type S3Service } from '../../../../local/services/s3';
import { createSns } from '../../../../local/services/sns';
import { createSqs } from '../../../../local/services/sqs';
import { ELSEWHERE, onlyHere } from '../elsewhere';
import { TestRuntime, World } from '../world';

export interface Harness {
  readonly world: World;
  readonly service: S3Service;
  readonly runtime: TestRuntime;
  readonly s3: S3Client;
  client(roleArn?: string, options?: Partial<S3ClientConfig>): S3Client;
  /** What is in a bucket. */
  contents(name: string): Contents;
  /** A fresh bucket's name. */
  bucket(properties?: Record<string, unknown>): Promise<string>;
}

export interface Contents {
  keys(): Promise<string[]>;
  get(key: string): Promise<Buffer | undefined>;
  put(key: string, body: Uint8Array | string): Promise<void>;
}

/** Of another emulator it is asked for; here it is looked at. */
function contentsElsewhere(s3: S3Client, Bucket: string): Contents {
  return {
    async keys() {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key }) => Key as string);
    },
    async get(Key) {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return Buffer.from((await Body?.transformToByteArray()) as Uint8Array);
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined;
        throw error;
      }
    },
    async put(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
  };
}

function contentsHere(service: S3Service, name: string): Contents {
  const bucket = service.bucket(name);
  return { keys: async () => bucket.keys(), get: async (key) => bucket.get(key), put: (key, body) => bucket.put(key, body) };
}

export async function start(): Promise<Harness> {
  const runtime = new TestRuntime();
  let service!: S3Service;
  const world = await World.start((cloud) => {
    const kms = createKms(cloud);
    service = createS3(cloud, kms.keyArn);
    return [service, kms, createSqs(cloud, 'http://queues', kms.keyArn), createSns(cloud, kms.keyArn), createLambda(cloud, runtime)];
  });
  let buckets = 0;
  const client = (roleArn?: string, options: Partial<S3ClientConfig> = {}) =>
    new S3Client({ ...world.client(roleArn), forcePathStyle: true, ...options });
  const s3 = client();
  return {
    world,
    get service() {
      return ELSEWHERE ? onlyHere('what the service itself tells') : service;
    },
    runtime,
    s3,
    client,
    contents: (name) => (ELSEWHERE ? contentsElsewhere(s3, name) : contentsHere(service, name)),
    async bucket(properties = {}) {
      buckets += 1;
      const { ref } = await world.create('AWS::S3::Bucket', `Bucket${buckets}`, { BucketName: `bucket-${buckets}`, ...properties });
      return ref;
    },
  };
}

/** Bytes that look like nothing, the same ones every time: a block, again and again, of a prime length so that no framing falls in with it. */
export function noise(size: number, seed = 1): Buffer {
  const random = seeded(seed);
  return Buffer.alloc(
    size,
    Uint8Array.from({ length: 65_521 }, () => Math.floor(random() * 256)),
  );
}

/** A generator for tests of properties. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}
